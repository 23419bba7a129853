//! `lubdub bench renew` for servers that speak Nacos' HTTP interface: their own beat, with the same
//! generator. Usage: `nacos_beat URL INSTANCES CONNECTIONS RATE SECONDS PID`; a rate of 0 is a closed
//! loop. Prints the same JSON, and ends with 3 when the generator was late.

use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use lubdub_load::{Action, Bench, Hooks, Plan, Speech, Target, Work};

/// Requests as Nacos' own clients of version 1 write them.
struct Nacos {
    host: String,
}

impl Speech for Nacos {
    fn write(&self, action: Action, request: &mut Vec<u8>) {
        let (Action::Register(instance)
        | Action::Renew(instance)
        | Action::Deregister(instance)
        | Action::Read(_, instance)) = action;
        let service = format!("svc{}", instance / 10);
        let [a, b, c] = [instance >> 16, instance >> 8, instance].map(|part| part & 255);
        let place = format!("ip=10.{a}.{b}.{c}&port=8080&ephemeral=true");
        let line = match action {
            Action::Register(_) => format!(
                "POST /nacos/v1/ns/instance?serviceName={service}&{place}&metadata=%7B%22zone%22%3A%22z1%22%2C%22version%22%3A%221.0.3%22%7D"
            ),
            Action::Renew(_) => {
                let beat = format!(
                    "%7B%22cluster%22%3A%22DEFAULT%22%2C%22ip%22%3A%2210.{a}.{b}.{c}%22%2C%22metadata%22%3A%7B%22zone%22%3A%22z1%22%2C%22version%22%3A%221.0.3%22%7D%2C%22period%22%3A5000%2C%22port%22%3A8080%2C%22scheduled%22%3Afalse%2C%22serviceName%22%3A%22DEFAULT_GROUP%40%40{service}%22%2C%22stopped%22%3Afalse%2C%22weight%22%3A1.0%7D"
                );
                format!(
                    "PUT /nacos/v1/ns/instance/beat?serviceName=DEFAULT_GROUP%40%40{service}&ephemeral=true&beat={beat}"
                )
            }
            Action::Deregister(_) => format!("DELETE /nacos/v1/ns/instance?serviceName={service}&{place}"),
            Action::Read(..) => format!("GET /nacos/v1/ns/instance/list?serviceName={service}"),
        };
        let host = &self.host;
        // Writing to memory does not fail.
        let _ = write!(request, "{line} HTTP/1.1\r\nhost: {host}\r\ncontent-length: 0\r\n\r\n");
    }
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, instances, connections, rate, seconds, pid] = arguments.as_slice() else {
        return Err("usage: nacos_beat URL INSTANCES CONNECTIONS RATE SECONDS PID".into());
    };
    let target = Target::resolve(url)?;
    let rate: f64 = rate.parse()?;
    let plan = Plan {
        instances: instances.parse()?,
        connections: connections.parse()?,
        rate: (rate > 0.0).then_some(rate),
        duration: Duration::from_secs_f64(seconds.parse()?),
        pid: Some(pid.parse()?),
        ..Plan::of(Work::Renew)
    };
    let nacos = Nacos { host: target.host().to_owned() };
    let outcome = Bench::new(plan, target, nacos)?.run(&Hooks::default())?;
    println!("{}", serde_json::to_string(&outcome)?);
    Ok(if outcome.late { ExitCode::from(3) } else { ExitCode::SUCCESS })
}
