//! [`Instance`]: an instance as its registrant wrote it, read leniently: numbers or texts, `null`
//! for absent, both spellings of `overriddenStatus`, a bare number for a port, no `@class`.
//! What cannot be accepted is told with field, value and expectation.

use lubdub_core::Fault;
use lubdub_core::model::Status;

use super::tree::Node;
use crate::wire::Format;

/// An instance as its registrant wrote it. Texts that name it are absent where they are blank;
/// others are kept as they are, because some clients look for what they sent.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_field_names, reason = "these are Eureka's names")]
pub(crate) struct Instance {
    pub(crate) instance_id: Option<String>,
    pub(crate) host_name: Option<String>,
    pub(crate) app: Option<String>,
    pub(crate) ip_addr: Option<String>,
    pub(crate) sid: Option<String>,
    pub(crate) status: Status,
    pub(crate) overridden_status: Status,
    pub(crate) port: Port,
    pub(crate) secure_port: Port,
    pub(crate) country_id: i32,
    pub(crate) data_center: DataCenter,
    /// `leaseInfo.durationInSecs`.
    pub(crate) lease_duration_secs: Option<i64>,
    /// `leaseInfo.renewalIntervalInSecs`.
    pub(crate) renewal_interval_secs: Option<i64>,
    pub(crate) metadata: Vec<(String, String)>,
    pub(crate) app_group_name: Option<String>,
    pub(crate) home_page_url: Option<String>,
    pub(crate) status_page_url: Option<String>,
    pub(crate) health_check_url: Option<String>,
    pub(crate) secure_health_check_url: Option<String>,
    pub(crate) vip_address: Option<String>,
    pub(crate) secure_vip_address: Option<String>,
    pub(crate) asg_name: Option<String>,
    /// Milliseconds since 1970, by the registrant's clock.
    pub(crate) last_dirty_timestamp: Option<i64>,
}

/// A port and whether it is in use; 0 is no port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Port {
    pub(crate) number: u16,
    pub(crate) enabled: bool,
}

/// Where an instance runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DataCenter {
    MyOwn,
    Netflix,
    Amazon(Vec<(String, String)>),
}

impl DataCenter {
    /// An entry of Amazon's description.
    pub(crate) fn entry(&self, name: &str) -> Option<&str> {
        match self {
            Self::Amazon(entries) => {
                entries.iter().find_map(|(known, value)| (known == name).then_some(value.as_str()))
            }
            Self::MyOwn | Self::Netflix => None,
        }
    }
}

impl Instance {
    /// Reads the member (or root element) `instance`.
    pub(super) fn read(root: &Node, format: Format) -> Result<Self, Fault> {
        let node = match root.member("instance") {
            Some(node @ Node::Map(_)) => node,
            Some(other) => return Err(other.fault("instance", "an object")),
            None => return Err(root.fault("instance", "the root of the document")),
        };
        let name = |field| name(node, field);
        let text = |field| text(node, field);
        let lease = object(node, "leaseInfo")?;
        let in_lease =
            |name, field| lease.and_then(|lease| lease.member(name)).map(|node| node.integer(field));
        Ok(Self {
            instance_id: name("instanceId")?,
            host_name: name("hostName")?,
            app: name("app")?,
            ip_addr: name("ipAddr")?,
            sid: name("sid")?,
            status: status(node, "status", format)?.unwrap_or(Status::Up),
            overridden_status: match status(node, "overriddenStatus", format)? {
                Some(status) => status,
                None => status(node, "overriddenstatus", format)?.unwrap_or(Status::Unknown),
            },
            port: port(node, "port", Port { number: 7001, enabled: true })?,
            secure_port: port(node, "securePort", Port { number: 7002, enabled: false })?,
            country_id: country(node)?,
            data_center: data_center(node)?,
            lease_duration_secs: in_lease("durationInSecs", "leaseInfo.durationInSecs").transpose()?,
            renewal_interval_secs: in_lease("renewalIntervalInSecs", "leaseInfo.renewalIntervalInSecs")
                .transpose()?,
            metadata: entries(node, "metadata")?,
            app_group_name: text("appGroupName")?,
            home_page_url: text("homePageUrl")?,
            status_page_url: text("statusPageUrl")?,
            health_check_url: text("healthCheckUrl")?,
            secure_health_check_url: text("secureHealthCheckUrl")?,
            vip_address: text("vipAddress")?,
            secure_vip_address: text("secureVipAddress")?,
            asg_name: text("asgName")?,
            last_dirty_timestamp: node
                .member("lastDirtyTimestamp")
                .filter(|node| !is_blank(node))
                .map(|node| node.integer("lastDirtyTimestamp"))
                .transpose()?,
        })
    }
}

fn text(node: &Node, field: &'static str) -> Result<Option<String>, Fault> {
    node.member(field).map(|node| node.text(field)).transpose()
}

/// A text that is not blank.
fn name(node: &Node, field: &'static str) -> Result<Option<String>, Fault> {
    Ok(text(node, field)?.filter(|text| !text.trim().is_empty()))
}

fn is_blank(node: &Node) -> bool {
    matches!(node, Node::Text(text) if text.trim().is_empty())
}

/// A member that is an object; an empty element is an empty object, and counts as absent.
fn object<'a>(node: &'a Node, field: &'static str) -> Result<Option<&'a Node>, Fault> {
    match node.member(field) {
        Some(blank) if is_blank(blank) => Ok(None),
        Some(Node::Map(_)) | None => Ok(node.member(field)),
        Some(other) => Err(other.fault(field, "an object")),
    }
}

/// A status that is no status's name is `UNKNOWN`, as Eureka reads it: clients may know more
/// names than the registry. XML is read without regard to case, JSON exactly.
fn status(node: &Node, field: &'static str, format: Format) -> Result<Option<Status>, Fault> {
    let Some(text) = name(node, field)? else { return Ok(None) };
    let name = match format {
        Format::Json => text,
        Format::Xml => text.trim().to_ascii_uppercase(),
    };
    Ok(Some(name.parse().unwrap_or(Status::Unknown)))
}

fn port(node: &Node, field: &'static str, default: Port) -> Result<Port, Fault> {
    let Some(node) = node.member(field).filter(|node| !is_blank(node)) else { return Ok(default) };
    let (number, enabled) = match node {
        Node::Map(_) => (node.member("$"), node.member("@enabled")),
        Node::List(_) => return Err(node.fault(field, "a port from 0 to 65535")),
        bare => (Some(bare), None),
    };
    let number = match number {
        None => default.number,
        Some(node) => {
            let number = node.integer(field)?;
            u16::try_from(number).map_err(|_| Fault::new(field, number, "a port from 0 to 65535"))?
        }
    };
    let enabled = enabled.map_or(Ok(default.enabled), |node| node.boolean(field))?;
    Ok(Port { number, enabled })
}

fn country(node: &Node) -> Result<i32, Fault> {
    let Some(node) = node.member("countryId").filter(|node| !is_blank(node)) else { return Ok(1) };
    let number = node.integer("countryId")?;
    i32::try_from(number).map_err(|_| Fault::new("countryId", number, "a number of 32 bits"))
}

fn data_center(node: &Node) -> Result<DataCenter, Fault> {
    let missing = || Fault::new("dataCenterInfo", "", "an object with a name");
    let info = object(node, "dataCenterInfo")?.ok_or_else(missing)?;
    let name = info.member("name").ok_or_else(missing)?.text("dataCenterInfo.name")?;
    match name.trim() {
        "MyOwn" => Ok(DataCenter::MyOwn),
        "Netflix" => Ok(DataCenter::Netflix),
        "Amazon" => Ok(DataCenter::Amazon(entries(info, "metadata")?)),
        other => Err(Fault::new("dataCenterInfo.name", other, "one of MyOwn, Amazon, Netflix")),
    }
}

/// Names and values; what names a Java class is dropped. Names that a `null` follows are kept
/// without a value.
fn entries(node: &Node, field: &'static str) -> Result<Vec<(String, String)>, Fault> {
    let Some(Node::Map(members)) = object(node, field)? else { return Ok(Vec::new()) };
    let named = members.iter().filter(|(name, _)| name != "@class");
    named.map(|(name, value)| Ok((name.clone(), value.text(field)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::read_instance;

    const LEAST: &str =
        r#""app":"ORDERS","hostName":"h","ipAddr":"10.0.0.7","dataCenterInfo":{"name":"MyOwn"}"#;

    fn json(more: &str) -> Result<Instance, Fault> {
        read_instance(Format::Json, &format!("{{\"instance\":{{{LEAST}{more}}}}}"))
    }

    #[test]
    fn absent_members_have_eurekas_defaults() {
        let instance = json("").unwrap();
        assert_eq!((instance.status, instance.overridden_status), (Status::Up, Status::Unknown));
        assert_eq!(instance.port, Port { number: 7001, enabled: true });
        assert_eq!(instance.secure_port, Port { number: 7002, enabled: false });
        assert_eq!(
            (instance.country_id, instance.sid.as_deref(), instance.lease_duration_secs),
            (1, None, None)
        );
        assert_eq!(json(r#","status":null,"port":null,"leaseInfo":null,"metadata":null"#).unwrap(), instance);
    }

    #[test]
    fn members_are_read_in_every_shape_that_clients_send() {
        let number = |more| json(more).unwrap().port;
        for more in [
            r#","port":{"$":8080,"@enabled":"true"}"#,
            r#","port":{"$":"8080","@enabled":true}"#,
            r#","port":{"$":8080}"#,
            r#","port":8080"#,
            r#","port":"8080""#,
        ] {
            assert_eq!(number(more), Port { number: 8080, enabled: true }, "{more}");
        }
        assert!(!number(r#","port":{"$":8080,"@enabled":false}"#).enabled);
        for more in [r#","overriddenStatus":"DOWN""#, r#","overriddenstatus":"DOWN""#] {
            assert_eq!(json(more).unwrap().overridden_status, Status::Down);
        }
        for more in [r#","lastDirtyTimestamp":"1700""#, r#","lastDirtyTimestamp":1700"#] {
            assert_eq!(json(more).unwrap().last_dirty_timestamp, Some(1700));
        }
        assert_eq!(json(r#","status":"WELL""#).unwrap().status, Status::Unknown);
        assert_eq!(json(r#","status":"up""#).unwrap().status, Status::Unknown);
        let metadata = json(r#","metadata":{"@class":"x","a":1,"b":true,"c":null}"#).unwrap().metadata;
        assert_eq!(
            metadata,
            [("a", "1"), ("b", "true"), ("c", "")].map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
    }

    #[test]
    fn xml_is_read_like_json() {
        let xml = "<instance><app>ORDERS</app><hostName>h</hostName><ipAddr>10.0.0.7</ipAddr>\
            <status>down</status><overriddenstatus>up</overriddenstatus><port enabled=\"false\">80</port>\
            <securePort enabled=\"true\">443</securePort>\
            <dataCenterInfo class=\"com.netflix.appinfo.AmazonInfo\"><name>Amazon</name>\
            <metadata><instance-id>i-1</instance-id></metadata></dataCenterInfo>\
            <leaseInfo><durationInSecs>7</durationInSecs></leaseInfo>\
            <metadata class=\"java.util.Collections$EmptyMap\"/></instance>";
        let instance = read_instance(Format::Xml, xml).unwrap();
        assert_eq!((instance.status, instance.overridden_status), (Status::Down, Status::Up));
        assert_eq!(instance.port, Port { number: 80, enabled: false });
        assert_eq!(instance.secure_port, Port { number: 443, enabled: true });
        assert_eq!(instance.data_center.entry("instance-id"), Some("i-1"));
        assert_eq!((instance.lease_duration_secs, instance.metadata.len()), (Some(7), 0));
    }

    #[test]
    fn what_cannot_be_accepted_names_field_value_and_expectation() {
        for (more, told) in [
            (r#","port":70000"#, r#"port is "70000", expected a port from 0 to 65535"#),
            (r#","port":-1"#, r#"port is "-1", expected a port from 0 to 65535"#),
            (r#","port":[1]"#, r#"port is "a list of 1", expected a port from 0 to 65535"#),
            (r#","securePort":{"$":"x"}"#, r#"securePort is "x", expected a whole number"#),
            (r#","port":{"$":1,"@enabled":"so"}"#, r#"port is "so", expected true or false"#),
            (r#","leaseInfo":7"#, r#"leaseInfo is "7", expected an object"#),
            (
                r#","leaseInfo":{"durationInSecs":"soon"}"#,
                r#"leaseInfo.durationInSecs is "soon", expected a whole number"#,
            ),
            (r#","metadata":{"a":{"b":1}}"#, r#"metadata is "an object with b", expected a text"#),
            (r#","vipAddress":["a"]"#, r#"vipAddress is "a list of 1", expected a text"#),
            (
                r#","dataCenterInfo":{"name":"Moon"}"#,
                r#"dataCenterInfo.name is "Moon", expected one of MyOwn"#,
            ),
            (r#","dataCenterInfo":{}"#, r#"dataCenterInfo is "", expected an object with a name"#),
            (r#","lastDirtyTimestamp":"now""#, r#"lastDirtyTimestamp is "now", expected a whole number"#),
        ] {
            let fault = json(more).unwrap_err().to_string();
            assert!(fault.starts_with(told), "{more}: {fault}");
        }
        let rootless = read_instance(Format::Json, "{\"app\":\"A\"}").unwrap_err().to_string();
        assert_eq!(rootless, "instance is \"an object with app\", expected the root of the document");
    }
}
