//! What happens to leases by the guard: who falls silent, is heard again, and is let go.

use std::sync::Arc;

use super::expire::{Ticked, expired};
use super::state::Registry;
use crate::change::{Cause, Change, ReleaseReason};
use crate::guard::{SAMPLE_SIZE, Sample, Scope};
use crate::lease::cell::LeaseState;
use crate::lease::{Lease, LeaseId, Standing};
use crate::model::Instance;
use crate::tick::Tick;
use crate::view::Listed;

impl Registry {
    /// A beat came for a lease that was silent or is adaptive, and its renewal said so. Answers what is
    /// concluded, to be applied at once.
    pub fn returned(&mut self, now: Tick, lease: LeaseId) -> Vec<Change> {
        let session = self.leases.get(lease).and_then(|lease| lease.terms().session());
        match session.filter(|session| self.sessions.find(*session).is_some()) {
            // One word speaks for all of its leases.
            Some(session) => self.session_returned(now, session),
            None => self.lease_returned(now, lease),
        }
    }

    pub(super) fn lease_returned(&mut self, now: Tick, lease: LeaseId) -> Vec<Change> {
        let Some(lease) = self.leases.get(lease).map(Arc::clone) else { return Vec::new() };
        if lease.read().watched() {
            // It is silent again already: then its next beat is told of.
            return Vec::new();
        }
        let Some(listed) = self.catalog.listed(lease.key()).cloned() else { return Vec::new() };
        if lease.standing() == Standing::Held {
            if self.staged.contains_key(lease.key()) {
                // A command about it waits for the disk; it is looked at again soon.
                return Vec::new();
            }
            self.leases.interrupt(&lease);
        }
        self.take_lease_news(now, &lease);
        match lease.standing() {
            Standing::Heard => {}
            Standing::Unheard => {
                self.stand(&lease, Standing::Heard);
                self.guard.heard(&listed.instance);
            }
            Standing::Silent => {
                self.stand(&lease, Standing::Heard);
                self.guard.spoke(now, lease.id(), &listed.instance);
            }
            Standing::Held => return self.unhold(now, &lease, &listed),
        }
        Vec::new()
    }

    fn unhold(&mut self, now: Tick, lease: &Lease, listed: &Listed) -> Vec<Change> {
        self.stand(lease, Standing::Heard);
        let held = self.guard.spoke(now, lease.id(), &listed.instance).unwrap_or_default();
        if listed.leases.iter().any(|other| other.standing() == Standing::Held) {
            return Vec::new();
        }
        let instance = Instance { held: false, ..Instance::clone(&listed.instance) };
        vec![Change::Updated { instance: Arc::new(instance), cause: Cause::Returned { held } }]
    }

    pub(super) fn fell_silent(&mut self, lease: &Lease) {
        self.stand(lease, Standing::Silent);
        if let Some(listed) = self.catalog.listed(lease.key()) {
            self.guard.fell_silent(&listed.instance);
        }
    }

    pub(super) fn stand(&mut self, lease: &Lease, standing: Standing) {
        lease.stand(standing);
        self.sessions.note_standing(lease);
    }

    /// What the guard does as time passes: listens to the others, lets hosts go.
    pub(super) fn guard_tick(
        &mut self,
        now: Tick,
        heard_until: Tick,
        mut budget: usize,
        ticked: &mut Ticked,
    ) {
        for scope in self.guard.scopes_to_listen_to(heard_until) {
            let sample = Sample::take(heard_until, self.leases_heard_in(&scope).iter().map(Arc::as_ref));
            let leases = &self.leases;
            self.guard.listen(heard_until, &scope, sample, |id| leases.get(id).map(Arc::as_ref));
        }
        while budget > 0
            && let Some((scope, host, leases, reason)) = self.guard.leaving(heard_until)
        {
            let mut postponed = false;
            for id in leases {
                budget = budget.saturating_sub(1);
                let Some(lease) = self.leases.get(id).map(Arc::clone) else { continue };
                if self.staged.contains_key(lease.key()) {
                    postponed = true;
                    continue;
                }
                ticked.changes.extend(self.let_go(now, &lease, &reason));
            }
            if postponed {
                self.guard.put_back(&scope, host);
                break;
            }
        }
        self.guard.end_what_is_over(now);
        if let Some(deadline) = self.guard.next_deadline(heard_until) {
            ticked.more |= budget == 0 && deadline <= heard_until;
            // A release need not be proven anew, but a lease must not leave while its beat is unread.
            ticked.wants_own_beat |= heard_until < deadline && deadline <= now;
        }
    }

    fn let_go(&mut self, now: Tick, lease: &Lease, reason: &ReleaseReason) -> Vec<Change> {
        let word = lease.read();
        if word.state() == LeaseState::Gone {
            // Its longest hold was over in this very tick.
            return Vec::new();
        }
        let excused = self.hearing.deadline(word.beat(), lease.allowance(word), lease.terms()).excused;
        let mut silence = self.silence(now, lease, word, excused);
        silence.guard = self.guard.word_to(now, lease.id(), reason.clone());
        if word.watched() && lease.expire(word).is_ok() {
            return vec![expired(lease, silence)];
        }
        self.returned(now, lease.id())
    }

    /// Leases of a scope that are heard, evenly from all of it.
    fn leases_heard_in(&self, scope: &Scope) -> Vec<Arc<Lease>> {
        let all = |listed: &Listed| listed.leases.to_vec();
        let heard = |lease: &Arc<Lease>| lease.standing() == Standing::Heard;
        match scope {
            Scope::Service(name) => {
                let Some(view) = self.catalog.service(name.as_str()) else { return Vec::new() };
                let step = (view.len() / SAMPLE_SIZE).max(1);
                view.iter().step_by(step).flat_map(all).filter(heard).take(SAMPLE_SIZE).collect()
            }
            Scope::Registry => {
                let step = (self.catalog.counts().total() / SAMPLE_SIZE).max(1);
                let listed = self.catalog.services().flat_map(|view| view.iter());
                listed.step_by(step).flat_map(all).filter(heard).take(SAMPLE_SIZE).collect()
            }
            Scope::Zone(zone) => {
                let listed = self.catalog.services().flat_map(|view| view.iter());
                let within = listed.filter(|row| row.instance.profile.zone.as_deref() == Some(zone));
                let leases: Vec<_> = within.flat_map(all).filter(heard).collect();
                let step = (leases.len() / SAMPLE_SIZE).max(1);
                leases.into_iter().step_by(step).take(SAMPLE_SIZE).collect()
            }
        }
    }
}
