#!/usr/bin/env python3
"""Asks the real binary whatever its own description allows, and much that it does not.

schemathesis reads `/api/v1/openapi.json`, makes requests from it and checks every answer against it: its status, its
type, its headers, its schema; that what is not allowed is refused, that no method works which is not described, and
that no action works without the operator token. The seed is fixed, so that a run can be repeated.

Left out: the stream of events. OpenAPI 3.1 cannot describe the frames of a stream that does not end, and a client
that waits for its end waits for ever; only the list of the same events is asked for. `crates/faces/rest/tests/rest/
stream.rs` holds the stream.

Prints a line for each case, `ok - name` or `not ok - name: reason`, and ends with `N passed, M failed`.
`cargo xtask conformance openapi` builds and installs what is needed, sets the environment and calls this.
"""
import argparse
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from harness.registry import Registry  # noqa: E402

SEED = "1"
PATIENCE = 180
"""Seconds that a case may take; it takes about ten."""

INSTANCES = [("orders", "orders-1"), ("orders", "orders 2/x"), ("stock", "stock-1")]

NOT_SEEN = {
    "GET /api/v1/openapi.json": "it is read before all else, and what is read to begin with is not recorded",
    "POST /api/v1/guard/release": "the guard holds nothing here, so there is nothing to release",
    "DELETE /api/v1/services/{service}/instances/{id}/damping": "damping keeps nobody out here",
}
"""Operations that are not seen to do what they are for, and why; what they answer is checked all the same."""


def answers_at_the_edges_are_as_described(bed: "Bed") -> None:
    bed.ask("anything.toml", "examples,coverage")


def answers_to_anything_are_as_described(bed: "Bed") -> None:
    bed.ask("anything.toml", "fuzzing", "--max-examples", "40")


def every_operation_does_what_it_is_for(bed: "Bed") -> None:
    done = bed.ask("registered.toml", "fuzzing", "--max-examples", "40")
    missing = bed.operations() - done - NOT_SEEN.keys()
    if missing:
        raise AssertionError(f"never answered 2xx: {', '.join(sorted(missing))}")


CASES = [
    answers_at_the_edges_are_as_described,
    answers_to_anything_are_as_described,
    every_operation_does_what_it_is_for,
]


class Bed:
    """A registry that holds some instances, whatever is done to them."""

    def __init__(self, registry: Registry, folder: Path):
        self._registry, self._folder = registry, folder
        self._token = (folder / "data" / "operator-token").read_text().strip()
        self._stop = threading.Event()
        self._keeper = threading.Thread(target=self._keep)

    def __enter__(self) -> "Bed":
        for app, instance in INSTANCES:
            assert self._registry.register(app, instance, 600)
        self._keeper.start()
        return self

    def __exit__(self, *_) -> None:
        self._stop.set()
        self._keeper.join()

    def _keep(self) -> None:
        """Registers again whoever was removed, so that the next request finds them."""
        while not self._stop.wait(0.02):
            for app, instance in INSTANCES:
                if self._registry.instance(app, instance) is None:
                    self._registry.register(app, instance, 600)

    def _description(self) -> dict:
        with urllib.request.urlopen(f"{self._registry.url}/api/v1/openapi.json", timeout=10) as answer:
            return json.load(answer)

    def operations(self) -> set[str]:
        """Every operation that is described, as `METHOD path`."""
        paths = self._description()["paths"]
        return {f"{method.upper()} {path}" for path, item in paths.items() for method in item}

    def ask(self, config: str, phases: str, *more: str) -> set[str]:
        """Runs schemathesis; the operations that were answered 2xx."""
        report = self._folder / "answers.har"
        program = os.environ.get("LUBDUB_SCHEMATHESIS", "st")
        command = [
            program, "--no-color", "--config-file", str(HERE / config), "run",
            f"{self._registry.url}/api/v1/openapi.json",
            "--phases", phases, "--checks", "all", "--seed", SEED, "--generation-database", "none",
            "--header", f"lubdub-operator-token: {self._token}",
            "--report-har-path", str(report), "--warnings", "off", *more,
        ]
        ended = subprocess.run(
            command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=PATIENCE, check=False)
        if ended.returncode != 0:
            print(ended.stdout)
            raise AssertionError(f"schemathesis ended with {ended.returncode}; what it found is above")
        told = [line.strip() for line in ended.stdout.splitlines() if " generated, " in line]
        print(f"  {told[0] if told else 'no test cases were told'}")
        if not told:
            raise AssertionError("schemathesis made no requests")
        return self._done(json.loads(report.read_text())["log"]["entries"])

    def _done(self, entries: list[dict]) -> set[str]:
        patterns = {
            operation: re.compile(re.sub(r"\\{\w+\\}", "[^/?]+", re.escape(operation)) + r"(\?.*)?$")
            for operation in self.operations()
        }
        good = {
            f"{entry['request']['method']} {entry['request']['url'].removeprefix(self._registry.url)}"
            for entry in entries if 200 <= entry["response"]["status"] < 300
        }
        return {operation for operation, pattern in patterns.items() if any(pattern.match(one) for one in good)}


def run(case) -> str | None:
    """Plays a case; what was wrong, if anything."""
    with tempfile.TemporaryDirectory(prefix="lubdub-openapi-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        try:
            registry = stack.enter_context(Registry(folder))
            case(stack.enter_context(Bed(registry, folder)))
            return None
        except Exception as fault:  # whatever it is, the next case is played all the same
            log = folder / "registry.log"
            if log.exists():
                print("  the registry wrote:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-20:]))
            return (str(fault) or type(fault).__name__).splitlines()[0]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="*", help="only these cases; all when none is named")
    parser.add_argument("--list", action="store_true", help="print the names of the cases and run none")
    arguments = parser.parse_args()
    by_name = {case.__name__: case for case in CASES}
    unknown = [name for name in arguments.case if name not in by_name]
    if unknown:
        parser.error(f"there is no case {', '.join(unknown)}; --list shows them")
    if arguments.list:
        print("\n".join(by_name))
        return 0
    failed = 0
    chosen = arguments.case or list(by_name)
    for name in chosen:
        reason = run(by_name[name])
        failed += reason is not None
        print(f"ok - {name}" if reason is None else f"not ok - {name}: {reason}", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
