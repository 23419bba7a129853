"""A real `lubdub serve`, seen from outside."""
import json
import os
import queue
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

from harness.waiting import PATIENCE

LISTENING = re.compile(r"^listening on (http://127\.0\.0\.1:(\d+))$")
FIELD = re.compile(r'\b(service|instance|cause)="([^"]*)"')


class Registry:
    """A registry on a port of its own, with a data directory that outlives its process."""

    def __init__(self, folder: Path):
        self._data, self._log = folder / "data", folder / "registry.log"
        self._process: subprocess.Popen | None = None
        self._port = 0
        self.url = ""

    def __enter__(self) -> "Registry":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.kill()

    def start(self) -> None:
        """Starts it; again on the port it had, which clients keep asking."""
        deadline = time.monotonic() + PATIENCE
        while not (url := self._listening()):
            # The port may be taken for a moment by an outgoing connection of someone else.
            if self._port == 0 or time.monotonic() > deadline:
                raise AssertionError(f"the registry did not start: {self._log.read_text()}")
            time.sleep(0.2)
        self.url = url

    def _listening(self) -> str | None:
        binary = os.environ.get("LUBDUB_BIN")
        if not binary:
            raise SystemExit("LUBDUB_BIN must be the path of the lubdub binary; cargo xtask conformance sets it")
        command = [binary, "serve", "--listen", f"127.0.0.1:{self._port}", "--data", str(self._data)]
        with open(self._log, "a", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                command, env=_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        lines: queue.Queue = queue.Queue()
        threading.Thread(target=_read, args=(self._process.stdout, lines, self._log), daemon=True).start()
        deadline = time.monotonic() + PATIENCE
        while (line := lines.get(timeout=max(0.0, deadline - time.monotonic()))) is not None:
            if match := LISTENING.match(line):
                self._port = int(match[2])
                return match[1]
        self._process.wait()
        return None

    def kill(self) -> None:
        """SIGKILL: nothing is said and nothing is saved."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def pause(self) -> None:
        """SIGSTOP: it stands still and notices nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def log(self) -> str:
        """What it wrote, over all its starts."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def told(self, sentence: str) -> list[dict[str, str]]:
        """Of whom its log says this, with the cause: the fields that each change is told in."""
        lines = [line for line in self.log().splitlines() if sentence in line]
        return [dict(FIELD.findall(line)) for line in lines]

    # What it says, in JSON.

    def instance(self, app: str, instance: str) -> dict | None:
        """By Eureka's own operation; none when it is not registered."""
        found = self._ask("GET", f"/eureka/apps/{quote(app)}/{quote(instance)}")
        return found and found["instance"]

    def ids(self, app: str) -> set[str]:
        found = self._ask("GET", f"/eureka/apps/{quote(app)}")
        return {instance["instanceId"] for instance in found["application"]["instance"]} if found else set()

    def revision(self) -> int:
        return self._known("/api/v1/services")["revision"]

    def events(self, since: int) -> list[dict]:
        """What changed after a revision, oldest first."""
        return self._known(f"/api/v1/events?since={since}")["events"]

    def status(self, app: str, instance: str) -> str | None:
        found = self.instance(app, instance)
        return found and found["status"]

    def lease(self, app: str, instance: str) -> dict:
        return self._known(f"/api/v1/services/{quote(app)}/instances/{quote(instance)}")["leases"][0]

    def counted(self, metric: str) -> float:
        """A metric's value; `metric` is its name with its labels, as they are written."""
        with urllib.request.urlopen(self.url + "/metrics", timeout=PATIENCE) as response:
            lines = response.read().decode().splitlines()
        values = [line.removeprefix(metric) for line in lines if line.startswith(f"{metric} ")]
        if len(values) != 1:
            raise AssertionError(f"{metric} is there {len(values)} times")
        return float(values[0])

    def history(self, app: str, instance: str) -> list[dict]:
        """Why it is as it is, oldest first."""
        return self._known(f"/api/v1/services/{quote(app)}/instances/{quote(instance)}/history")["history"]

    def causes(self, app: str, instance: str) -> list[str]:
        return [entry["cause"]["name"] for entry in self.history(app, instance)]

    # What others do by Eureka's own operations.

    def register(self, app: str, instance: str, ttl: int) -> bool:
        """Registers somebody who will never beat; whether that was answered."""
        document = {"instance": {
            "instanceId": instance, "app": app, "hostName": "127.0.0.1", "ipAddr": "127.0.0.1", "status": "UP",
            "vipAddress": app, "port": {"$": 9, "@enabled": "true"}, "leaseInfo": {"durationInSecs": ttl},
            "dataCenterInfo": {
                "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"}}}
        try:
            return self._ask("POST", f"/eureka/apps/{quote(app)}", document) is not None
        except OSError:
            return False  # it died before it answered

    def cancel(self, app: str, instance: str) -> None:
        self._do("DELETE", f"/eureka/apps/{quote(app)}/{quote(instance)}")

    def set_status(self, app: str, instance: str, status: str) -> None:
        self._do("PUT", f"/eureka/apps/{quote(app)}/{quote(instance)}/status?value={status}")

    def clear_status(self, app: str, instance: str) -> None:
        self._do("DELETE", f"/eureka/apps/{quote(app)}/{quote(instance)}/status")

    # What operators do.

    def operator(self, command: str, app: str, instance: str) -> None:
        """By the command line: `drain`, `resume`."""
        told = [os.environ["LUBDUB_BIN"], command, f"{app}/{instance}", "--server", self.url]
        environment = {**_environment(), "LUBDUB_DATA": str(self._data)}
        done = subprocess.run(told, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(f"lubdub {command}: {done.stdout}{done.stderr}")

    def _known(self, path: str) -> dict:
        found = self._ask("GET", path)
        if found is None:
            raise AssertionError(f"GET {path}: 404")
        return found

    def _do(self, method: str, path: str) -> None:
        if self._ask(method, path) is None:
            raise AssertionError(f"{method} {path}: 404")

    def _ask(self, method: str, path: str, document: dict | None = None):
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        body = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(self.url + path, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                body = response.read()
                return json.loads(body) if body else {}
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode(errors='replace')}") from error


def _environment() -> dict[str, str]:
    """Ours, without what would configure the registry."""
    return {name: value for name, value in os.environ.items() if not name.startswith("LUBDUB_")}


def _read(output, lines: queue.Queue, log: Path) -> None:
    """Reads to the end, so that the registry never waits for a reader."""
    with output, open(log, "a", encoding="utf-8") as kept:
        for line in output:
            kept.write(line)
            kept.flush()
            lines.put(line.rstrip("\n"))
    lines.put(None)
