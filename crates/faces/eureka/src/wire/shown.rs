//! [`Shown`]: an instance as it is shown, before it becomes text.

use std::borrow::Cow;

use lubdub_core::delta::Action;
use lubdub_core::model::{Metadata, Status};

use super::instance::Port;
use super::stored::StoredDataCenter;

/// An instance as it is shown; absent texts are left out of the document. Times are
/// milliseconds since 1970.
#[derive(Debug, Clone)]
pub(crate) struct Shown<'a> {
    /// None where the registrant gave none.
    pub(crate) instance_id: Option<Cow<'a, str>>,
    pub(crate) host_name: &'a str,
    /// Upper case.
    pub(crate) app: &'a str,
    pub(crate) ip_addr: &'a str,
    pub(crate) sid: Option<&'a str>,
    pub(crate) status: Status,
    pub(crate) overridden_status: Status,
    pub(crate) port: Port,
    pub(crate) secure_port: Port,
    pub(crate) country_id: i32,
    pub(crate) data_center: StoredDataCenter<'a>,
    pub(crate) lease: LeaseShown,
    pub(crate) metadata: Cow<'a, Metadata>,
    pub(crate) app_group_name: Option<&'a str>,
    pub(crate) home_page_url: Option<Cow<'a, str>>,
    pub(crate) status_page_url: Option<Cow<'a, str>>,
    pub(crate) health_check_url: Option<Cow<'a, str>>,
    pub(crate) secure_health_check_url: Option<Cow<'a, str>>,
    pub(crate) vip_address: Option<&'a str>,
    pub(crate) secure_vip_address: Option<&'a str>,
    pub(crate) asg_name: Option<&'a str>,
    pub(crate) last_updated: u64,
    pub(crate) last_dirty: u64,
    pub(crate) action: Action,
}

/// A lease as it is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LeaseShown {
    pub(crate) renewal_interval_secs: u64,
    pub(crate) duration_secs: u64,
    pub(crate) registered: u64,
    pub(crate) last_renewal: u64,
    /// When it left; 0 while it is there.
    pub(crate) evicted: u64,
    /// When it was first `UP`; 0 if never.
    pub(crate) service_up: u64,
}

/// The name of an action in documents.
pub(super) const fn action_name(action: Action) -> &'static str {
    match action {
        Action::Added => "ADDED",
        Action::Modified => "MODIFIED",
        Action::Deleted => "DELETED",
    }
}

/// The Java class and the name of a data centre: without the class Java cannot read it.
pub(super) const fn class_and_name(data_center: &StoredDataCenter<'_>) -> (&'static str, &'static str) {
    const DEFAULT: &str = "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo";
    match data_center {
        StoredDataCenter::MyOwn => (DEFAULT, "MyOwn"),
        StoredDataCenter::Netflix => (DEFAULT, "Netflix"),
        StoredDataCenter::Amazon(_) => ("com.netflix.appinfo.AmazonInfo", "Amazon"),
    }
}

/// What is shown for metadata that is empty, instead of nothing.
pub(super) const EMPTY_MAP: &str = "java.util.Collections$EmptyMap";

/// What the compact form keeps of Amazon's description.
pub(super) fn kept_in_compact(name: &str) -> bool {
    matches!(name, "instance-id" | "public-ipv4" | "public-hostname" | "local-ipv4" | "availability-zone")
}
