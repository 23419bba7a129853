"""Records real exchanges between Eureka clients and a Spring Cloud Eureka server. See README.md."""
import argparse
import datetime
import gzip
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

from proxy import Proxy

HERE = Path(__file__).resolve().parent
PROXY, SERVER, CLIENT, PEER_PROXY, PEER = 18760, 18761, 18771, 18762, 18763
JSON, XML = "application/json", "application/xml"
REPLICATED = ("x-netflix-discovery-replication: true",)
T = 1700000000000  # the lastDirtyTimestamp most of the registrations carry


def wait_for(url, seconds=90):
    for _ in range(seconds * 5):
        try:
            with urllib.request.urlopen(url, timeout=2) as r:
                return r.read()
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"{url} did not come up")


class Jar:
    def __init__(self, name, ready, log, **env):
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(("127.0.0.1", urllib.parse.urlsplit(ready).port))  # fails when something else is there
        jar = args.jars / f"{name}/target/{name}.jar"
        self.child = subprocess.Popen(
            ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", str(jar)],
            env={**os.environ, **env}, stdout=open(args.work / log, "w"), stderr=subprocess.STDOUT)
        children.append(self.child)
        wait_for(ready)

    def stop(self, hard=False):
        (self.child.kill if hard else self.child.terminate)()
        self.child.wait()


class Chat:
    """A client program which takes one command per line and answers each with a line."""

    def __init__(self, *command, **env):
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, text=True, env={**os.environ, **env})
        children.append(self.child)

    def say(self, command, then=0.0, note=None):
        proxy.note = note
        self.child.stdin.write(command + "\n")
        self.child.stdin.flush()
        while not (answer := self.child.stdout.readline().strip()).startswith(("ok", "failed")):
            if self.child.poll() is not None:
                break  # it ended, and what it logged on the way is not the answer
        print("   ", command, "->", answer)
        time.sleep(then)

    def end(self):
        self.child.stdin.close()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def curl(note, method, path, body=None, accept=JSON, ctype=None, headers=(), to=PROXY, data="--data-binary"):
    """One request by curl. accept=None sends no Accept header, accept="*/*" is curl's own default."""
    if to == PROXY:
        proxy.note = note
    command = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--path-as-is", "-g", "-m", "20", "-H", f"Accept: {accept}" if accept else "Accept:"]
    command += ["-I"] if method == "HEAD" else ["-X", method]
    given = None
    if body is not None:
        if isinstance(body, (dict, list)):
            body, ctype = json.dumps(body, separators=(",", ":")), ctype or JSON
        elif ctype is None:
            ctype = XML if body[:1] in ("<", b"<") else JSON
        given = body.encode() if isinstance(body, str) else body
        command += [data, "@-", "-H", f"Content-Type: {ctype}" if ctype else "Content-Type:"]
    for h in headers:
        command += ["-H", h]
    return subprocess.run([*command, f"http://127.0.0.1:{to}{path}"], input=given, capture_output=True).stdout.decode()


def instance(n=1, app="ORDERS", without=(), **changed):
    """A complete registration as a Spring client would write it, but with fixed timestamps."""
    host, low, port = f"{app.lower()}-{n}.example", app.lower(), 8080
    whole = {
        "instanceId": f"{host}:{low}:{port}", "hostName": host, "app": app, "ipAddr": f"10.2.0.{10 + n}",
        "status": "UP", "overriddenStatus": "UNKNOWN",
        "port": {"$": port, "@enabled": "true"}, "securePort": {"$": 443, "@enabled": "false"}, "countryId": 1,
        "dataCenterInfo": {"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"},
        "leaseInfo": {"renewalIntervalInSecs": 30, "durationInSecs": 90, "registrationTimestamp": 0,
                      "lastRenewalTimestamp": 0, "evictionTimestamp": 0, "serviceUpTimestamp": 0},
        "metadata": {"zone": "a"},
        "homePageUrl": f"http://{host}:{port}/", "statusPageUrl": f"http://{host}:{port}/actuator/info",
        "healthCheckUrl": f"http://{host}:{port}/actuator/health",
        "vipAddress": low, "secureVipAddress": low, "isCoordinatingDiscoveryServer": "false",
        "lastUpdatedTimestamp": str(T), "lastDirtyTimestamp": str(T), "actionType": "ADDED",
    }
    whole.update(changed)
    return {"instance": {k: v for k, v in whole.items() if k not in without}}


def small(n=1, app="ORDERS", **changed):
    """A registration with only what must be there, unless `changed` adds to it."""
    low = app.lower()
    return {"instance": {
        "instanceId": f"{low}-{n}", "hostName": f"{low}-{n}.example", "app": app, "ipAddr": f"10.2.0.{10 + n}",
        "vipAddress": low, "status": "UP",
        "dataCenterInfo": {"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"},
        "lastDirtyTimestamp": str(T), **changed}}


def xml(n=1, app="ORDERS", inner="", metadata="<metadata><zone>a</zone><my__key>v</my__key></metadata>"):
    low = app.lower()
    return (f"<instance><instanceId>{low}-{n}</instanceId><hostName>{low}-{n}.example</hostName><app>{app}</app>"
            f"<ipAddr>10.2.0.{10 + n}</ipAddr><status>UP</status><overriddenstatus>UNKNOWN</overriddenstatus>"
            '<port enabled="true">8080</port><securePort enabled="false">443</securePort><countryId>1</countryId>'
            '<dataCenterInfo class="com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo"><name>MyOwn</name></dataCenterInfo>'
            "<leaseInfo><renewalIntervalInSecs>30</renewalIntervalInSecs><durationInSecs>90</durationInSecs></leaseInfo>"
            f"{metadata}<vipAddress>{low}</vipAddress>"
            f"<lastUpdatedTimestamp>{T}</lastUpdatedTimestamp><lastDirtyTimestamp>{T}</lastDirtyTimestamp>{inner}</instance>")


A = "/eureka/apps"
O1 = f"{A}/ORDERS/orders-1.example:orders:8080"
S1 = f"{A}/ORDERS/orders-1"
S2 = f"{A}/ORDERS/orders-2"
N = f"{A}/ORDERS/nobody"


def py_life():
    c = Chat(str(args.python), str(HERE / "clients/py_client.py"), f"http://127.0.0.1:{PROXY}/eureka/")
    c.say("start", 2.6, "the client starts: register, full fetch; then one heartbeat and one delta every 2 s")
    c.say("status OUT_OF_SERVICE", 2.5, "status override")
    c.say("clear", 2.5, "override removed: status UNKNOWN, the next heartbeat is answered 404 and the client registers anew")
    curl("by curl: the client's instance is removed behind its back", "DELETE", f"{A}/PY-SVC/10.1.1.1%3Apy-svc%3A9090")
    time.sleep(2.2)
    c.say("stop", 0.5, "the client stops: register as DOWN, then cancel")
    c.end()


def js_life():
    def run(kind, delta):
        c = Chat("node", str(HERE / "clients/js_client.js"), f"http://127.0.0.1:{PROXY}", kind, delta,
                 NODE_PATH=str(args.node_modules))
        key = "js-1.example:jqservice:3000" if kind == "with-id" else "js-1.example"
        c.say("start", 2.6, f"a client ({kind}, {delta}) starts: register, fetch; then heartbeat and fetch every 2 s")
        curl("by curl: the client's instance is removed behind its back", "DELETE", f"/eureka/v2/apps/JQSERVICE/{key}")
        time.sleep(3.2)
        c.say("stop", 0.5, "the client stops: cancel")
        c.end()

    run("without-id", "full")
    run("with-id", "delta")


def spring_life():
    client = Jar("spring-client", f"http://127.0.0.1:{CLIENT}/actuator/info", "client.log",
                 CLIENT_PORT=str(CLIENT), EUREKA_URL=f"http://127.0.0.1:{PROXY}/eureka/")

    def status(value):
        proxy.note = f"the operator sets {value} at the program's own status endpoint"
        request = urllib.request.Request(f"http://127.0.0.1:{CLIENT}/actuator/serviceregistry", method="POST",
                                         data=json.dumps({"status": value}).encode(), headers={"Content-Type": JSON})
        urllib.request.urlopen(request, timeout=10).read()

    time.sleep(2.5)
    status("OUT_OF_SERVICE")
    time.sleep(2.3)
    status("CANCEL_OVERRIDE")
    time.sleep(2.8)
    curl("by curl: the program's instance is removed behind its back", "DELETE", f"{A}/ORDERS/orders-1.example:orders:{CLIENT}")
    time.sleep(3)
    proxy.note = "the program is told to end (SIGTERM): register as DOWN, cancel"
    client.stop()


def curl_json():
    curl("empty registry", "GET", A)
    curl("empty delta", "GET", f"{A}/delta")
    curl("register", "POST", f"{A}/ORDERS", instance(1))
    curl("path in lower case, body in upper case", "POST", f"{A}/orders", small(2, status="DOWN", asgName="orders-asg", appGroupName="shop"))
    curl("app in lower case in path and body, only what must be there", "POST", f"{A}/stock", small(1, "stock"))
    curl("all", "GET", A)
    curl("one app, path in lower case", "GET", f"{A}/stock")
    curl("HEAD", "HEAD", f"{A}/stock")
    curl("one instance, app in lower case", "GET", f"{A}/stock/stock-1")
    curl("one instance, id in another case", "GET", f"{A}/STOCK/STOCK-1")
    curl("instance by id, unknown", "GET", "/eureka/instances/nobody")
    curl("vip, other case", "GET", "/eureka/vips/STOCK")
    curl("vip, nobody has it", "GET", "/eureka/vips/none")
    curl("vip", "GET", "/eureka/vips/stock")
    curl("a second vip list", "POST", f"{A}/STOCK", small(2, "STOCK", vipAddress="stock-a,stock-b, stock-c"))
    curl("first of a vip list", "GET", "/eureka/vips/stock-a")
    curl("renew, all parameters, no body", "PUT", f"{O1}?status=UP&lastDirtyTimestamp={T}&overriddenstatus=UNKNOWN")
    curl("renew, body {}", "PUT", f"{O1}?status=UP&lastDirtyTimestamp={T}", "{}")
    curl("renew, nothing but the path", "PUT", O1)
    curl("metadata, two keys, one of them given twice", "PUT", f"{A}/STOCK/stock-1/metadata?k=v&k2=v%202&k=w")
    curl("metadata, body {}", "PUT", f"{O1}/metadata?zone=b", "{}")
    curl("metadata is there", "GET", f"{A}/STOCK/stock-1")
    compact = ("X-Eureka-Accept: compact",)
    curl("compact: all", "GET", A, headers=compact)
    curl("status override", "PUT", f"{O1}/status?value=OUT_OF_SERVICE")
    curl("status override, again the same", "PUT", f"{O1}/status?value=OUT_OF_SERVICE&lastDirtyTimestamp={T}")
    curl("overridden", "GET", O1)
    curl("override removed with a value", "DELETE", f"{O1}/status?value=UP")
    curl("no override to remove", "DELETE", f"{O1}/status")
    curl("override removed without value", "DELETE", f"{O1}/status?lastDirtyTimestamp={T}")
    curl("status is UNKNOWN", "GET", O1)
    curl("renew while UNKNOWN", "PUT", f"{O1}?status=UP&lastDirtyTimestamp={T}")
    curl("register again", "POST", f"{A}/ORDERS", small(1, instanceId="orders-1.example:orders:8080", lastDirtyTimestamp=str(T + 1)))
    curl("Amazon data centre", "POST", f"{A}/CLOUD", small(
        1, "CLOUD", dataCenterInfo={"@class": "com.netflix.appinfo.AmazonInfo", "name": "Amazon", "metadata": {
            "instance-id": "i-0a1b2c3d", "ami-id": "ami-0a1b2c3d", "availability-zone": "us-east-1c", "local-ipv4": "10.2.0.11",
            "public-ipv4": "192.0.2.11", "public-hostname": "cloud-1.example", "instance-type": "m5.large"}}))
    curl("Amazon data centre shown", "GET", f"{A}/CLOUD")
    curl("OPTIONS", "OPTIONS", A)
    curl("ASG status where the server is not in AWS mode", "PUT", "/eureka/asg/orders-asg/status?value=DISABLED")
    curl("server status as JSON", "GET", "/eureka/status")
    curl("cancel", "DELETE", f"{A}/CLOUD/cloud-1")
    curl("app of which the last instance has gone", "GET", f"{A}/CLOUD")
    curl("cancel again", "DELETE", f"{A}/CLOUD/cloud-1")


def curl_xml():
    curl("empty registry", "GET", A, accept=XML)
    curl("empty delta", "GET", f"{A}/delta", accept=XML)
    curl("register", "POST", f"{A}/ORDERS", xml(1), accept=XML)
    curl("register with an XML declaration, line ends and overriddenStatus in camel case", "POST", f"{A}/ORDERS",
         '<?xml version="1.0" encoding="UTF-8"?>\n' + xml(2).replace("overriddenstatus", "overriddenStatus").replace("><", ">\n  <"), accept=XML)
    curl("status in lower case, no metadata, a homePageUrl that needs escapes, asg and group", "POST", f"{A}/STOCK",
         xml(1, "STOCK", "<homePageUrl>http://stock-1.example/?a=1&amp;b=&lt;2&gt;</homePageUrl><asgName>stock-asg</asgName><appGroupName>shop</appGroupName>",
             metadata="").replace("<status>UP", "<status>down"), accept=XML)
    curl("metadata keys that must be escaped", "POST", f"{A}/STOCK",
         small(2, "STOCK", metadata={"my_key": "v", "a.b-c": "1", "$d": "2", "with space": "3", "1st": "4", "sl/ash": "5", "ü": "ä & <b>", "empty": ""}))
    curl("all", "GET", A, accept=XML)
    curl("one instance, Accept XML before JSON", "GET", S1, accept="application/xml, application/json;q=0.5")
    curl("vip, nobody has it", "GET", "/eureka/vips/none", accept=XML)
    compact = ("X-Eureka-Accept: compact",)
    curl("no Accept header", "GET", "/eureka/vips/none", accept=None)
    curl("Accept */*", "GET", "/eureka/vips/none", accept="*/*")
    curl("Accept text/html", "GET", "/eureka/vips/none", accept="text/html")
    curl("Accept XML before JSON", "GET", "/eureka/vips/none", accept="application/xml, application/json;q=0.5")
    curl("Accept application/vnd.x+json", "GET", "/eureka/vips/none", accept="application/vnd.x+json")
    curl("Accept JSON in upper case", "GET", "/eureka/vips/none", accept="APPLICATION/JSON")
    curl("renew", "PUT", f"{S1}?status=UP&lastDirtyTimestamp={T}", accept=XML)
    curl("override", "PUT", f"{S1}/status?value=OUT_OF_SERVICE", accept=XML)
    curl("one instance, overridden to OUT_OF_SERVICE", "GET", S1, accept=XML)
    curl("its app, compact", "GET", f"{A}/ORDERS", accept=XML, headers=compact)
    curl("override removed", "DELETE", f"{S1}/status?value=UP", accept=XML)
    curl("metadata", "PUT", f"{S1}/metadata?some_key=x", accept=XML)
    curl("unknown app", "GET", f"{A}/NONE", accept=XML)
    curl("unknown instance", "GET", f"{A}/ORDERS/nobody", accept=XML)
    curl("server status", "GET", "/eureka/status", accept=XML)
    curl("Amazon data centre", "POST", f"{A}/CLOUD", xml(1, "CLOUD").replace(
        'class="com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo"><name>MyOwn</name>',
        'class="com.netflix.appinfo.AmazonInfo"><name>Amazon</name><metadata><instance-id>i-0a1b2c3d</instance-id><availability-zone>us-east-1c</availability-zone></metadata>'), accept=XML)
    curl("Amazon data centre shown", "GET", f"{A}/CLOUD", accept=XML)
    curl("cancel", "DELETE", f"{A}/CLOUD/cloud-1", accept=XML)
    curl("cancel again", "DELETE", f"{A}/CLOUD/cloud-1", accept=XML)


def lenient():
    """Unusual registrations, each followed by what became of it."""
    kept = {"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"}

    def one(note, n=[0], text=None, without=(), **changed):
        n[0] += 1
        body = small(n[0], "ODD", **changed)
        for k in without:
            del body["instance"][k]
        i = body["instance"]
        status = curl(note, "POST", f"{A}/ODD", text(json.dumps(body, separators=(",", ":"))) if text else body)
        if status == "204":
            curl("what became of it", "GET", f"{A}/ODD/{i.get('instanceId') or i.get('hostName')}")

    one("overriddenstatus in lower case", overriddenstatus="DOWN")
    one("ports as plain numbers", port=8080, securePort=443)
    one("port number as text, enabled as boolean", port={"$": "8080", "@enabled": False}, securePort={"$": 8443, "@enabled": True})
    one("dataCenterInfo without @class", dataCenterInfo={"name": "MyOwn"})
    one("dataCenterInfo with an unknown name", dataCenterInfo={**kept, "name": "Moon"})
    one("dataCenterInfo with metadata though own", dataCenterInfo={**kept, "metadata": {"a": "b"}})
    one("timestamps as numbers, boolean, nulls, sid as Spring clients write them, an unknown scalar", lastUpdatedTimestamp=T, lastDirtyTimestamp=T, isCoordinatingDiscoveryServer=False, weight=3,
        appGroupName=None, homePageUrl=None, asgName=None, secureVipAddress=None, sid="na", countryId=1, actionType=None)
    one("leaseInfo with the alias renewalTimestamp", leaseInfo={"renewalIntervalInSecs": 5, "durationInSecs": 15, "registrationTimestamp": 7, "renewalTimestamp": 8, "evictionTimestamp": 9, "serviceUpTimestamp": 10})
    one("metadata with @class, null, number, boolean", metadata={"@class": "java.util.Collections$EmptyMap", "n": 1, "b": True, "z": None, "t": "x"})
    one("metadata with an object inside", metadata={"a": {"b": "c"}, "t": "x"})
    one("status nobody knows, metadata null, no vipAddress, lease numbers as text, name before @class, countryId as text", status="SLEEPY", metadata=None, vipAddress=None, countryId="7",
        leaseInfo={"renewalIntervalInSecs": "5", "durationInSecs": "15"}, dataCenterInfo={"name": "MyOwn", "@class": kept["@class"]})
    one("unknown object and list members", colours={"r": 1, "status": "DOWN"}, list=[1, {"hostName": "x"}])
    one("no instanceId", without=("instanceId",))
    one("body without the root instance", text=lambda b: b[len('{"instance":'):-1])
    one("instance in a list", text=lambda b: b.replace(":", ":[", 1)[:-1] + "]}")
    one("text beyond ASCII", metadata={"city": "Zürich 東京"}, homePageUrl="http://example/ü")


def errors():
    curl("a good one, to have something there", "POST", f"{A}/ORDERS", small(1))
    for field in ("instanceId", "hostName", "ipAddr", "app", "dataCenterInfo"):
        b = small(9)
        del b["instance"][field]
        curl(f"register without {field}", "POST", f"{A}/ORDERS", b)
    b = small(9)
    del b["instance"]["instanceId"], b["instance"]["hostName"]
    curl("register without instanceId and hostName", "POST", f"{A}/ORDERS", b)
    for field in ("hostName", "app"):
        curl(f"register with {field} empty", "POST", f"{A}/ORDERS", small(9, **{field: ""}))
    curl("register, dataCenterInfo without name", "POST", f"{A}/ORDERS", small(9, dataCenterInfo={"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo"}))
    curl("register, dataCenterInfo empty", "POST", f"{A}/ORDERS", small(9, dataCenterInfo={}))
    curl("register, another app in the body than in the path", "POST", f"{A}/STOCK", small(9))
    for what, text in (("empty object", "{}"), ("null", "null"),
                       ("broken JSON", '{"instance":{"hostName":'), ("empty", "")):
        curl(f"register, body: {what}", "POST", f"{A}/ORDERS", text)
    for field, value in (("port", {"$": 99999999999}), ("lastDirtyTimestamp", "x"),
                         ("metadata", "x")):
        curl(f"register, {field} is {json.dumps(value)}", "POST", f"{A}/ORDERS", small(9, **{field: value}))
    for what, text in (("broken XML", "<instance><hostName>a"),
                       ("port not a number", xml(9).replace(">8080<", ">x<")),
                       ("no class at dataCenterInfo", xml(9).replace(' class="com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo"', "")),
                       ("a document type with an entity", '<!DOCTYPE instance [<!ENTITY e "x">]>' + xml(9).replace("<app>", "<sid>&e;</sid><app>")),
                       ("status nobody knows, an unknown element", xml(7, inner="<colour>red</colour>").replace("<status>UP", "<status>SLEEPY"))):
        curl(f"register, XML body: {what}", "POST", f"{A}/ORDERS", text, accept=XML)
    good = json.dumps(small(9), separators=(",", ":"))
    curl("register, XML sent as JSON", "POST", f"{A}/ORDERS", xml(9), ctype=JSON)
    curl("register, no content type", "POST", f"{A}/ORDERS", good, ctype="")
    curl("register, charset UTF-16", "POST", f"{A}/ORDERS", good, ctype=f"{JSON};charset=UTF-16")
    curl("register, no Accept, error", "POST", f"{A}/ORDERS", '{"instance":{}}', accept=None)
    curl("register, Accept text/html, good", "POST", f"{A}/ORDERS", small(1), accept="text/html")
    curl("renew, unknown app", "PUT", f"{A}/NONE/orders-1")
    curl("renew, unknown instance", "PUT", f"{N}?status=UP&lastDirtyTimestamp={T}")
    curl("cancel, unknown instance", "DELETE", N)
    curl("remove override, unknown instance", "DELETE", f"{N}/status")
    curl("metadata, unknown instance", "PUT", f"{N}/metadata?a=b")
    curl("renew, unknown, Accept text/html", "PUT", f"{A}/NONE/orders-1", accept="text/html")
    curl("get, unknown app", "GET", f"{A}/NONE")
    curl("override, value nobody knows", "PUT", f"{S1}/status?value=SLEEPY")
    curl("override, no value", "PUT", f"{S1}/status")
    curl("remove override, value nobody knows", "DELETE", f"{S1}/status?value=SLEEPY")
    curl("renew, status nobody knows", "PUT", f"{S1}?status=SLEEPY")
    curl("renew, lastDirtyTimestamp not a number", "PUT", f"{S1}?status=UP&lastDirtyTimestamp=abc")
    curl("renew, lastDirtyTimestamp beyond 64 bits", "PUT", f"{S1}?status=UP&lastDirtyTimestamp=99999999999999999999")
    curl("renew from a peer, overriddenstatus nobody knows", "PUT", f"{S1}?status=UP&lastDirtyTimestamp={T + 5}&overriddenstatus=SLEEPY", headers=REPLICATED)
    curl("override, lastDirtyTimestamp not a number", "PUT", f"{S1}/status?value=DOWN&lastDirtyTimestamp=abc")
    curl("state after these", "GET", S1)
    curl("remove override, lastDirtyTimestamp not a number", "DELETE", f"{S1}/status?lastDirtyTimestamp=abc")
    curl("state after these", "GET", S1)
    curl("renew, lastDirtyTimestamp not a number", "PUT", f"{S1}?status=UP&lastDirtyTimestamp=abc")
    curl("override, value UNKNOWN", "PUT", f"{S1}/status?value=UNKNOWN")
    for method, path in (("POST", S1), ("POST", f"{S1}/status"),
                         ("POST", f"{A}/delta"), ("GET", f"{S1}/other"),
                         ("GET", "/eureka/peerreplication/batch/")):
        curl(f"{method} where nothing answers it", method, path, {} if method == "POST" else None)
    curl("batch, broken JSON", "POST", "/eureka/peerreplication/batch/", '{"replicationList":[')
    curl("batch, empty object", "POST", "/eureka/peerreplication/batch/", "{}")
    curl("batch, XML", "POST", "/eureka/peerreplication/batch/", "<a/>")


def paths_and_bodies():
    gz = ("Accept-Encoding: gzip",)
    curl("gzip accepted: all", "GET", A, headers=gz)
    curl("gzip accepted: delta", "GET", f"{A}/delta", headers=gz)
    curl("gzip accepted: vip", "GET", "/eureka/vips/none", headers=gz)
    curl("gzip accepted: all, XML", "GET", A, accept=XML, headers=gz)
    curl("all, trailing slash", "GET", f"{A}/")
    curl("delta, trailing slash", "GET", f"{A}/delta/")
    curl("gzip refused", "GET", A, headers=("Accept-Encoding: gzip;q=0",))
    curl("other codings", "GET", A, headers=("Accept-Encoding: br, deflate",))
    whole = json.dumps(small(1, instanceId="orders-1.example:orders:8080"), separators=(",", ":"))
    curl("register with a chunked body", "POST", f"{A}/ORDERS", whole, headers=("Transfer-Encoding: chunked",))
    curl("percent-encoded id", "GET", f"{A}/ORDERS/orders-1.example%3Aorders%3A8080")
    curl("percent-encoded id in lower case, renew", "PUT", f"{A}/ORDERS/orders-1.example%3aorders%3a8080?status=UP&lastDirtyTimestamp={T}")
    curl("cancel", "DELETE", O1)
    curl("register with a gzipped body", "POST", f"{A}/ORDERS", gzip.compress(json.dumps(small(1)).encode(), mtime=0), ctype=JSON, headers=("Content-Encoding: gzip",))
    curl("register with a gzipped and chunked XML body", "POST", f"{A}/ORDERS", gzip.compress(xml(1).encode(), mtime=0), ctype=XML,
         headers=("Content-Encoding: gzip", "Transfer-Encoding: chunked"))
    curl("register with trailing slash", "POST", f"{A}/ORDERS/", small(1))
    curl("gzip accepted: one instance", "GET", S1, headers=gz)
    curl("letters percent-encoded without need", "PUT", f"{A}/%4fRDERS/orders%2D1")
    curl("an id with blank, plus, percent and umlaut", "POST", f"{A}/ORDERS", small(3, instanceId="a b+c%dü"))
    curl("that id, encoded", "GET", f"{A}/ORDERS/a%20b%2Bc%25d%C3%BC")
    curl("that id, with the plus raw", "PUT", f"{A}/ORDERS/a%20b+c%25d%C3%BC?status=UP")
    curl("its end", "DELETE", f"{A}/ORDERS/a%20b%2Bc%25d%C3%BC")
    curl("an id with a slash", "POST", f"{A}/ORDERS", small(4, instanceId="rack/4"))
    curl("that id, slash encoded", "GET", f"{A}/ORDERS/rack%2F4")
    curl("its end, out of reach by any path, through a batch", "POST", "/eureka/peerreplication/batch/", {"replicationList": [{"appName": "ORDERS", "id": "rack/4", "action": "Cancel"}]})
    curl("a broken percent code", "GET", f"{A}/ORDERS/a%zz")
    curl("an id with semicolon, matrix parameter", "PUT", f"{S1};a=b")
    for note, method, path in (
            
            ("renew, trailing slash", "PUT", f"{S1}/?status=UP"), ("override, trailing slash", "PUT", f"{S1}/status/?value=UP"),
            ("instance, trailing slash", "GET", f"{S1}/"), ("vip, trailing slash", "GET", "/eureka/vips/none/"),
            ("double slash before apps", "GET", "/eureka//apps"), ("double slash before app", "GET", f"{A}//ORDERS"), ("double slash before id", "GET", f"{A}/ORDERS//orders-1"),
            ("double slash at the start", "PUT", "//eureka/apps/ORDERS/orders-1"), ("dots", "GET", f"{A}/../apps/ORDERS"),
            ("renew, double slash", "PUT", f"/eureka//apps/ORDERS/orders-1?status=UP"),
            ("prefix with v2", "PUT", "/eureka/v2/apps/ORDERS/orders-1"), ("prefix with v1", "PUT", "/eureka/v1/apps/ORDERS/orders-1"), 
            ("prefix v2 alone", "PUT", "/v2/apps/ORDERS/orders-1"), ("v2 and double slash", "PUT", "/eureka/v2//apps/ORDERS/orders-1"),
            ("apps in upper case", "PUT", "/eureka/APPS/ORDERS/orders-1"),
            ("override map dump", "GET", "/serverinfo/statusoverrides")):
        curl(note, method, path)
    curl("v2: register", "POST", "/eureka/v2/apps/STOCK", small(1, "STOCK"))
    curl("renew with a form content type and no body", "PUT", f"{S1}?status=UP", "", ctype="application/x-www-form-urlencoded")
    curl("renew with broken JSON body", "PUT", f"{S1}?status=UP", "{", ctype=JSON)
    curl("renew with {} and no content type", "PUT", f"{S1}?status=UP", "{}", ctype="")
    curl("renew, parameters in a form body", "PUT", S1, "status=UP&lastDirtyTimestamp=1800000000000", ctype="application/x-www-form-urlencoded")
    curl("renew, a parameter twice", "PUT", f"{S1}?lastDirtyTimestamp={T}&lastDirtyTimestamp=abc")
    curl("v2: cancel", "DELETE", "/eureka/v2/apps/STOCK/stock-1")
    curl("cancel with trailing slash", "DELETE", f"{S1}/")


def delta_and_hash():
    def look(note):
        curl(f"delta {note}", "GET", f"{A}/delta")

    look("at first")
    curl("register one", "POST", f"{A}/ORDERS", small(1))
    look("after one registered")
    curl("register two", "POST", f"{A}/ORDERS", small(2))
    look("after two registered")
    curl("the same delta in XML is built anew and takes the next number", "GET", f"{A}/delta", accept=XML)
    curl("heartbeat", "PUT", f"{S1}?status=UP&lastDirtyTimestamp={T}")
    look("after a heartbeat")
    curl("cancel one", "DELETE", S1)
    look("after the cancel")
    curl("override", "PUT", f"{S2}/status?value=OUT_OF_SERVICE")
    look("after an override")
    curl("remove the override", "DELETE", f"{S2}/status?value=UP")
    look("after its removal")
    curl("register in another app, DOWN", "POST", f"{A}/STOCK", small(2, "STOCK", status="DOWN"))
    for app, n in (("ORDERS", 1), ("ORDERS", 2), ("STOCK", 2)):
        curl("cancel", "DELETE", f"{A}/{app}/{app.lower()}-{n}")
    look("after all have gone")
    curl("full, empty", "GET", A)
    curl("delta with regions nobody has", "GET", f"{A}/delta?regions=us-east-1")


def override_precedence():
    def see(note="state"):
        curl(note, "GET", S1)

    def reg(status, n, look=True, **more):
        curl(f"register as {status}", "POST", f"{A}/ORDERS", small(1, status=status, lastDirtyTimestamp=str(T + n), **more))
        if look:
            see()

    def beat(n, status="UP"):
        curl(f"heartbeat saying {status}", "PUT", f"{S1}?status={status}&lastDirtyTimestamp={T + n}")

    reg("UP", 0)
    reg("OUT_OF_SERVICE", 1)
    reg("DOWN", 2, look=False)
    reg("OUT_OF_SERVICE", 3, look=False)
    reg("UP", 4)
    reg("STARTING", 5, look=False)
    reg("UP", 6)
    beat(6, "DOWN")
    curl("override UP where it is UP: nothing is kept", "PUT", f"{S1}/status?value=UP")
    curl("override OUT_OF_SERVICE", "PUT", f"{S1}/status?value=OUT_OF_SERVICE&lastDirtyTimestamp={T + 6}")
    beat(6)
    see()
    reg("UP", 7, look=False)
    reg("DOWN", 8)
    reg("UNKNOWN", 11, look=False)
    beat(11)
    reg("UP", 12)
    curl("override removed without value", "DELETE", f"{S1}/status")
    beat(12)
    see()
    reg("UP", 13, look=False)
    curl("override OUT_OF_SERVICE with a newer timestamp", "PUT", f"{S1}/status?value=OUT_OF_SERVICE&lastDirtyTimestamp={T + 20}")
    curl("override removed with value OUT_OF_SERVICE", "DELETE", f"{S1}/status?value=OUT_OF_SERVICE&lastDirtyTimestamp={T + 19}")
    beat(20)
    reg("UP", 21)
    reg("DOWN", 22, look=False)
    reg("UP", 23, look=False)
    curl("override DOWN", "PUT", f"{S1}/status?value=DOWN")
    reg("UP", 24, look=False)
    curl("override UP over it", "PUT", f"{S1}/status?value=UP")
    reg("OUT_OF_SERVICE", 25)
    curl("cancel takes the override along", "DELETE", S1)
    reg("UP", 27, look=False)
    reg("UP", 28, overriddenStatus="OUT_OF_SERVICE")
    curl("the same id in another app: an override is kept by id", "POST", f"{A}/OTHER", small(1, "OTHER", instanceId="orders-1"))
    curl("its state", "GET", f"{A}/OTHER/orders-1")
    curl("cancel that with an unknown app name", "DELETE", f"{A}/NONE/orders-1")
    reg("UP", 30)
    curl("override UNKNOWN", "PUT", f"{S1}/status?value=UNKNOWN")
    beat(30)
    reg("UP", 31)
    curl("an UNKNOWN override can be removed", "DELETE", f"{S1}/status?value=UP")
    curl("register as OUT_OF_SERVICE, from a peer", "POST", f"{A}/ORDERS", small(1, status="OUT_OF_SERVICE", lastDirtyTimestamp=str(T + 32)), headers=REPLICATED)
    see()


def dirty_timestamps():
    def see(note="state"):
        curl(note, "GET", S1)

    curl("register", "POST", f"{A}/ORDERS", small(1, homePageUrl="http://first.example/"))
    for who, more in (("client", ()), ("peer", REPLICATED)):
        for what, n in (("equal", 0), ("older", -5), ("newer", 5)):
            curl(f"heartbeat from a {who}, {what} timestamp", "PUT", f"{S1}?status=UP&lastDirtyTimestamp={T + n}", headers=more)
        curl(f"heartbeat from a {who}, no timestamp", "PUT", f"{S1}?status=UP", headers=more)
    curl("heartbeat from a peer, older timestamp, Accept XML", "PUT", f"{S1}?status=UP&lastDirtyTimestamp={T - 5}", accept=XML, headers=REPLICATED)
    curl("heartbeat from a peer, older timestamp and an override", "PUT", f"{S1}?status=UP&lastDirtyTimestamp={T - 5}&overriddenstatus=DOWN", headers=REPLICATED)
    curl("heartbeat from a peer, equal timestamp and an override", "PUT", f"{S1}?status=UP&lastDirtyTimestamp={T}&overriddenstatus=DOWN", headers=REPLICATED)
    curl("heartbeat from a peer, newer timestamp and an override", "PUT", f"{S1}?status=UP&lastDirtyTimestamp={T + 5}&overriddenstatus=OUT_OF_SERVICE", headers=REPLICATED)
    see()
    curl("heartbeat from a client afterwards", "PUT", f"{S1}?status=UP&lastDirtyTimestamp={T}")
    see()
    curl("the header says false", "PUT", f"{S1}?status=UP&lastDirtyTimestamp={T - 5}", headers=("x-netflix-discovery-replication: false",))
    curl("override removed", "DELETE", f"{S1}/status?value=UP")
    curl("register with an older timestamp: the stored one stays", "POST", f"{A}/ORDERS", small(1, homePageUrl="http://older.example/", lastDirtyTimestamp=str(T - 5)))
    see()
    curl("register with an equal timestamp: the new one wins", "POST", f"{A}/ORDERS", small(1, homePageUrl="http://equal.example/"))
    see()
    curl("register without a timestamp: the server's time is taken", "POST", f"{A}/ORDERS", {"instance": {k: v for k, v in small(1)["instance"].items() if k != "lastDirtyTimestamp"}})
    see()
    curl("metadata leaves the timestamp alone", "PUT", f"{S1}/metadata?a=b")
    curl("override with an older timestamp", "PUT", f"{S1}/status?value=OUT_OF_SERVICE&lastDirtyTimestamp={T}")
    see()
    curl("override with a newer timestamp", "PUT", f"{S1}/status?value=DOWN&lastDirtyTimestamp={T * 2}")
    see()


def leases():
    lease = {"renewalIntervalInSecs": 1, "durationInSecs": 3}
    curl("register, 3 s, will never renew", "POST", f"{A}/ORDERS", small(1, leaseInfo=lease))
    curl("register, 3 s, will renew once", "POST", f"{A}/ORDERS", small(2, leaseInfo=lease))
    curl("register, 90 s", "POST", f"{A}/ORDERS", small(3))
    curl("renew once", "PUT", f"{S2}?status=UP&lastDirtyTimestamp={T}")
    for second in range(3, 10, 3):
        time.sleep(3)
        for s in (S1, S2):
            curl(f"about {second} s later", "GET", s)
    curl("renew after it has gone", "PUT", f"{S1}?status=UP&lastDirtyTimestamp={T}")
    curl("cancel after it has gone", "DELETE", S1)
    curl("delta", "GET", f"{A}/delta")


def batch():
    full = small(1)["instance"]
    key = {"appName": "ORDERS", "id": full["instanceId"]}
    two = {"appName": "ORDERS", "id": "orders-2"}

    def send(note, *items):
        curl(note, "POST", "/eureka/peerreplication/batch/", {"replicationList": list(items)})

    send("heartbeat, cancel, override, removal for an id not known",
         {**key, "lastDirtyTimestamp": T, "status": "UP", "action": "Heartbeat"}, {**key, "action": "Cancel"},
         {**key, "lastDirtyTimestamp": T, "status": "DOWN", "action": "StatusUpdate"}, {**key, "lastDirtyTimestamp": T, "status": "UP", "action": "DeleteStatusOverride"})
    send("register two", {**key, "lastDirtyTimestamp": T, "status": "UP", "instanceInfo": full, "action": "Register"},
         {**two, "lastDirtyTimestamp": T, "status": "UP", "instanceInfo": small(2)["instance"], "action": "Register"})
    send("heartbeats: equal, older, newer with override, no timestamp",
         {**key, "lastDirtyTimestamp": T, "status": "UP", "action": "Heartbeat"}, {**key, "lastDirtyTimestamp": T - 5, "status": "UP", "action": "Heartbeat"},
         {**two, "lastDirtyTimestamp": T + 5, "overriddenStatus": "OUT_OF_SERVICE", "status": "UP", "action": "Heartbeat"}, {**key, "status": "UP", "action": "Heartbeat"})
    curl("the second one", "GET", S2)
    send("override", {**key, "lastDirtyTimestamp": T + 1, "status": "OUT_OF_SERVICE", "action": "StatusUpdate"})
    curl("overridden", "GET", S1)
    send("override removed", {**key, "lastDirtyTimestamp": T + 2, "status": "UP", "action": "DeleteStatusOverride"})
    send("override removed, no timestamp", {**key, "status": "UP", "action": "DeleteStatusOverride"})
    send("override, no timestamp", {**key, "status": "UP", "action": "StatusUpdate"})
    send("override, no status", {**key, "lastDirtyTimestamp": T, "action": "StatusUpdate"})
    send("register without an instance, register with another app, register lacking a host",
         {**key, "action": "Register"}, {"appName": "STOCK", "id": "x", "instanceInfo": full, "action": "Register"},
         {**key, "instanceInfo": {k: v for k, v in full.items() if k != "hostName"}, "action": "Register"})
    send("no action, and a good one after it", {**key}, {**key, "lastDirtyTimestamp": T, "status": "UP", "action": "Heartbeat"})
    send("an action nobody knows", {**key, "action": "Dance"})
    send("cancel", {**key, "action": "Cancel"}, {**two, "action": "Cancel"}, {**two, "action": "Cancel"})
    curl("all", "GET", A)


def peers():
    """A second server replicates what it is told to the recorded one."""
    peer = Jar("spring-server", f"http://127.0.0.1:{PEER}/lastn", "peer.log", SERVER_PORT=str(PEER), SERVER_HOSTNAME="registry-2.example",
               PEER_URL=f"http://127.0.0.1:{PROXY}/eureka/", EUREKA_CLIENT_REGISTER_WITH_EUREKA="true", EUREKA_CLIENT_FETCH_REGISTRY="true",
               EUREKA_CLIENT_REGISTRY_FETCH_INTERVAL_SECONDS="8", EUREKA_INSTANCE_LEASE_RENEWAL_INTERVAL_IN_SECONDS="8",
               EUREKA_INSTANCE_PREFER_IP_ADDRESS="false", EUREKA_SERVER_PEER_NODE_READ_TIMEOUT_MS="2000",
               EUREKA_INSTANCE_INSTANCE_ID="registry-2.example:registry:18763", EUREKA_CLIENT_INITIAL_INSTANCE_INFO_REPLICATION_INTERVAL_SECONDS="1")
    time.sleep(4)
    proxy.note = "from here on curl drives the peer, which replicates"
    for step in (
            lambda: curl(None, "POST", f"{A}/ORDERS", small(1), to=PEER), lambda: curl(None, "PUT", f"{S1}?status=UP&lastDirtyTimestamp={T}", to=PEER),
            lambda: curl(None, "PUT", f"{S1}/status?value=OUT_OF_SERVICE&lastDirtyTimestamp={T}", to=PEER), lambda: curl(None, "PUT", f"{S1}?status=UP&lastDirtyTimestamp={T}", to=PEER),
            lambda: curl(None, "DELETE", f"{S1}/status?value=UP&lastDirtyTimestamp={T}", to=PEER), lambda: curl(None, "PUT", f"{S1}/metadata?a=b", to=PEER),
            lambda: curl("by curl: newer state reaches the recorded server alone", "POST", f"{A}/ORDERS", small(1, lastDirtyTimestamp=str(T + 9), status="DOWN")),
            lambda: curl(None, "PUT", f"{S1}?status=UP&lastDirtyTimestamp={T}", to=PEER), lambda: curl(None, "PUT", f"{S1}?status=UP", to=PEER),
            lambda: curl("by curl: the instance is removed at the recorded server alone", "DELETE", S1),
            lambda: curl(None, "PUT", f"{S1}?status=UP", to=PEER), lambda: curl("by curl: the peer brought it back", "GET", S1),
            lambda: curl(None, "DELETE", S1, to=PEER)):
        step()
        time.sleep(1.3)
    proxy.note = "the peer ends"
    peer.stop()


SCENARIOS = {
    "py-life-cycle": (py_life, "py_eureka_client 0.13.3"),
    "js-life-cycle": (js_life, "eureka-js-client 4.5.0"),
    "spring-life-cycle": (spring_life, "Spring Cloud Netflix Eureka Client {cloud} (Spring Boot {boot})"),
    "peer-life-cycle": (peers, "Spring Cloud Netflix Eureka Server {cloud} as a peer (Spring Boot {boot})"),
    "json-operations": (curl_json, "{curl}"),
    "xml-operations": (curl_xml, "{curl}"),
    "unusual-registrations": (lenient, "{curl}"),
    "errors": (errors, "{curl}"),
    "paths-and-bodies": (paths_and_bodies, "{curl}"),
    "delta-and-hash-code": (delta_and_hash, "{curl}"),
    "override-precedence": (override_precedence, "{curl}"),
    "dirty-timestamps": (dirty_timestamps, "{curl}"),
    "leases": (leases, "{curl}"),
    "peer-batch": (batch, "{curl}"),
}


def versions():
    pom = (HERE / "spring-server/pom.xml").read_text()
    libs = subprocess.run(["jar", "tf", str(args.jars / "spring-server/target/spring-server.jar")], capture_output=True, text=True, check=True).stdout
    return {"boot": re.search(r"starter-parent</artifactId>\s*<version>(.*?)<", pom)[1],
            "cloud": re.search(r"netflix-eureka-server-([\d.]+)\.jar", libs)[1], "eureka": re.search(r"eureka-core-([\d.]+)\.jar", libs)[1],
            "curl": " ".join(subprocess.run(["curl", "-V"], capture_output=True, text=True).stdout.split()[:2])}


def main():
    global args, proxy
    p = argparse.ArgumentParser()
    p.add_argument("--out", type=Path, default=HERE / "../../crates/faces/eureka/tests/recorded")
    p.add_argument("--work", type=Path, default=HERE / ".work", help="logs")
    p.add_argument("--jars", type=Path, default=HERE, help="where spring-server/target and spring-client/target are")
    p.add_argument("--python", type=Path, default=sys.executable, help="the python that has py_eureka_client")
    p.add_argument("--node-modules", type=Path, default=HERE / "clients/node_modules")
    p.add_argument("scenario", nargs="*", help="all of them when none is named")
    args = p.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    args.out.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    known, proxy = versions(), Proxy(PROXY, SERVER)
    for name in args.scenario or SCENARIOS:
        run, client = SCENARIOS[name]
        print(name, flush=True)
        server = Jar("spring-server", f"http://127.0.0.1:{SERVER}/lastn", "server.log", SERVER_PORT=str(SERVER))
        try:
            run()
        finally:
            server.stop(hard=True)
        exchanges = proxy.take()
        head = {"recorded_with": client.format(**known),
                "server": "Spring Cloud Netflix Eureka Server {cloud} (Spring Boot {boot}, eureka-core {eureka})".format(**known),
                "date": datetime.date.today().isoformat()}
        if client == "{curl}" and name != "leases":
            for e in exchanges:
                del e["at_ms"]  # nothing in them depends on time
        lines = ",\n".join(json.dumps(e, ensure_ascii=False, separators=(",", ":")) for e in exchanges)
        (args.out / f"{name}.json").write_text(json.dumps(head, indent=1)[:-2] + ',\n "exchanges": [\n' + lines + "\n]}\n")
        print("   ", len(exchanges), "exchanges", flush=True)


children = []
try:
    main()
finally:
    for child in children:
        if child.poll() is None:
            child.kill()
