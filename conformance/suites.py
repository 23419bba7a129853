"""The real clients, and how a process of each is started."""
import os
from pathlib import Path

import eureka
import motan.cases
import spring
from harness.cases import Client
from motan.zookeeper import ZooKeeper

HERE = Path(__file__).parent


def _java(built: Path, program: str) -> list[str]:
    # Started quickly rather than run fast: what it does in its life is little.
    quickly = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m", "-Xshare:auto"]
    classes = f"{built / 'classes'}{os.pathsep}{built / 'libraries' / '*'}"
    return ["java", *quickly, "-cp", classes, program]


def _spring(major: str) -> Client:
    built = Path(os.environ.get("LUBDUB_JAVA", "target/conformance/java")) / major
    return Client(
        command=_java(built, "lubdub.conformance.Life"),
        abilities={"call", "presents", "live"},
        cases=spring.CASES,
        shares_a_bed=True,
    )


SUITES = {
    "python": Client(
        command=[os.environ.get("LUBDUB_PYTHON", "python3"), str(HERE / "python" / "life.py")],
        abilities={"status", "call"},
        cases=eureka.CASES,
    ),
    "node": Client(
        command=["node", str(HERE / "node" / "life.js")],
        abilities=set(),
        cases=eureka.CASES,
    ),
    "java": _spring("current"),
    "java-previous": _spring("previous"),
    "motan": Client(
        command=_java(
            Path(os.environ.get("LUBDUB_MOTAN", "target/conformance/motan")), "lubdub.conformance.motan.Life"),
        abilities=set(),
        cases=motan.cases.CASES,
        shares_a_bed=True,
        registry=ZooKeeper,
    ),
}
