//! Where this face answers otherwise than the recorded server, and why. `docs/eureka.md` tells
//! users the same.

use std::collections::BTreeSet;

/// Recordings that are not replayed.
pub(crate) const SKIPPED_FILES: &[(&str, &str)] = &[
    ("peer-batch.json", "peer replication is not served yet"),
    ("peer-life-cycle.json", "peer replication is not served yet"),
    ("leases.json", "real time passes in it; that leases end exactly is the core's to show"),
];

/// How an exchange differs.
#[derive(Debug)]
pub(crate) enum What {
    /// It is not sent: it needs what is not served yet.
    NotSent,
    /// The status is this one.
    Status(u16),
    /// Differences whose text contains one of these are meant.
    Members(&'static [&'static str]),
}

use What::{Members, NotSent, Status};

/// An exchange that is answered otherwise.
#[derive(Debug)]
pub(crate) struct Deviation {
    file: &'static str,
    /// The exchange's number in the file, from 0.
    exchange: usize,
    what: What,
    /// The reason, for readers of this list.
    _why: &'static str,
}

const fn but(file: &'static str, exchange: usize, what: What, why: &'static str) -> Deviation {
    Deviation { file, exchange, what, _why: why }
}

const DIRTY: &str = "dirty-timestamps.json";
const ERRORS: &str = "errors.json";
const JSON: &str = "json-operations.json";
const XML: &str = "xml-operations.json";
const OVERRIDES: &str = "override-precedence.json";
const PATHS: &str = "paths-and-bodies.json";
const ODD: &str = "unusual-registrations.json";

const AT_ONCE: &str = "a peer's override counts at once, not from the next heartbeat on";
const NO_500: &str = "a parameter that cannot be read is the sender's fault: 400 instead of 500";
const NOTHING_HALF_DONE: &str =
    "a request that is refused changes nothing; the recorded server had set the override";
const ANY_ACCEPT: &str = "an Accept header that names neither JSON nor XML is answered in XML";
const NO_PEERS: &str = "peer replication is not served yet";
const METADATA: &str = "added metadata is a modification, not a registration";
const OWN_OVERRIDE: &str = "an override belongs to an instance, not to every instance with its id";
const UNKNOWN_LIVES: &str =
    "a heartbeat keeps the lease of an instance that is UNKNOWN, unless its override was deleted";
const SLASHES: &str = "doubled slashes do not matter";
const PREFIXES: &str = "every prefix of the Netflix and the Spring servers is served";
const LENIENT: &str = "what can be understood is accepted";

pub(crate) const DEVIATIONS: &[Deviation] = &[
    but(DIRTY, 13, Members(&["actionType", "/status is \"OUT_OF_SERVICE\""]), AT_ONCE),
    but(DIRTY, 15, Members(&["actionType"]), AT_ONCE),
    but(ERRORS, 13, Status(400), "a body that is `null` is the sender's fault"),
    but(ERRORS, 17, Status(400), "a timestamp that is no number is told, not replaced by the server's time"),
    but(ERRORS, 25, Status(204), "a body without a type is read as what it looks like"),
    but(ERRORS, 28, Status(204), ANY_ACCEPT),
    but(ERRORS, 34, Status(404), ANY_ACCEPT),
    but(ERRORS, 36, Status(400), NO_500),
    but(ERRORS, 37, Status(400), NO_500),
    but(ERRORS, 38, Status(400), NO_500),
    but(ERRORS, 40, Status(400), NO_500),
    but(ERRORS, 41, Status(400), NO_500),
    but(
        ERRORS,
        42,
        Status(404),
        "an override that nobody knows is not taken over; the answer is that to a heartbeat",
    ),
    but(ERRORS, 43, Status(400), NO_500),
    but(ERRORS, 44, Members(&["verriddenStatus", "/status", "actionType"]), NOTHING_HALF_DONE),
    but(ERRORS, 45, Status(400), NO_500),
    but(ERRORS, 46, Members(&["verriddenStatus", "/status", "actionType"]), NOTHING_HALF_DONE),
    but(ERRORS, 47, Status(400), NOTHING_HALF_DONE),
    but(ERRORS, 53, NotSent, NO_PEERS),
    but(ERRORS, 54, NotSent, NO_PEERS),
    but(ERRORS, 55, NotSent, NO_PEERS),
    but(ERRORS, 56, NotSent, NO_PEERS),
    but(JSON, 21, Members(&["actionType"]), METADATA),
    but(
        JSON,
        22,
        Members(&["actionType", "registeredApplicationsEmpty"]),
        "as above; and a member that says whether there are applications is a slip of one server's version",
    ),
    but(JSON, 34, Status(405), "OPTIONS is not served: nothing asks for it"),
    but(JSON, 36, Status(200), "the recorded server fails at its own status in JSON"),
    but(XML, 6, Members(&["appGroupName"]), "a group is upper case whatever the format, as JSON has it"),
    but(XML, 11, Status(200), ANY_ACCEPT),
    but(XML, 12, NotSent, "the recorded server says XML and sends JSON"),
    but(XML, 13, Status(200), "every type that is named after JSON is answered in JSON"),
    but(XML, 14, NotSent, "the recorded server says JSON and sends XML"),
    but(
        XML,
        17,
        Members(&["/status is \"OUT_OF_SERVICE\""]),
        "the recorded server shows it as DOWN, in XML and alone",
    ),
    but(
        XML,
        23,
        Members(&[
            "instanceInfo",
            "memory",
            "avail-memory",
            "num-of-cpus",
            "server-uptime",
            "environment",
            "isHeathly",
            "/applicationStats/num",
            "/applicationStats/is",
        ]),
        "the server is no instance of itself, and does not measure its memory; its guard is told in the words of the recorded server's gauges",
    ),
    but(OVERRIDES, 20, Status(200), UNKNOWN_LIVES),
    but(OVERRIDES, 44, Members(&["serviceUpTimestamp", "overriddenStatus", "/status"]), OWN_OVERRIDE),
    but(OVERRIDES, 47, Members(&["overriddenStatus"]), OWN_OVERRIDE),
    but(OVERRIDES, 49, Status(200), UNKNOWN_LIVES),
    but(PATHS, 12, Status(204), "gzipped bodies are read: Netflix's peers send them"),
    but(PATHS, 13, Status(204), "gzipped bodies are read: Netflix's peers send them"),
    but(PATHS, 22, Status(200), "a slash that is encoded is part of the id"),
    but(PATHS, 23, NotSent, NO_PEERS),
    but(PATHS, 25, Status(404), "a semicolon is part of the id"),
    but(PATHS, 30, Status(200), SLASHES),
    but(PATHS, 31, Status(200), SLASHES),
    but(PATHS, 32, Status(200), SLASHES),
    but(PATHS, 35, Status(200), SLASHES),
    but(PATHS, 37, Status(200), PREFIXES),
    but(PATHS, 38, Status(200), PREFIXES),
    but(PATHS, 39, Status(200), SLASHES),
    but(PATHS, 41, Status(200), PREFIXES),
    but(ODD, 2, Status(204), LENIENT),
    but(ODD, 5, Status(204), LENIENT),
    but(ODD, 7, Status(204), LENIENT),
    but(ODD, 13, Members(&["metadata/z"]), "a value that is `null` is empty, not the word"),
    but(ODD, 14, Status(400), "an object as a value is told; the recorded server garbles it"),
    but(ODD, 15, Status(404), "as above"),
    but(ODD, 18, Status(204), LENIENT),
];

impl Deviation {
    pub(crate) fn number(&self) -> usize {
        DEVIATIONS.iter().position(|known| std::ptr::eq(known, self)).unwrap()
    }

    pub(crate) fn is_not_sent(&self) -> bool {
        matches!(self.what, NotSent)
    }

    pub(crate) fn status(&self) -> Option<u16> {
        match self.what {
            Status(status) => Some(status),
            NotSent | Members(_) => None,
        }
    }

    /// Whether a difference is meant.
    pub(crate) fn covers(&self, difference: &str) -> bool {
        matches!(self.what, Members(members) if members.iter().any(|member| difference.contains(member)))
    }
}

/// The deviation of an exchange, if it is one.
pub(crate) fn of(file: &str, exchange: usize) -> Option<&'static Deviation> {
    DEVIATIONS.iter().find(|known| known.file == file && known.exchange == exchange)
}

/// Deviations of a file that made no difference.
pub(crate) fn unused(file: &str, used: &BTreeSet<usize>) -> Vec<&'static Deviation> {
    let of_file = DEVIATIONS.iter().filter(|known| known.file == file);
    of_file.filter(|known| !used.contains(&known.number())).collect()
}
