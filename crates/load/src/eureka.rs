//! [`Eureka`]: requests as Eureka's own clients write them, for instances that exist nowhere else.

use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::{Action, Plan, Reading, Speech, Target};

/// Instances of one application.
const INSTANCES_OF_ONE: u64 = 10;

/// Promised between two renewals, in seconds: Eureka's own.
const INTERVAL_SECS: u64 = 30;

/// Writes requests in Eureka's protocol. The names of its applications are unique to the run.
#[derive(Debug, Clone)]
pub struct Eureka {
    prefix: String,
    host: String,
    run: String,
    instances: u64,
    lease_secs: u64,
    dirty: u64,
}

impl Eureka {
    /// For the instances of this plan at this server, under names of which no other run has any.
    pub fn new(target: &Target, plan: &Plan) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            prefix: format!("{}/eureka", target.prefix()),
            host: target.host().to_owned(),
            // Two processes that begin in one microsecond differ in their ids.
            run: format!("{:X}-{:X}", since.as_micros(), std::process::id()),
            instances: plan.instances,
            lease_secs: plan.lease().as_secs(),
            dirty: u64::try_from(since.as_millis()).unwrap_or_default(),
        }
    }

    fn app(&self, instance: u64) -> String {
        format!("BENCH-{}-{}", self.run, instance / INSTANCES_OF_ONE)
    }

    fn register(&self, instance: u64, request: &mut Vec<u8>) {
        let app = self.app(instance);
        let [a, b, c] = address(instance);
        let document = json!({ "instance": {
            "instanceId": format!("i-{instance}"), "app": app,
            "hostName": format!("10.{a}.{b}.{c}"), "ipAddr": format!("10.{a}.{b}.{c}"),
            "vipAddress": app, "status": "UP", "overriddenstatus": "UNKNOWN",
            "port": { "$": 8080, "@enabled": "true" }, "securePort": { "$": 443, "@enabled": "false" },
            "countryId": 1,
            "dataCenterInfo": {
                "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn",
            },
            "leaseInfo": { "renewalIntervalInSecs": INTERVAL_SECS, "durationInSecs": self.lease_secs },
            "metadata": metadata(instance),
            "homePageUrl": format!("http://10.{a}.{b}.{c}:8080/"),
            "healthCheckUrl": format!("http://10.{a}.{b}.{c}:8080/actuator/health"),
            "lastUpdatedTimestamp": self.dirty.to_string(), "lastDirtyTimestamp": self.dirty.to_string(),
            "isCoordinatingDiscoveryServer": "false", "actionType": "ADDED",
        }})
        .to_string();
        let Self { prefix, host, .. } = self;
        let length = document.len();
        // Writing to memory does not fail; here and below.
        let _ = write!(
            request,
            "POST {prefix}/apps/{app} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
             accept: application/json\r\ncontent-length: {length}\r\n\r\n{document}"
        );
    }

    fn renew(&self, instance: u64, request: &mut Vec<u8>) {
        let Self { prefix, host, run, dirty, .. } = self;
        let app = instance / INSTANCES_OF_ONE;
        let _ = write!(
            request,
            "PUT {prefix}/apps/BENCH-{run}-{app}/i-{instance}?status=UP&lastDirtyTimestamp={dirty} HTTP/1.1\r\n\
             host: {host}\r\naccept: application/json\r\ncontent-length: 0\r\n\r\n"
        );
    }

    fn read(&self, what: Reading, number: u64, request: &mut Vec<u8>) {
        let Self { prefix, host, .. } = self;
        let path = match what {
            Reading::Apps => "apps/".to_owned(),
            Reading::Delta => "apps/delta".to_owned(),
            Reading::App => {
                format!("apps/{}", self.app(number.wrapping_mul(INSTANCES_OF_ONE) % self.instances.max(1)))
            }
        };
        let _ = write!(
            request,
            "GET {prefix}/{path} HTTP/1.1\r\nhost: {host}\r\naccept: application/json\r\n\
             accept-encoding: gzip\r\n\r\n"
        );
    }
}

/// Ten entries, each with one of a few values, as the instances of an application have them.
fn metadata(instance: u64) -> serde_json::Map<String, serde_json::Value> {
    let application = instance / INSTANCES_OF_ONE;
    let own = [("zone", format!("z{}", instance % 3)), ("version", format!("1.0.{}", application % 4))];
    let common =
        (0..8).map(|entry| (format!("key-{entry}"), format!("value-{}", (application >> entry) % 4)));
    let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
    own.chain(common).map(|(name, value)| (name, value.into())).collect()
}

impl Speech for Eureka {
    fn write(&self, action: Action, request: &mut Vec<u8>) {
        match action {
            Action::Register(instance) => self.register(instance, request),
            Action::Renew(instance) => self.renew(instance, request),
            Action::Deregister(instance) => {
                let Self { prefix, host, .. } = self;
                let app = self.app(instance);
                let _ = write!(
                    request,
                    "DELETE {prefix}/apps/{app}/i-{instance} HTTP/1.1\r\nhost: {host}\r\n\r\n"
                );
            }
            Action::Read(what, number) => self.read(what, number, request),
        }
    }
}

/// The last three parts of an address of this instance's own, up to 16 million.
fn address(instance: u64) -> [u64; 3] {
    [instance >> 16, instance >> 8, instance].map(|part| part & 255)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Work;

    fn text(action: Action) -> String {
        let target = Target::resolve("http://127.0.0.1:8761/here").expect("it is a URL");
        let plan = Plan { instances: 20, ..Plan::of(Work::Renew) };
        let eureka = Eureka { run: "R".to_owned(), dirty: 7, ..Eureka::new(&target, &plan) };
        let mut request = Vec::new();
        eureka.write(action, &mut request);
        String::from_utf8(request).expect("it is text")
    }

    #[test]
    fn requests_are_those_of_eurekas_clients() {
        for (action, line) in [
            (Action::Register(12), "POST /here/eureka/apps/BENCH-R-1 HTTP/1.1"),
            (
                Action::Renew(12),
                "PUT /here/eureka/apps/BENCH-R-1/i-12?status=UP&lastDirtyTimestamp=7 HTTP/1.1",
            ),
            (Action::Deregister(12), "DELETE /here/eureka/apps/BENCH-R-1/i-12 HTTP/1.1"),
            (Action::Read(Reading::Apps, 3), "GET /here/eureka/apps/ HTTP/1.1"),
            (Action::Read(Reading::Delta, 3), "GET /here/eureka/apps/delta HTTP/1.1"),
            (Action::Read(Reading::App, 3), "GET /here/eureka/apps/BENCH-R-1 HTTP/1.1"),
        ] {
            let text = text(action);
            assert_eq!(text.lines().next(), Some(line));
            assert!(text.contains("\r\nhost: 127.0.0.1:8761\r\n"), "{text}");
        }
    }

    #[test]
    fn a_registration_says_how_long_it_is() {
        let text = text(Action::Register(12));
        let (head, body) = text.split_once("\r\n\r\n").expect("it has a body");
        assert!(
            head.contains(&format!("content-length: {}\r\n", body.len()))
                || head.ends_with(&format!("content-length: {}", body.len())),
            "{head}"
        );
        let document: serde_json::Value = serde_json::from_str(body).expect("it is JSON");
        assert_eq!(document["instance"]["app"], "BENCH-R-1");
        assert_eq!(document["instance"]["leaseInfo"]["durationInSecs"], 610);
    }

    #[test]
    fn instances_have_addresses_of_their_own() {
        assert_eq!(address(0), [0, 0, 0]);
        assert_eq!(address(70_000), [1, 17, 112]);
    }
}
