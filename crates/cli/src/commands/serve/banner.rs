//! [`Banner`]: what a server says when it serves: where, what came back, and what to do next.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use jiff::Timestamp;
use lubdub_core::WallTime;
use lubdub_runtime::{Condition, JournalState, Restored};
use lubdub_server::ServerConfig;

use crate::words::{count, date_and_time, rough};

/// What there is to say.
#[derive(Debug)]
pub(super) struct Banner<'a> {
    /// What it was started with.
    pub(super) config: &'a ServerConfig,
    /// Where it listens; port 0 has become a real one.
    pub(super) addresses: &'a [SocketAddr],
    /// How it is.
    pub(super) condition: &'a Condition,
}

impl fmt::Display for Banner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "lubdub {}", env!("CARGO_PKG_VERSION"))?;
        for address in self.addresses {
            // Scripts read this line: its form stays.
            writeln!(f, "listening on http://{address}")?;
        }
        self.write_keeping(f)?;
        self.write_operators(f)?;
        if let Some(restored) = &self.condition.restored {
            write_restored(restored, f)?;
        }
        if let Some(exposure) = self.config.exposure() {
            writeln!(f, "warning: {exposure}")?;
        }
        self.write_next(f)
    }
}

impl Banner<'_> {
    fn write_keeping(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = absolute(&self.config.data);
        match &self.condition.journal {
            JournalState::Memory => writeln!(f, "kept in memory only: what is registered is lost at the end"),
            JournalState::Durable => writeln!(f, "kept in {folder}"),
            JournalState::Unavailable { reason, .. } => {
                writeln!(
                    f,
                    "warning: {folder} does not take what is written ({reason}); kept in memory until it does"
                )
            }
        }
    }

    fn write_operators(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.config.operator_token() {
            Some(file) => writeln!(f, "operators act with the token in {}", absolute(&file)),
            None => {
                writeln!(f, "nobody can act as an operator: name a token with --operator-token-file FILE")
            }
        }
    }

    fn write_next(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(url) = self.addresses.first().map(|address| format!("http://{}", reachable(*address)))
        else {
            return Ok(());
        };
        let token =
            if self.config.token_file.is_some() { " -H \"Authorization: Bearer $TOKEN\"" } else { "" };
        let flag = self.config.token_file.as_ref().map(|file| format!(" --token-file {}", file.display()));
        let flag = flag.unwrap_or_default();
        let server = if url == "http://127.0.0.1:8761" { String::new() } else { format!(" --server {url}") };
        writeln!(f, "\nnext:")?;
        writeln!(f, "  a Spring program joins with  eureka.client.service-url.defaultZone={url}/eureka")?;
        writeln!(f, "  see what is registered       {url}/ in a browser")?;
        writeln!(f, "  or in a terminal             lubdub services{server}{flag}")?;
        write!(f, "  or from anywhere             curl -s{token} {url}/api/v1/services")
    }
}

fn write_restored(restored: &Restored, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if let Some(damaged) = &restored.damaged {
        writeln!(f, "warning: {damaged}")?;
    }
    let instances = count(restored.instances, "instance");
    let services = count(restored.services, "service");
    let last_heard = date_and_time(timestamp(restored.last_heard));
    let outage = rough(restored.outage);
    write!(f, "restored {instances} of {services}, last heard {last_heard}, {outage} ago")?;
    if restored.instances > 0 {
        write!(f, "; they have their time-to-live plus that outage to come back")?;
    }
    writeln!(f)
}

/// An address at which this machine reaches a listener: not "every address".
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

fn timestamp(wall: WallTime) -> Timestamp {
    i64::try_from(wall.0).ok().and_then(|millis| Timestamp::from_millisecond(millis).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn condition(journal: JournalState, restored: Option<Restored>) -> Condition {
        Condition { journal, restored, started: WallTime(0), deaf_last_hour: Duration::ZERO }
    }

    fn restored() -> Restored {
        Restored {
            instances: 120,
            services: 14,
            last_heard: WallTime(1_795_255_331_400),
            outage: Duration::from_millis(41_300),
            damaged: None,
        }
    }

    fn said(config: &ServerConfig, addresses: &[&str], condition: &Condition) -> String {
        let addresses: Vec<SocketAddr> = addresses.iter().map(|address| address.parse().unwrap()).collect();
        Banner { config, addresses: &addresses, condition }.to_string()
    }

    #[test]
    fn it_says_where_it_listens_and_what_to_do_next() {
        let text =
            said(&ServerConfig::default(), &["127.0.0.1:8761"], &condition(JournalState::Durable, None));
        assert!(text.contains("\nlistening on http://127.0.0.1:8761\n"), "{text}");
        assert!(text.contains("/lubdub-data\n"), "{text}");
        assert!(
            text.contains("eureka.client.service-url.defaultZone=http://127.0.0.1:8761/eureka\n"),
            "{text}"
        );
        assert!(text.contains(" http://127.0.0.1:8761/ in a browser\n"), "{text}");
        assert!(text.contains("lubdub services\n"), "{text}");
        assert!(text.ends_with("curl -s http://127.0.0.1:8761/api/v1/services"), "{text}");
    }

    #[test]
    fn another_address_is_named_in_what_to_do_next() {
        let text = said(
            &ServerConfig::default(),
            &["0.0.0.0:9000", "[::]:9001"],
            &condition(JournalState::Durable, None),
        );
        assert!(text.contains("listening on http://0.0.0.0:9000\nlistening on http://[::]:9001\n"), "{text}");
        assert!(text.contains("lubdub services --server http://127.0.0.1:9000\n"), "{text}");
    }

    #[test]
    fn it_says_what_was_restored_and_when_that_was_last_heard() {
        let text = said(
            &ServerConfig::default(),
            &["127.0.0.1:8761"],
            &condition(JournalState::Durable, Some(restored())),
        );
        assert!(
            text.contains(
                "\nrestored 120 instances of 14 services, last heard 2026-11-21 10:02:11 UTC, 41 s ago; \
                 they have their time-to-live plus that outage to come back\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn it_warns_of_damage_memory_and_open_doors() {
        let damaged = Restored { damaged: Some("the journal was damaged".to_owned()), ..restored() };
        let config =
            ServerConfig { open: true, listen: vec![([0, 0, 0, 0], 1).into()], ..ServerConfig::default() };
        let text = said(&config, &["0.0.0.0:1"], &condition(JournalState::Memory, Some(damaged)));
        assert!(text.contains("\nwarning: the journal was damaged\n"), "{text}");
        assert!(text.contains("\nkept in memory only"), "{text}");
        assert!(text.contains("\nwarning: --open: anyone who can reach 0.0.0.0:1 may"), "{text}");
    }

    #[test]
    fn a_token_is_named_in_what_to_do_next() {
        let config = ServerConfig { token_file: Some("/etc/token".into()), ..ServerConfig::default() };
        let text = said(&config, &["127.0.0.1:8761"], &condition(JournalState::Durable, None));
        assert!(text.contains("lubdub services --token-file /etc/token\n"), "{text}");
        assert!(text.contains("-H \"Authorization: Bearer $TOKEN\""), "{text}");
    }

    #[test]
    fn it_says_where_the_token_of_operators_is_and_where_there_is_none() {
        let said = |config: &ServerConfig| {
            said(config, &["127.0.0.1:8761"], &condition(JournalState::Durable, None))
        };
        let kept = said(&ServerConfig { data: "/var/lib/lubdub".into(), ..ServerConfig::default() });
        assert!(
            kept.contains("\noperators act with the token in /var/lib/lubdub/operator-token\n"),
            "{kept}"
        );
        let named = said(&ServerConfig {
            ephemeral: true,
            operator_token_file: Some("/etc/lubdub/operator".into()),
            ..ServerConfig::default()
        });
        assert!(named.contains("\noperators act with the token in /etc/lubdub/operator\n"), "{named}");
        let none = said(&ServerConfig { ephemeral: true, ..ServerConfig::default() });
        assert!(none.contains("\nnobody can act as an operator: "), "{none}");
    }
}
