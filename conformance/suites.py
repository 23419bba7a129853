"""The real clients, and how a process of each is started."""
import os
from pathlib import Path

import eureka
from harness.cases import Client

HERE = Path(__file__).parent

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
}
