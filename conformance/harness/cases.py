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
    """A real client: how its process is started, and what it can do that not every client can.

    Where a process takes long to start, cases share one bed: each goes on with the programs that those before
    it left. After a fault the next case begins with a new bed."""

    command: list[str]
    abilities: set[str]
    cases: list["Case"]
    shares_a_bed: bool = False
    # What a bed begins with, made of a folder in which it keeps what it has.
    registry: Callable[[Path], contextlib.AbstractContextManager] = Registry


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
    """Where a case is played: its registry, its clients, and their end."""

    def __init__(self, client: Client):
        self._client, self._stack = client, contextlib.ExitStack()
        self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="lubdub-conformance-")))
        self._lives: dict[str, Life] = {}
        try:
            self.registry = self._stack.enter_context(client.registry(self._folder))
        except BaseException:
            self._stack.close()
            raise

    def close(self) -> None:
        self._stack.close()

    def can(self, ability: str) -> bool:
        return ability in self._client.abilities

    def life(self, app: str, name: str, registry: Registry | None = None, **settings) -> Life:
        """A process with the real client, which does nothing before it is told to `start`."""
        return self.process(self._client.command, app, name, registry, **settings)

    def process(self, command: list[str], app: str, name: str, registry: Registry | None = None, **settings) -> Life:
        """Another that is told what to do, like the real client."""
        log = self._folder / f"{name}.log"
        url = (registry or self.registry).url
        self._lives[name] = self._stack.enter_context(Life(command, url, app, name, log, settings))
        return self._lives[name]

    def kept(self, name: str) -> Life | None:
        """The life of this name, if a case before left it."""
        life = self._lives.get(name)
        return life if life and life.lives() else None

    def another_registry(self) -> Registry:
        """One that nobody knows yet, beside the bed's own."""
        folder = self._folder / "another"
        folder.mkdir()
        return self._stack.enter_context(Registry(folder))

    def logs(self) -> dict[str, str]:
        """What all processes wrote, by their names."""
        files = sorted(self._folder.rglob("*.log"))
        return {str(file.relative_to(self._folder)): file.read_text(errors="replace") for file in files}

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
    beds = Beds(client)
    with contextlib.closing(beds):
        for case in cases:
            began = time.monotonic()
            reason = beds.fault_of(case)
            took = f"  ({case.name} took {time.monotonic() - began:.1f} s)"
            if reason is None:
                print(f"ok - {case.name}")
            else:
                failed += 1
                print(f"not ok - {case.name}: {reason}")
            print(took, flush=True)
    print(f"{len(cases) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


class Beds:
    """Gives each case a bed, its own or the one that the case before left whole."""

    def __init__(self, client: Client):
        self._client, self._bed = client, None

    def fault_of(self, case: Case) -> str | None:
        try:
            self._bed = self._bed or Bed(self._client)
            case.check(self._bed)
        except Exception as fault:  # whatever it is, the next case is played all the same
            print("".join(traceback.format_exception(fault)).rstrip())
            for name, log in (self._bed.logs() if self._bed else {}).items():
                lines = log.splitlines()
                print(f"  {name} says:" if lines else f"  {name} is empty")
                print("\n".join(f"    {line}" for line in lines[-40:]))
            self.close()
            return (str(fault) or type(fault).__name__).splitlines()[0]
        if not self._client.shares_a_bed:
            self.close()
        return None

    def close(self) -> None:
        bed, self._bed = self._bed, None
        if bed:
            bed.close()
