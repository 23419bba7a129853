"""A life with py_eureka_client: orders come as lines of JSON, and each is answered with one."""
import asyncio
import json
import os
import sys

# The client logs to standard output, where answers go: they get it to themselves.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

from py_eureka_client import http_client  # noqa: E402
from py_eureka_client.eureka_client import EurekaClient  # noqa: E402


class Listening(http_client.HttpClient):
    """The client's own HTTP, with a note of each request to the registry."""

    def __init__(self, server: str):
        self._server = server
        self.requests = []

    async def urlopen(self, request=None, data=None, timeout=None):
        try:
            response = await super().urlopen(request, data, timeout)
        except http_client.HTTPError as error:
            self._note(request, error.code)
            raise
        except http_client.URLError:
            self._note(request, "failed")
            raise
        self._note(request, response.raw_response.status_code)
        return response

    def _note(self, request, end) -> None:
        url = request if isinstance(request, str) else request.url
        method = "GET" if isinstance(request, str) else request.method
        path = url.removeprefix(self._server).lstrip("/").split("?")[0]
        if path != url:
            self.requests.append(f"{method} {path} {end}")


class Life:
    def __init__(self, told: dict):
        self._http = Listening(told["server"] + "/eureka")
        http_client.set_http_client(self._http)
        self._client = EurekaClient(
            eureka_server=told["server"] + "/eureka", app_name=told["app"], instance_id=told["instance"],
            instance_host=told["host"], instance_ip=told["host"], instance_port=told["port"],
            renewal_interval_in_secs=told["interval"], duration_in_secs=told["ttl"],
            should_register=told["register"], should_discover=told["fetch"])

    async def start(self):
        await self._client.start()

    async def stop(self):
        await self._client.stop()

    async def offers(self, app):
        known = self._client.applications.get_application(app.upper())
        return [] if known is None else [instance.instanceId for instance in known.up_instances]

    async def requests(self):
        noted, self._http.requests = self._http.requests, []
        return noted

    async def set_status(self, status):
        await self._client.status_update(status)

    async def clear_status(self):
        await self._client.delete_status_override()

    async def call(self, app, path):
        return await self._client.do_service(app, path)

    async def walk(self, app, path):
        tried = []

        async def walker(url):
            tried.append(url)
            await http_client.http_client.urlopen(url, timeout=5)

        await self._client.walk_nodes(app, path, walker=walker)
        return tried


async def main(life: Life) -> None:
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        what = order.pop("do")
        try:
            answer = {"ok": await getattr(life, what)(**order)}
        except Exception as fault:
            answer = {"error": f"{type(fault).__name__}: {fault}"}
        print(json.dumps(answer), file=answers, flush=True)
        if what == "stop":
            break
    # The client's heartbeat thread would go on for ever, and register again.
    os._exit(0)


asyncio.run(main(Life(json.loads(sys.argv[1]))))
