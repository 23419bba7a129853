"""Cases: what a client must live through, each on a registry of its own."""
import contextlib
import signal
import tempfile
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from harness.life import Life
from harness.registry import Registry


@dataclass
class Client:
    """A real client: how its process is started, and what it can do that not every client can."""

    command: list[str]
    abilities: set[str]
    cases: list["Case"]


@dataclass
class Case:
    """One claim. A client without one of the abilities `needs` does not have this case at all."""

    name: str
    check: Callable[["Bed"], None]
    needs: set[str] = field(default_factory=set)


class Cases(list):
    """A list to which functions are added by decorating them."""

    def case(self, *needs: str):
        def add(check):
            self.append(Case(check.__name__, check, set(needs)))
            return check

        return add


class Bed:
    """Where one case is played: its registry, its clients, and their end."""

    def __init__(self, client: Client, folder: Path, stack: contextlib.ExitStack):
        self._client, self._folder, self._stack = client, folder, stack
        self.registry = stack.enter_context(Registry(folder))

    def can(self, ability: str) -> bool:
        return ability in self._client.abilities

    def life(self, app: str, name: str, **settings) -> Life:
        """A process with the real client, which does nothing before it is told to `start`."""
        log = self._folder / f"{name}.log"
        return self._stack.enter_context(Life(self._client.command, self.registry.url, app, name, log, settings))

    def lasting(self, context):
        """Keeps a context open until the case ends."""
        return self._stack.enter_context(context)


def chosen(client: Client, names: list[str]) -> list[Case]:
    cases = [case for case in client.cases if case.needs <= client.abilities]
    if not names:
        return cases
    by_name = {case.name: case for case in cases}
    return [by_name[name] for name in names]


def run(client: Client, cases: list[Case]) -> int:
    # So that what we started is ended when we are asked to end.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    failed = 0
    for case in cases:
        began = time.monotonic()
        reason = _fault_of(client, case)
        took = f"  ({case.name} took {time.monotonic() - began:.1f} s)"
        if reason is None:
            print(f"ok - {case.name}")
        else:
            failed += 1
            print(f"not ok - {case.name}: {reason}")
        print(took, flush=True)
    print(f"{len(cases) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


def _fault_of(client: Client, case: Case) -> str | None:
    with tempfile.TemporaryDirectory(prefix="lubdub-conformance-") as name:
        folder = Path(name)
        try:
            with contextlib.ExitStack() as stack:
                case.check(Bed(client, folder, stack))
            return None
        except Exception as fault:  # whatever it is, the next case is played all the same
            print("".join(traceback.format_exception(fault)).rstrip())
            for log in sorted(folder.glob("*.log")):
                lines = log.read_text(errors="replace").splitlines()
                print(f"  {log.stem} wrote:" if lines else f"  {log.stem} wrote nothing")
                print("\n".join(f"    {line}" for line in lines[-40:]))
            return (str(fault) or type(fault).__name__).splitlines()[0]
