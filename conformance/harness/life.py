"""A process that holds a real client and does what it is told, a line of JSON at a time."""
import json
import queue
import signal
import subprocess
import threading
import time
from pathlib import Path

from harness.waiting import PATIENCE

# Short, so that a suite is: a client beats every second and may be silent for three.
INTERVAL, TTL = 1, 3

# A program that is compiled while it starts takes a while on a busy machine.
START_PATIENCE = 60.0


class Life:
    """One client. Each suite's `life` program reads orders like `{"do": "start"}` and answers each with
    `{"ok": ...}` or `{"error": "..."}`; it ends when its input does."""

    def __init__(self, command: list[str], server: str, app: str, instance: str, log: Path, settings: dict):
        self.app, self.instance = app, instance
        told = {
            "server": server, "app": app, "instance": instance, "host": "127.0.0.1", "port": 9, "interval": INTERVAL,
            "fetch_interval": INTERVAL, "ttl": TTL, "register": True, "fetch": True, "delta": False, "metadata": {},
            **settings}
        self._command = [*command, json.dumps(told)]
        self._log = log
        self._answers: queue.Queue = queue.Queue()

    def __enter__(self) -> "Life":
        with open(self._log, "w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.kill()
        self._process.stdin.close()

    # Orders.

    def start(self) -> "Life":
        self._order("start", START_PATIENCE)
        return self

    def leave(self) -> None:
        """The client's own way to end; its process then ends too, as a program does."""
        self._order("stop")
        self._process.wait(PATIENCE)

    def offers(self, app: str) -> list[str]:
        """The ids of the instances that this client would call, sorted."""
        return sorted(self._order("offers", app=app))

    def requests(self) -> list[str]:
        """What it has asked the registry since this was asked last, like `GET apps/delta 200`. A request
        that found nobody has no code but `failed`."""
        return self._order("requests")

    def set_status(self, status: str) -> None:
        self._order("set_status", status=status)

    def clear_status(self) -> None:
        self._order("clear_status")

    def call(self, app: str, path: str) -> str:
        """What an instance of `app` answers, by the client's own call."""
        return self._order("call", app=app, path=path)

    def walk(self, app: str, path: str) -> list[str]:
        """The addresses that the client tried until one answered."""
        return self._order("walk", app=app, path=path)

    def told(self, what: str, patience: float = PATIENCE, **more):
        """What it answers to an order that is known to its suite alone."""
        return self._order(what, patience, **more)

    def presents(self) -> dict:
        """How the client presents itself to the registry, and on which port it `listens`."""
        return self._order("presents")

    def live(self, live: bool) -> None:
        """Tells the program that it is well, or is not, of which its health tells others."""
        self._order("live", live=live)

    def log(self) -> str:
        """What it wrote to its standard error."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    # Fate.

    def lives(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        """SIGTERM: the program is asked to end, and is awaited."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(PATIENCE)

    def kill(self) -> float:
        """SIGKILL; returns when, by the monotonic clock."""
        at = time.monotonic()
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        return at

    def pause(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def _order(self, what: str, patience: float = PATIENCE, **more):
        order = {"do": what, **more}
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            answer = self._answers.get(timeout=patience)
        except (BrokenPipeError, queue.Empty):
            answer = None
        if answer is None:
            raise AssertionError(f"{self.instance} did not answer {order}")
        if "error" in answer:
            raise AssertionError(f"{self.instance} failed to {order}: {answer['error']}")
        return answer["ok"]

    def _read(self) -> None:
        with self._process.stdout as output:
            for line in output:
                self._answers.put(json.loads(line))
        self._answers.put(None)
