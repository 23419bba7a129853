//! What `/metrics` says, read by a parser of somebody else's.
#![expect(clippy::float_cmp, reason = "the format knows no other numbers, and these are whole")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::time::{Duration, Instant};

use lubdub_testkit_server::{Answer, Exchange, TestServer};
use prometheus_parse::{Scrape, Value};

const OPEN_METRICS: (&str, &str) = ("accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5");

fn ask(server: &TestServer, headers: &[(&str, &str)]) -> Answer {
    Exchange::with(server.address()).request("GET", "/metrics", headers, "")
}

fn scrape(server: &TestServer) -> Scrape {
    let answer = ask(server, &[]);
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    Scrape::parse(answer.body.lines().map(|line| Ok(line.to_owned()))).expect("it is in the format")
}

/// The one sample of this name and these labels.
fn sample<'a>(scrape: &'a Scrape, name: &str, labels: &[(&str, &str)]) -> &'a Value {
    let same = |sample: &&prometheus_parse::Sample| {
        sample.metric == name
            && sample.labels.len() == labels.len()
            && labels.iter().all(|(name, value)| sample.labels.get(name) == Some(value))
    };
    let mut found = scrape.samples.iter().filter(same);
    let (first, second) = (found.next(), found.next());
    assert!(second.is_none(), "{name} {labels:?} is there twice");
    &first.unwrap_or_else(|| panic!("there is no {name} {labels:?}")).value
}

fn counter(scrape: &Scrape, name: &str, labels: &[(&str, &str)]) -> f64 {
    match sample(scrape, name, labels) {
        Value::Counter(value) => *value,
        other => panic!("{name} is no counter: {other:?}"),
    }
}

fn gauge(scrape: &Scrape, name: &str, labels: &[(&str, &str)]) -> f64 {
    match sample(scrape, name, labels) {
        Value::Gauge(value) => *value,
        other => panic!("{name} is no gauge: {other:?}"),
    }
}

/// How many a histogram holds, by its last bucket.
fn count(scrape: &Scrape, name: &str, labels: &[(&str, &str)]) -> f64 {
    let Value::Histogram(buckets) = sample(scrape, name, labels) else { panic!("{name} is no histogram") };
    assert!(
        buckets.is_sorted_by(|left, right| left.less_than < right.less_than && left.count <= right.count)
    );
    let last = buckets.last().expect("a histogram has buckets");
    assert!(last.less_than.is_infinite());
    last.count
}

fn register(server: &TestServer, id: &str, seconds: u32) {
    let body = format!(
        r#"{{"instance":{{"instanceId":"{id}","app":"ORDERS","hostName":"127.0.0.1","ipAddr":"127.0.0.1",
            "status":"UP","port":{{"$":8080,"@enabled":"true"}},"vipAddress":"orders",
            "dataCenterInfo":{{"@class":"com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo","name":"MyOwn"}},
            "leaseInfo":{{"renewalIntervalInSecs":1,"durationInSecs":{seconds}}}}}}}"#
    );
    let headers = [("content-type", "application/json")];
    let answer = Exchange::with(server.address()).request("POST", "/eureka/apps/ORDERS", &headers, &body);
    assert_eq!(answer.status, 204, "{}", answer.body);
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < patience, "{what} did not come true");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn counts_follow_what_was_done() {
    let server = TestServer::with(|config| config.core.probe.enabled = false);
    let mut exchange = Exchange::with(server.address());
    register(&server, "stays", 90);
    register(&server, "stays", 90);
    register(&server, "leaves", 90);
    register(&server, "dies", 1);
    for (method, id, status) in [
        ("PUT", "stays", 200),
        ("PUT", "stays", 200),
        ("PUT", "stays", 200),
        ("PUT", "nobody", 404),
        ("DELETE", "leaves", 200),
    ] {
        let path = format!("/eureka/apps/ORDERS/{id}");
        assert_eq!(exchange.request(method, &path, &[], "").status, status, "{method} {id}");
    }
    exchange.get("/api/v1/services/orders/instances/stays");
    exchange.get("/nowhere");
    let path = "/api/v1/services/orders/instances/stays";
    assert_eq!(exchange.request("DELETE", path, &[], "").status, 403);
    exchange.request("GET", "/api/v1/services", &[("host", "evil.example")], "");
    until("the expiry", || server.handle().counters().expirations == 1);
    // What the guard and damping say is a second old at most.
    until("an own beat", || server.handle().figures().own_beats > 0);

    let scrape = scrape(&server);
    let of = |name: &str, label: &str, value: &str| counter(&scrape, name, &[(label, value)]);
    assert_eq!(of("lubdub_renewals_total", "outcome", "renewed"), 3.0);
    assert_eq!(of("lubdub_renewals_total", "outcome", "unknown"), 1.0);
    assert_eq!(of("lubdub_renewals_total", "outcome", "other_generation"), 0.0);
    assert_eq!(of("lubdub_registrations_total", "kind", "new"), 3.0);
    assert_eq!(of("lubdub_registrations_total", "kind", "again"), 1.0);
    assert_eq!(of("lubdub_departures_total", "cause", "deregistered"), 1.0);
    assert_eq!(of("lubdub_departures_total", "cause", "expired"), 1.0);
    assert_eq!(of("lubdub_changes_total", "cause", "registered-again"), 1.0);
    assert_eq!(gauge(&scrape, "lubdub_instances", &[("status", "UP")]), 1.0);
    assert_eq!(gauge(&scrape, "lubdub_instances", &[("status", "DOWN")]), 0.0);
    assert_eq!(gauge(&scrape, "lubdub_instances_by_health", &[("health", "passing")]), 1.0);
    assert_eq!(counter(&scrape, "lubdub_operator_refusals_total", &[]), 1.0);
    assert_eq!(gauge(&scrape, "lubdub_services", &[]), 1.0);
    assert_eq!(gauge(&scrape, "lubdub_leases", &[]), 1.0);
    assert_eq!(gauge(&scrape, "lubdub_adaptive_leases", &[]), 0.0);
    assert_eq!(gauge(&scrape, "lubdub_guard_enabled", &[]), 1.0);
    assert_eq!(gauge(&scrape, "lubdub_journal_state", &[("state", "memory")]), 1.0);
    assert_eq!(gauge(&scrape, "lubdub_feed_changes", &[]), 6.0);
    assert!(counter(&scrape, "lubdub_own_beats_total", &[]) > 0.0);
    assert!(counter(&scrape, "lubdub_accepted_connections_total", &[]) >= 6.0);
    assert!(gauge(&scrape, "lubdub_connections", &[]) >= 2.0);
    let requests = |face, method, route, status| {
        let labels = [("face", face), ("method", method), ("route", route), ("status", status)];
        count(&scrape, "lubdub_request_duration_seconds", &labels)
    };
    assert_eq!(requests("eureka", "PUT", "apps/:app/:id", "2xx"), 3.0);
    assert_eq!(requests("eureka", "PUT", "apps/:app/:id", "4xx"), 1.0);
    assert_eq!(requests("eureka", "POST", "apps/:app", "2xx"), 4.0);
    assert_eq!(requests("rest", "GET", "/api/v1/services/:service/instances/:id", "2xx"), 1.0);
    assert_eq!(requests("server", "GET", "(unknown)", "4xx"), 1.0);
    assert_eq!(requests("server", "GET", "(refused)", "4xx"), 1.0);

    let again = self::scrape(&server);
    let labels = [("face", "server"), ("method", "GET"), ("route", "/metrics"), ("status", "2xx")];
    assert_eq!(count(&again, "lubdub_request_duration_seconds", &labels), 1.0);
}

#[test]
fn commits_of_a_journal_are_timed() {
    let server = TestServer::durable();
    register(&server, "stays", 90);
    let scrape = scrape(&server);
    assert_eq!(gauge(&scrape, "lubdub_journal_state", &[("state", "durable")]), 1.0);
    assert_eq!(counter(&scrape, "lubdub_journal_failed_commits_total", &[]), 0.0);
    let answer = ask(&server, &[]).body;
    assert!(answer.contains("\nlubdub_journal_commit_duration_seconds_count 1\n"), "{answer}");
}

#[test]
fn no_name_of_a_client_becomes_a_label() {
    let server = TestServer::in_memory();
    register(&server, "odd-name-of-an-instance", 90);
    let mut exchange = Exchange::with(server.address());
    for path in
        ["/eureka/apps/ODD-NAME/x", "/odd-name", "/api/odd-name", "/api/v1/services/odd-name/instances/x"]
    {
        exchange.get(path);
        exchange.request("BREW", path, &[], "");
    }
    let body = ask(&server, &[]).body.to_ascii_lowercase();
    assert!(!body.contains("odd-name") && !body.contains("orders") && !body.contains("brew"), "{body}");
}

#[test]
fn each_format_is_served_to_those_who_ask_for_it() {
    let server = TestServer::in_memory();
    let newer = ask(&server, &[OPEN_METRICS]);
    assert_eq!(
        newer.header("content-type"),
        Some("application/openmetrics-text; version=1.0.0; charset=utf-8")
    );
    assert!(newer.body.ends_with("# EOF\n"));
    for line in [
        "# TYPE lubdub_renewals counter",
        "# TYPE lubdub_build info",
        "# UNIT lubdub_request_duration_seconds seconds",
        "# UNIT lubdub_render_cache_bytes bytes",
    ] {
        assert!(newer.body.lines().any(|told| told == line), "{line}: {}", newer.body);
    }
    let older = ask(&server, &[]).body;
    assert!(older.contains("# TYPE lubdub_renewals_total counter\n"), "{older}");
    assert!(older.contains("# TYPE lubdub_build_info gauge\n") && !older.contains("# UNIT"), "{older}");
}

#[test]
fn metrics_are_for_those_who_may_read() {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    writeln!(file, "open-sesame-1234").expect("a temporary file can be written");
    let path = file.path().to_owned();
    let server = TestServer::with(|config| config.token_file = Some(path));
    assert_eq!(ask(&server, &[]).status, 401);
    let answer = ask(&server, &[("authorization", "Bearer open-sesame-1234")]);
    assert_eq!(answer.status, 200);
    assert!(!answer.body.contains("open-sesame"));
    assert_eq!(ask(&server, &[("host", "evil.example")]).status, 421);
    let changing = Exchange::with(server.address()).request(
        "POST",
        "/metrics",
        &[("authorization", "Bearer open-sesame-1234")],
        "",
    );
    assert_eq!(changing.status, 405);
}

/// Name, type and labels of what there is, as documented or as served.
type Families = BTreeMap<String, (String, BTreeSet<String>)>;

fn documented() -> Families {
    let page = include_str!("../../../../docs/metrics.md");
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [name, kind, labels, meaning] = cells[..] else { panic!("not four cells: {row}") };
        assert!(!meaning.is_empty(), "{row}");
        let labels = labels.split(',').map(|label| label.trim().trim_matches('`').to_owned());
        (
            name.trim_matches('`').to_owned(),
            (kind.to_owned(), labels.filter(|label| !label.is_empty()).collect()),
        )
    })
    .collect()
}

fn served(server: &TestServer) -> Families {
    let scrape = scrape(server);
    let body = ask(server, &[]).body;
    let types = body.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    types
        .map(|(name, kind)| {
            let help = scrape.docs.get(name).unwrap_or_else(|| panic!("{name} has no help"));
            assert!(help.ends_with('.') && !help.contains('\\'), "{name}: {help}");
            let samples = scrape.samples.iter().filter(|sample| sample.metric == name);
            let labels = samples.flat_map(|sample| sample.labels.keys().cloned().collect::<Vec<_>>());
            let labels = labels.filter(|label| label != "le").collect();
            (name.to_owned(), (kind.to_owned(), labels))
        })
        .collect()
}

#[test]
fn every_metric_is_documented_and_nothing_else() {
    let server = TestServer::durable();
    // So that each family has a sample.
    register(&server, "a", 90);
    ask(&server, &[]);
    let (documented, served) = (documented(), served(&server));
    for (name, told) in &served {
        assert_eq!(documented.get(name), Some(told), "{name}");
    }
    let names = |families: &Families| families.keys().cloned().collect::<BTreeSet<_>>();
    // Only Linux tells of a process, and only where files are limited of that limit.
    let missing: Vec<_> = names(&documented)
        .difference(&names(&served))
        .filter(|name| !name.starts_with("process_"))
        .cloned()
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}
