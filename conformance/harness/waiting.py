"""Waiting for what must come, and watching that what must not come does not."""
import time
from typing import Callable, TypeVar

T = TypeVar("T")

# Far above what anything takes, also on a busy machine: only a fault waits as long.
PATIENCE = 15.0

# Between two looks, in seconds. Times that cases measure are right to about this.
GLANCE = 0.03


def until(claim: str, look: Callable[[], T], patience: float = PATIENCE) -> T:
    """Looks until something true is seen, and returns it; `claim` says what was waited for."""
    deadline = time.monotonic() + patience
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {patience:g} s: {claim} (last seen: {seen!r})")
        time.sleep(GLANCE)


def moment_of(claim: str, look: Callable[[], object], patience: float = PATIENCE) -> float:
    """When something true was seen first, by the monotonic clock."""
    until(claim, look, patience)
    return time.monotonic()


def throughout(claim: str, look: Callable[[], object], span: float) -> None:
    """Looks for `span` seconds, and each time something true must be seen."""
    end = time.monotonic() + span
    while time.monotonic() < end:
        expect(claim, look())
        time.sleep(GLANCE)


def expect(claim: str, holds: object) -> None:
    if not holds:
        raise AssertionError(f"not so: {claim} ({holds!r})")
