"""A life with py_eureka_client. Commands come one per line on stdin, "ok" is answered to each."""
import asyncio
import os
import sys

from py_eureka_client.eureka_client import EurekaClient

APP, ID, HOST = "py-svc", "10.1.1.1:py-svc:9090", "py-1.example"


async def main(url):
    client = EurekaClient(
        eureka_server=url, app_name=APP, instance_id=ID, instance_host=HOST, instance_ip="10.1.1.1",
        instance_port=9090, renewal_interval_in_secs=2, duration_in_secs=6, metadata={"zone": "a", "my_key": "v"})
    loop = asyncio.get_running_loop()
    while True:
        line = (await loop.run_in_executor(None, sys.stdin.readline)).strip()
        try:
            if line == "start":
                await client.start()
            elif line == "stop":
                await client.stop()
            elif line.startswith("status "):
                await client.status_update(line.split()[1])
            elif line == "clear":
                await client.delete_status_override()
            else:
                os._exit(0)  # the client's heartbeat thread would go on for ever
            print("ok", flush=True)
        except Exception as e:  # the exchange is recorded all the same
            print("failed", type(e).__name__, e, flush=True)


asyncio.run(main(sys.argv[1]))
