"""A real ZooKeeper, seen from outside."""
import os
import socket
import subprocess
from pathlib import Path

from harness.waiting import until

LIBRARIES = Path(os.environ.get("LUBDUB_ZOOKEEPER", "target/registries/zookeeper/libraries"))


class ZooKeeper:
    """One on a free port of loopback, with a data directory of its own."""

    def __init__(self, folder: Path):
        self._folder, self.url = folder, ""

    def __enter__(self) -> "ZooKeeper":
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._address = free.getsockname()
        self.url = f"127.0.0.1:{self._address[1]}"
        config = self._folder / "zoo.cfg"
        config.write_text(
            f"tickTime=500\nclientPortAddress=127.0.0.1\nclientPort={self._address[1]}\n"
            f"dataDir={self._folder / 'data'}\nadmin.enableServer=false\n4lw.commands.whitelist=srvr\n",
            encoding="utf-8")
        command = [
            "java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", f"{LIBRARIES}/*",
            "org.apache.zookeeper.server.ZooKeeperServerMain", str(config)]
        with open(self._folder / "zookeeper.log", "w", encoding="utf-8") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            until("ZooKeeper takes sessions", self._is_open)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        self._process.kill()
        self._process.wait()

    def _is_open(self) -> bool:
        try:
            with socket.create_connection(self._address, timeout=1) as asked:
                asked.sendall(b"srvr")
                # Before it takes sessions it says that it does not.
                return b"version" in asked.recv(100)
        except OSError:
            return False
