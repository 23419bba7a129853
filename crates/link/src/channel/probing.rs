//! Probing: while an endpoint is unavailable there is one task that asks it, and otherwise none. So how long one endpoint
//! takes to answer, or not to, delays no other.

use std::sync::Weak;
use std::sync::atomic::Ordering;

use tokio::time::{sleep_until, timeout};

use super::link::{Common, Link};

/// Probes an endpoint until it is back, is listed no more, or its channel is gone.
pub(super) async fn probe(link: Weak<Link>, common: Weak<Common>) {
    loop {
        let (at, wait) = {
            let (Some(link), Some(common)) = (link.upgrade(), common.upgrade()) else { return };
            let Some(due) = link.next_probe() else { return };
            (common.clock.instant(due), common.settings.probe_timeout)
        };
        // Nothing is held meanwhile, so that waiting keeps neither alive.
        sleep_until(at).await;
        let (Some(link), Some(common)) = (link.upgrade(), common.upgrade()) else { return };
        if !link.probe() {
            continue;
        }
        common.probes.fetch_add(1, Ordering::Relaxed);
        let beat = common.probe.ask(&common.service, link.wire().clone());
        let was_answered = timeout(wait, beat).await.unwrap_or(false);
        link.probed(was_answered);
    }
}
