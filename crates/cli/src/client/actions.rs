//! What an operator can have done: each path of the REST face that changes something.

use serde_json::json;
use ureq::http::Method;

use super::path::{path, with_query};
use super::wire::{Instance, LogFilter, Released, Scope};
use super::{Acted, Client, Operator};
use crate::failure::Failure;

/// Which instance is acted on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    /// Its service, in any case.
    pub(crate) service: &'a str,
    /// Its id, exactly.
    pub(crate) id: &'a str,
    /// The node that scopes its id; usually empty.
    pub(crate) node: &'a str,
}

/// An instance that an operator removed.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Removed {}

impl Subject<'_> {
    /// Its path, and what follows on it.
    pub(super) fn path(&self, rest: &[&str]) -> String {
        let own = path(&[&["api", "v1", "services", self.service, "instances", self.id], rest].concat());
        with_query(&own, &[("node", Some(self.node).filter(|node| !node.is_empty()))])
    }
}

impl Client {
    /// Has a status count instead of the one that an instance reports.
    pub(crate) fn set_override(
        &self,
        subject: Subject<'_>,
        status: &str,
        operator: &Operator,
    ) -> Result<Acted<Instance>, Failure> {
        let body = json!({ "status": status }).to_string();
        self.act(&Method::PUT, &subject.path(&["override"]), &body, operator)
    }

    /// Has an instance's own report count again.
    pub(crate) fn clear_override(
        &self,
        subject: Subject<'_>,
        operator: &Operator,
    ) -> Result<Acted<Instance>, Failure> {
        self.act(&Method::DELETE, &subject.path(&["override"]), "", operator)
    }

    /// Has an instance offered again that damping keeps out.
    pub(crate) fn clear_damping(
        &self,
        subject: Subject<'_>,
        operator: &Operator,
    ) -> Result<Acted<Instance>, Failure> {
        self.act(&Method::DELETE, &subject.path(&["damping"]), "", operator)
    }

    /// Removes an instance.
    pub(crate) fn remove(
        &self,
        subject: Subject<'_>,
        operator: &Operator,
    ) -> Result<Acted<Removed>, Failure> {
        self.act(&Method::DELETE, &subject.path(&[]), "", operator)
    }

    /// Lets those go that the guard holds in a scope.
    pub(crate) fn release(&self, scope: &Scope, operator: &Operator) -> Result<Acted<Released>, Failure> {
        let body = match &scope.name {
            Some(name) => json!({ "scope": { "kind": scope.kind, "name": name } }),
            None => json!({ "scope": { "kind": scope.kind } }),
        };
        self.act(&Method::POST, "/api/v1/guard/release", &body.to_string(), operator)
    }

    /// Has the registry log something else from now on.
    pub(crate) fn set_log_filter(
        &self,
        filter: &str,
        operator: &Operator,
    ) -> Result<Acted<LogFilter>, Failure> {
        let body = json!({ "filter": filter }).to_string();
        self.act(&Method::PUT, "/api/v1/log", &body, operator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_acted_on_by_its_path_and_where_it_has_one_its_node() {
        let plain = Subject { service: "orders", id: "a/b", node: "" };
        assert_eq!(plain.path(&["override"]), "/api/v1/services/orders/instances/a%2Fb/override");
        let scoped = Subject { node: "n 1", ..plain };
        assert_eq!(scoped.path(&[]), "/api/v1/services/orders/instances/a%2Fb?node=n%201");
    }
}
