use std::collections::BTreeMap;
use std::path::Path;

use super::*;

mod adaptive;
mod protections;

/// An environment of these variables.
fn environment(variables: &[(&str, &str)]) -> BTreeMap<String, String> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Loads with this file, these variables and these flags.
fn load_all(file: &str, variables: &[(&str, &str)], flags: Flags) -> Result<ServerConfig, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lubdub.toml");
    std::fs::write(&path, file).unwrap();
    ServerConfig::load(&Flags { config: Some(path), ..flags }, &environment(variables))
}

fn load(file: &str) -> Result<ServerConfig, ConfigError> {
    load_all(file, &[], Flags::default())
}

/// What is said of a file, a line for each fault, without the folder.
fn told(file: &str) -> Vec<String> {
    let error = load(file).unwrap_err().to_string();
    error.lines().map(|line| line.rsplit_once('/').map_or(line, |(_, rest)| rest).to_owned()).collect()
}

#[test]
fn without_sources_the_defaults_hold() {
    let config = ServerConfig::load(&Flags::default(), &environment(&[])).unwrap();
    assert_eq!(config, ServerConfig::default());
}

#[test]
fn flags_outrank_the_environment_which_outranks_the_file() {
    let file = "listen = '127.0.0.1:1'\ndata = 'file'\n[limits]\ninstances = 5\nservices = 6";
    let variables =
        [("LUBDUB_LISTEN", "127.0.0.1:2"), ("LUBDUB_DATA", "env"), ("LUBDUB_LIMITS_SERVICES", "7")];
    let flags = Flags { listen: vec!["127.0.0.1:3".into(), "[::1]:4".into()], ..Flags::default() };
    let config = load_all(file, &variables, flags).unwrap();
    assert_eq!(config.listen, ["127.0.0.1:3".parse().unwrap(), "[::1]:4".parse().unwrap()]);
    assert_eq!(config.data, Path::new("env"));
    assert_eq!((config.core.limits.instances, config.core.limits.services), (5, 7));
}

#[test]
fn every_setting_of_a_file_finds_its_place() {
    let config = load(
        "listen = ['127.0.0.1:0', 'localhost:0']\nephemeral = true\ntoken_file = 't'\n\
         journal.patience = '250ms'\n\
         delta = { retention = '3m' }\n\
         [limits]\nleast_ttl = '1s'\nlongest_ttl = '24h'\nmax_body_bytes = 1_000\nmax_header_bytes = 0x4000\n\
         header_timeout = '1s'\nbody_timeout = '2s'\nidle_timeout = '1m'\nping_interval = '0s'\nping_timeout = '4s'\nmax_connections = 10\n\
         max_connections_per_peer = 9\nmax_waiting_commands = 11\nmax_subscribers = 0\n\
         [feed]\ncapacity = 12\n\
         [eureka]\ndelta = false\nenvironment = 'prod'\n\
         [render]\ncache_bytes = 0\n\
         [history]\ncapacity = 13\ndurable = 14\n",
    )
    .unwrap();
    assert!(config.ephemeral && !config.open);
    assert_eq!(config.listen.len(), 2);
    assert_eq!(config.token_file.as_deref(), Some(Path::new("t")));
    assert_eq!(config.journal_patience, Duration::from_millis(250));
    assert_eq!(config.core.delta_retention, Duration::from_mins(3));
    assert_eq!(config.core.limits.longest_ttl, Duration::from_hours(24));
    assert!(!config.eureka.delta && config.eureka.environment == "prod" && config.render.cache_bytes == 0);
    let traffic = config.traffic;
    assert_eq!((traffic.max_body_bytes, traffic.max_header_bytes), (1_000, 16_384));
    assert_eq!(
        (traffic.header_timeout, traffic.body_timeout),
        (Duration::from_secs(1), Duration::from_secs(2))
    );
    assert_eq!((traffic.ping_interval, traffic.ping_timeout), (Duration::ZERO, Duration::from_secs(4)));
    assert_eq!(traffic.max_connections_per_peer, 9);
    assert_eq!((traffic.max_connections, traffic.max_waiting_commands, traffic.max_subscribers), (10, 11, 0));
    assert_eq!(
        (config.core.feed_capacity, config.core.history_capacity, config.durable_history),
        (12, 13, 14)
    );
}

#[test]
fn unknown_settings_are_told_with_their_line_and_the_nearest_known_one() {
    for (file, expected) in [
        ("\nlisen = 'x'", "lubdub.toml:2: there is no setting \"lisen\"; did you mean \"listen\"?"),
        (
            "token-file = 'x'",
            "lubdub.toml:1: there is no setting \"token-file\"; did you mean \"token_file\"?",
        ),
        (
            "[limits]\n\nmax_body_byte = 1",
            "lubdub.toml:3: there is no setting \"limits.max_body_byte\"; did you mean \"limits.max_body_bytes\"?",
        ),
        (
            "max_connections = 1",
            "lubdub.toml:1: there is no setting \"max_connections\"; did you mean \"limits.max_connections\"?",
        ),
        ("[limit]\nchecks = 1", "lubdub.toml:1: there is no setting \"limit\"; did you mean \"limits\"?"),
        (
            "[feed.capacity]\nx = 1",
            "lubdub.toml:1: feed.capacity is \"a table\", expected a whole number from 1 to 1099511627776",
        ),
        ("qqq = 1", "lubdub.toml:1: there is no setting \"qqq\""),
        ("forget = true", "lubdub.toml:1: there is no setting \"forget\""),
    ] {
        assert_eq!(told(file), [expected], "{file}");
    }
}

#[test]
fn values_that_are_not_allowed_are_told_with_line_value_and_expectation() {
    for (file, expected) in [
        (
            "listen = 8761",
            "listen is \"8761\", expected addresses with ports such as 127.0.0.1:8761 or [::1]:8761",
        ),
        ("listen = '127.0.0.1'", "listen is \"127.0.0.1\", expected addresses with ports"),
        ("listen = []", "listen is \"\", expected addresses with ports"),
        ("listen = [1]", "expected addresses with ports"),
        ("data = true", "data is \"true\", expected the name of a directory"),
        ("data = ''", "data is \"\", expected the name of a directory"),
        ("open = 'yes'", "open is \"yes\", expected true or false"),
        ("open = 1", "open is \"1\", expected true or false"),
        ("journal.patience = 1", "journal.patience is \"1\", expected a span of time from 1ms to 24h"),
        ("journal.patience = '0s'", "journal.patience is \"0s\", expected a span of time"),
        ("journal.patience = '-1s'", "journal.patience is \"-1s\", expected a span of time"),
        ("limits.longest_ttl = '999999h'", "expected a span of time from 1ms to 1176h"),
        ("limits.instances = 0", "limits.instances is \"0\", expected a whole number from 1"),
        ("limits.instances = -1", "limits.instances is \"-1\", expected a whole number from 1"),
        ("limits.instances = 1.5", "limits.instances is \"1.5\", expected a whole number from 1"),
        ("limits.instances = '7'", "limits.instances is \"7\", expected a whole number from 1"),
        ("limits.instances = 99999999999999999999", "expected a whole number from 1"),
        ("limits.max_header_bytes = 100", "expected a whole number of bytes from 8192 to 1048576"),
        ("limits = 5", "there is no setting \"limits\""),
        ("listen = ['127.0.0.1:1', '127.0.0.1:1']", "listen is \"127.0.0.1:1\", expected each address once"),
        (
            "limits.least_ttl = '2h'\nlimits.longest_ttl = '1h'",
            "limits.least_ttl is \"7200s\", expected at most limits.longest_ttl, which is 3600s",
        ),
    ] {
        let told = told(file);
        assert!(told.len() == 1 && told[0].contains(expected), "{file}: {told:?}");
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let file = "lisen = 1\nopen = 'x'\nlisten = '0.0.0.0:1'\nbroken =\n[limits]\ntags = -1";
    let flags = Flags { listen: vec!["nowhere".into()], ..Flags::default() };
    let error = load_all(file, &[("LUBDUB_LIMITS_CHECKS", "many")], flags).unwrap_err();
    let told = error.to_string();
    assert_eq!(error.faults.len(), 7, "{told}");
    for part in [
        "lubdub.toml:1: there is no setting \"lisen\"",
        "lubdub.toml:2: open is \"x\"",
        "lubdub.toml:4: this is not TOML",
        "lubdub.toml:6: limits.tags is \"-1\"",
        "environment: LUBDUB_LIMITS_CHECKS is \"many\"",
        "--listen is \"nowhere\"",
        "add --token-file FILE",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn a_file_that_is_missing_or_no_toml_is_told() {
    let flags = Flags { config: Some("/nowhere/lubdub.toml".into()), ..Flags::default() };
    let told = ServerConfig::load(&flags, &environment(&[])).unwrap_err().to_string();
    assert!(told.contains("/nowhere/lubdub.toml cannot be read") && told.contains("--config FILE"), "{told}");
    let told = load("listen = \"unclosed\n[limits").unwrap_err().to_string();
    assert!(told.contains("lubdub.toml:1: this is not TOML"), "{told}");
    let named = environment(&[("LUBDUB_CONFIG", "/nowhere/else.toml")]);
    let told = ServerConfig::load(&Flags::default(), &named).unwrap_err().to_string();
    assert!(told.contains("/nowhere/else.toml"), "{told}");
}

#[test]
fn listening_for_others_asks_who_may_come_in() {
    let listen = |address: &str, flags: Flags| {
        ServerConfig::load(&Flags { listen: vec![address.into()], ..flags }, &environment(&[]))
    };
    for own in ["127.0.0.1:0", "127.8.8.8:0", "[::1]:0", "[::ffff:127.0.0.1]:0"] {
        assert!(listen(own, Flags::default()).is_ok(), "{own}");
    }
    for others in ["0.0.0.0:8761", "[::]:8761", "10.0.0.1:8761"] {
        let told = listen(others, Flags::default()).unwrap_err().to_string();
        assert!(told.contains("--token-file FILE") && told.contains("--open"), "{told}");
        let opened = listen(others, Flags { open: true, ..Flags::default() }).unwrap();
        assert!(opened.exposure().unwrap().contains(&format!("anyone who can reach {others}")));
        let guarded = listen(others, Flags { token_file: Some("t".into()), ..Flags::default() }).unwrap();
        assert_eq!(guarded.exposure(), None);
    }
    let both = Flags { open: true, token_file: Some("t".into()), ..Flags::default() };
    let told = listen("0.0.0.0:1", both).unwrap_err().to_string();
    assert!(told.contains("open is \"true\", expected false beside token_file"), "{told}");
}

#[test]
fn a_directory_on_the_command_line_outranks_memory_only_elsewhere() {
    let flags = Flags { data: Some("here".into()), ..Flags::default() };
    assert!(!load_all("ephemeral = true", &[], flags.clone()).unwrap().ephemeral);
    assert!(load_all("", &[], Flags { ephemeral: true, ..flags }).unwrap().ephemeral);
}

#[test]
fn variables_that_are_almost_settings_are_faults_and_others_are_not_ours() {
    let with = |name: &str| ServerConfig::load(&Flags::default(), &environment(&[(name, "x")]));
    for (wrong, meant) in [
        ("LUBDUB_TOKENFILE", "LUBDUB_TOKEN_FILE"),
        ("LUBDUB_LISTN", "LUBDUB_LISTEN"),
        ("LUBDUB_LIMIT_SERVICES", "LUBDUB_LIMITS_SERVICES"),
    ] {
        let told = with(wrong).unwrap_err().to_string();
        let expected = format!("environment: there is no setting {wrong:?}; did you mean {meant:?}?");
        assert_eq!(told, expected);
    }
    for other in [
        "LUBDUB_PORT",
        "LUBDUB_SERVICE_HOST",
        "LUBDUB_PORT_8761_TCP",
        "LUBDUB_SERVER",
        "LUBDUB_LOG",
        "LISTEN",
    ] {
        assert!(with(other).is_ok(), "{other}");
    }
}

#[test]
fn every_setting_is_documented_and_nothing_else() {
    let page = include_str!("../../../../docs/configuration.md");
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.split('|').nth(1)).flat_map(|cell| cell.split(','));
    let mut documented: Vec<_> = cells.map(|name| name.trim().trim_matches('`')).collect();
    let mut known: Vec<_> = keys::KEYS.iter().map(|key| key.name).collect();
    documented.sort_unstable();
    known.sort_unstable();
    assert_eq!(documented, known);
}
