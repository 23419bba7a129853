//! [`Pick`]: whom a call goes to, counted as in flight for as long as it is held.

use std::sync::Arc;

use lubdub_detect::Tick;

use crate::node::Node;

/// A node with what its user keeps for it.
#[derive(Debug)]
pub(crate) struct Member<T> {
    pub(crate) node: Arc<Node>,
    pub(crate) item: T,
}

/// Whom a call goes to. The call counts as in flight until this is dropped, so keep it until the answer has ended.
#[derive(Debug)]
#[must_use = "the call counts as over as soon as this is dropped"]
pub struct Pick<T> {
    member: Arc<Member<T>>,
    began: Tick,
}

impl<T> Pick<T> {
    pub(crate) fn of(member: &Arc<Member<T>>, now: Tick) -> Self {
        member.node.begin();
        Self { member: Arc::clone(member), began: now }
    }

    /// What was given with the endpoint.
    pub fn item(&self) -> &T {
        &self.member.item
    }

    /// The endpoint's name.
    pub fn id(&self) -> &str {
        self.member.node.id()
    }

    /// The endpoint with its load.
    pub fn node(&self) -> &Arc<Node> {
        &self.member.node
    }

    /// When it was picked.
    pub fn began(&self) -> Tick {
        self.began
    }

    /// The answer came: its latency is from the pick until now.
    pub fn answered(&self, now: Tick) {
        self.member.node.answered(now.micros_since(self.began), now);
    }

    /// No answer came, or one that says that the endpoint is in trouble. It counts as a latency of
    /// [`failure_latency`](crate::Config::failure_latency) at least.
    pub fn failed(&self, now: Tick) {
        self.member.node.failed(now.micros_since(self.began), now);
    }
}

impl<T> Drop for Pick<T> {
    fn drop(&mut self) {
        self.member.node.end();
    }
}
