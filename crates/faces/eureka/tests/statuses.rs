//! Which status counts: the rules of Eureka's section on statuses and overrides, each as a
//! sequence of requests and what is shown after them. The recording `override-precedence` says
//! the same of a real server.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test may panic"
)]

mod support;

use support::{Eureka, instance};

/// A request about ORDERS/i-1.
enum Step {
    /// Registers with this status, dirty at this time.
    Register(&'static str, u64),
    /// `PUT …/status` with this query, to be answered so.
    Put(&'static str, u16),
    /// `DELETE …/status` with this query, to be answered so.
    Delete(&'static str, u16),
    /// A heartbeat with this query, to be answered so.
    Beat(&'static str, u16),
    /// `DELETE …`.
    Cancel,
}

use Step::{Beat, Cancel, Delete, Put, Register};

async fn take(eureka: &Eureka, step: &Step) {
    const PATH: &str = "/eureka/apps/ORDERS/i-1";
    let (answer, status) = match step {
        Register(status, dirty) => {
            let more = format!(r#""status":"{status}","lastDirtyTimestamp":"{dirty}""#);
            (eureka.post("ORDERS", instance("ORDERS", "i-1", &more)).await, 204)
        }
        Put(query, status) => (eureka.put(&format!("{PATH}/status?{query}")).await, *status),
        Delete(query, status) => (eureka.delete(&format!("{PATH}/status?{query}")).await, *status),
        Beat(query, status) => (eureka.put(&format!("{PATH}?{query}")).await, *status),
        Cancel => (eureka.delete(PATH).await, 200),
    };
    assert_eq!((answer.status.as_u16(), answer.text()), (status, ""));
}

const UP: Step = Register("UP", 1);

/// A claim, what happens, and the status and override that are shown then.
const RULES: &[(&str, &[Step], &str, &str)] = &[
    ("a first report counts", &[UP], "UP", "UNKNOWN"),
    ("also OUT_OF_SERVICE", &[Register("OUT_OF_SERVICE", 1)], "OUT_OF_SERVICE", "UNKNOWN"),
    ("a client cannot take itself out", &[UP, Register("OUT_OF_SERVICE", 2)], "UP", "UNKNOWN"),
    ("nor back", &[Register("OUT_OF_SERVICE", 1), Register("UP", 2)], "OUT_OF_SERVICE", "UNKNOWN"),
    (
        "but by DOWN",
        &[Register("OUT_OF_SERVICE", 1), Register("DOWN", 2), Register("UP", 3)],
        "UP",
        "UNKNOWN",
    ),
    ("DOWN counts", &[UP, Register("DOWN", 2)], "DOWN", "UNKNOWN"),
    ("a heartbeat's status does not", &[UP, Beat("status=DOWN&lastDirtyTimestamp=1", 200)], "UP", "UNKNOWN"),
    ("an override counts", &[UP, Put("value=OUT_OF_SERVICE", 200)], "OUT_OF_SERVICE", "OUT_OF_SERVICE"),
    (
        "and survives beats and reports of UP",
        &[UP, Put("value=OUT_OF_SERVICE", 200), Beat("status=UP", 200), Register("UP", 2)],
        "OUT_OF_SERVICE",
        "OUT_OF_SERVICE",
    ),
    (
        "but DOWN, STARTING and UNKNOWN are trusted over it",
        &[UP, Put("value=OUT_OF_SERVICE", 200), Register("STARTING", 2)],
        "STARTING",
        "OUT_OF_SERVICE",
    ),
    (
        "and it counts again after them",
        &[UP, Put("value=OUT_OF_SERVICE", 200), Register("DOWN", 2), Register("UP", 3)],
        "OUT_OF_SERVICE",
        "OUT_OF_SERVICE",
    ),
    ("the status that is so already is no override", &[UP, Put("value=UP", 200)], "UP", "UNKNOWN"),
    (
        "an override of UP hides OUT_OF_SERVICE",
        &[Register("DOWN", 1), Put("value=UP", 200), Register("OUT_OF_SERVICE", 2)],
        "UP",
        "UP",
    ),
    (
        "a removed override leaves UNKNOWN, and the client is asked to register",
        &[UP, Put("value=OUT_OF_SERVICE", 200), Delete("", 200), Beat("lastDirtyTimestamp=1", 404)],
        "UNKNOWN",
        "UNKNOWN",
    ),
    (
        "which it does, also with the old timestamp",
        &[UP, Put("value=OUT_OF_SERVICE&lastDirtyTimestamp=9", 200), Delete("", 200), UP, Beat("", 200)],
        "UP",
        "UNKNOWN",
    ),
    (
        "a removal with a value leaves that",
        &[UP, Put("value=OUT_OF_SERVICE", 200), Delete("value=UP", 200), Beat("", 200)],
        "UP",
        "UNKNOWN",
    ),
    (
        "a removal with UNKNOWN is one without a value",
        &[UP, Put("value=OUT_OF_SERVICE", 200), Delete("value=UNKNOWN", 200), Beat("", 404)],
        "UNKNOWN",
        "UNKNOWN",
    ),
    (
        "OUT_OF_SERVICE left behind sticks until DOWN",
        &[UP, Put("value=OUT_OF_SERVICE", 200), Delete("value=OUT_OF_SERVICE", 200), Register("UP", 2)],
        "OUT_OF_SERVICE",
        "UNKNOWN",
    ),
    ("a removal where nothing is set does nothing", &[UP, Delete("value=DOWN", 200)], "UP", "UNKNOWN"),
    (
        "a cancel takes the override along",
        &[UP, Put("value=OUT_OF_SERVICE", 200), Cancel, UP],
        "UP",
        "UNKNOWN",
    ),
    ("an older registration changes nothing", &[Register("UP", 5), Register("DOWN", 4)], "UP", "UNKNOWN"),
    ("one of the same time does", &[Register("UP", 5), Register("DOWN", 5)], "DOWN", "UNKNOWN"),
    (
        "an override's later timestamp counts from then on",
        &[
            UP,
            Put("value=DOWN&lastDirtyTimestamp=9", 200),
            Register("STARTING", 8),
            Beat("lastDirtyTimestamp=9", 200),
        ],
        "DOWN",
        "DOWN",
    ),
    ("a status nobody knows is refused", &[UP, Put("value=SLEEPY", 400)], "UP", "UNKNOWN"),
    ("and so is none", &[UP, Put("", 400)], "UP", "UNKNOWN"),
    ("and a removal to one", &[UP, Put("value=DOWN", 200), Delete("value=down", 400)], "DOWN", "DOWN"),
];

#[tokio::test]
async fn the_first_rule_that_matches_counts() {
    for (claim, steps, status, overridden) in RULES {
        let eureka = Eureka::start();
        for step in *steps {
            take(&eureka, step).await;
        }
        let shown = eureka.get("/eureka/apps/ORDERS/i-1").await.json();
        let shown = (&shown["instance"]["status"], &shown["instance"]["overriddenStatus"]);
        assert_eq!(shown, (&(*status).into(), &(*overridden).into()), "{claim}");
    }
}

#[tokio::test]
async fn an_override_that_comes_along_is_taken_only_where_none_is_stored() {
    let eureka = Eureka::start();
    eureka.register("ORDERS", "i-1", r#""overriddenStatus":"OUT_OF_SERVICE""#).await;
    eureka.register("ORDERS", "i-1", r#""overriddenStatus":"DOWN""#).await;
    let shown = eureka.get("/eureka/apps/ORDERS/i-1").await.json();
    assert_eq!(shown["instance"]["overriddenStatus"], "OUT_OF_SERVICE");
    let dump = eureka.get("/serverinfo/statusoverrides").await.json();
    assert_eq!(dump, serde_json::json!({"i-1": "OUT_OF_SERVICE"}));
}

#[tokio::test]
async fn an_operation_on_an_unknown_instance_is_answered_404_without_a_body() {
    let eureka = Eureka::start();
    for answer in [
        eureka.put("/eureka/apps/A/i/status?value=UP").await,
        eureka.delete("/eureka/apps/A/i/status").await,
        eureka.put("/eureka/apps/A/i/metadata?a=b").await,
        eureka.delete("/eureka/apps/A/i").await,
        eureka.get("/eureka/apps/A/i").await,
        eureka.get("/eureka/apps/A").await,
        eureka.get("/eureka/instances/i").await,
        eureka.get("/eureka/other").await,
        eureka.get("/eureka").await,
    ] {
        assert_eq!((answer.status.as_u16(), answer.text()), (404, ""));
    }
}
