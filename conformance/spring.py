"""What Spring Boot programs with the Eureka starter must live through.

They take seconds to start, so the cases share one bed: a consumer and a provider are started by the case that
needs them first, and each case leaves them as it found them. The order is that of a visit; each case can also be
played alone.
"""
import json
import urllib.request

from harness.cases import Bed, Cases
from harness.life import INTERVAL, Life
from harness.waiting import PATIENCE, expect, moment_of, throughout, until

CASES = Cases()
case = CASES.case

# Long enough that a program of this size, on a busy machine, beats in time.
TTL = 5

# What Eureka's clients have unless they are configured: a beat each 30 s, a lease of 90 s.
USUAL_INTERVAL, USUAL_TTL = 30, 90


@case()
def a_consumer_that_starts_before_its_provider_finds_it(bed: Bed):
    consumer = _consumer(bed)
    expect("there is nobody yet", consumer.offers("orders") == [])
    _provider(bed)
    until("it is offered", lambda: consumer.offers("orders") == ["orders-1"])


@case("presents")
def a_provider_is_listed_with_what_spring_sends(bed: Bed):
    provider = _provider(bed)
    sent, listed = provider.presents(), bed.registry.instance("orders", "orders-1")
    port = sent["listens"]
    expected = {
        "instanceId": "orders-1", "app": "ORDERS", "hostName": "127.0.0.1", "ipAddr": "127.0.0.1",
        "vipAddress": "orders", "secureVipAddress": "orders", "homePageUrl": f"http://127.0.0.1:{port}/",
        "statusPageUrl": f"http://127.0.0.1:{port}/actuator/info",
        "healthCheckUrl": f"http://127.0.0.1:{port}/actuator/health", "metadata": {"team": "sales"}}
    for name, value in expected.items():
        expect(f"{name} is what Spring sends: {sent[name]!r}", sent[name] == value)
        expect(f"{name} is listed: {listed[name]!r}", listed[name] == value)
    expect(f"its port: {listed['port']}", listed["port"] == {"$": port, "@enabled": "true"})
    secure = {"$": sent["securePort"], "@enabled": "false"}
    expect(f"the secure one, which it has not: {listed['securePort']}", listed["securePort"] == secure)
    lease = listed["leaseInfo"]
    expect(f"its lease: {lease}", (lease["renewalIntervalInSecs"], lease["durationInSecs"]) == (INTERVAL, TTL))
    with urllib.request.urlopen(listed["healthCheckUrl"], timeout=PATIENCE) as health:
        expect("who follows its health check URL reaches it", json.load(health)["status"] == "UP")


@case()
def heartbeats_keep_a_lease_beyond_its_duration(bed: Bed):
    provider = _provider(bed)
    before = bed.registry.causes("orders", "orders-1")
    provider.requests()
    asked = []
    # The registration alone would have kept it for TTL of them.
    until("it beats", lambda: asked.extend(provider.requests()) or sum(map(_is_beat, asked)) > TTL / INTERVAL + 1)
    told = [line for line in asked if not line.startswith("GET ")]
    expect(f"it said nothing else, and was known: {told}", set(told) == {"PUT apps/ORDERS/orders-1 200"})
    expect("nothing became of it", bed.registry.causes("orders", "orders-1") == before)


@case("call")
def a_provider_is_called_by_its_name(bed: Bed):
    consumer = _consumer(bed)
    _provider(bed)
    until("it is offered", lambda: "orders-1" in consumer.offers("orders"))
    answered = consumer.call("orders", "/called/total")
    expect(f"it answers: {answered}", answered in {"orders-1 /called/total", "orders-2 /called/total"})


@case()
def changes_come_by_delta_and_the_hash_agrees(bed: Bed):
    consumer = _consumer(bed)
    _provider(bed)
    until("it is offered", lambda: "orders-1" in consumer.offers("orders"))
    consumer.requests()
    _second_provider(bed)
    until("the second is offered", lambda: sorted(consumer.offers("orders")) == ["orders-1", "orders-2"])
    _was_content_with_deltas(consumer)


@case()
def a_provider_that_is_stopped_leaves_at_once(bed: Bed):
    consumer = _consumer(bed)
    _provider(bed)
    second = _second_provider(bed)
    until("both are offered", lambda: consumer.offers("orders") == ["orders-1", "orders-2"])
    consumer.requests()
    second.end()
    expect("it is not registered", bed.registry.instance("orders", "orders-2") is None)
    expect("it said goodbye", bed.registry.causes("orders", "orders-2")[-1] == "deregistered")
    until("it is offered no more", lambda: consumer.offers("orders") == ["orders-1"])
    _was_content_with_deltas(consumer)


@case()
def a_provider_that_an_operator_drains_is_offered_no_more_until_it_is_resumed(bed: Bed):
    consumer = _consumer(bed)
    _provider(bed)
    until("it is offered", lambda: consumer.offers("orders") == ["orders-1"])
    consumer.requests()
    bed.registry.operator("drain", "orders", "orders-1")
    expect("at once", bed.registry.status("orders", "orders-1") == "OUT_OF_SERVICE")
    until("it is offered no more", lambda: consumer.offers("orders") == [])
    _beats_on(bed)
    expect("its beats do not undo it", bed.registry.status("orders", "orders-1") == "OUT_OF_SERVICE")
    bed.registry.operator("resume", "orders", "orders-1")
    until("it is UP again", lambda: bed.registry.status("orders", "orders-1") == "UP")
    until("it is offered again", lambda: consumer.offers("orders") == ["orders-1"])
    _was_content_with_deltas(consumer)


@case("presents")
def out_of_service_and_back_by_the_actuator(bed: Bed):
    consumer = _consumer(bed)
    provider = _provider(bed)
    until("it is offered", lambda: consumer.offers("orders") == ["orders-1"])
    _tell_actuator(provider, "OUT_OF_SERVICE")
    expect("at once", bed.registry.status("orders", "orders-1") == "OUT_OF_SERVICE")
    until("it is offered no more", lambda: consumer.offers("orders") == [])
    _beats_on(bed)
    expect("its beats do not undo it", bed.registry.status("orders", "orders-1") == "OUT_OF_SERVICE")
    _tell_actuator(provider, "CANCEL_OVERRIDE")
    # A beat is answered 404, which makes the client register again with its own status.
    until("it is UP again", lambda: bed.registry.status("orders", "orders-1") == "UP")
    until("it is offered again", lambda: consumer.offers("orders") == ["orders-1"])


@case("live")
def a_provider_that_finds_itself_ill_is_offered_no_more_until_it_is_well(bed: Bed):
    consumer = _consumer(bed)
    provider = _provider(bed)
    until("it is offered", lambda: consumer.offers("orders") == ["orders-1"])
    consumer.requests()
    provider.live(False)
    until("it is DOWN", lambda: bed.registry.status("orders", "orders-1") == "DOWN")
    until("it is offered no more", lambda: consumer.offers("orders") == [])
    provider.live(True)
    until("it is UP again", lambda: bed.registry.status("orders", "orders-1") == "UP")
    until("it is offered again", lambda: consumer.offers("orders") == ["orders-1"])
    _was_content_with_deltas(consumer)


@case()
def a_lost_lease_is_registered_again_at_the_next_beat(bed: Bed):
    provider = _provider(bed)
    provider.requests()
    bed.registry.cancel("orders", "orders-1")
    until("it is back", lambda: bed.registry.status("orders", "orders-1") == "UP")
    asked = []
    until("its registration is answered", lambda: asked.extend(provider.requests()) or "POST apps/ORDERS 204" in asked)
    expect(f"by a beat that was not known: {asked}", "PUT apps/ORDERS/orders-1 404" in asked)


@case()
def a_paused_provider_stays_until_its_lease_ends_and_returns(bed: Bed):
    consumer = _consumer(bed)
    provider = _provider(bed)
    until("it is offered", lambda: consumer.offers("orders") == ["orders-1"])
    before = len(bed.registry.history("orders", "orders-1"))
    provider.pause()
    until("it is gone", lambda: bed.registry.instance("orders", "orders-1") is None)
    cause = bed.registry.history("orders", "orders-1")[before]["cause"]
    expect(f"its port did not refuse: {cause}", cause["name"] == "expired")
    heard = cause["silence"]["silent_ms"] - cause["silence"]["excused_ms"]
    expect(f"so its lease was kept: {cause}", heard >= TTL * 1000)
    until("it is offered no more", lambda: consumer.offers("orders") == [])
    provider.resume()
    until("it is back", lambda: bed.registry.status("orders", "orders-1") == "UP")
    since = bed.registry.causes("orders", "orders-1")[before:]
    expect(f"by registering: {since}", since[:2] == ["expired", "registered"])
    until("it is offered again", lambda: consumer.offers("orders") == ["orders-1"])


@case()
def nobody_is_lost_when_the_registry_is_killed(bed: Bed):
    consumer = _consumer(bed)
    provider = _provider(bed)
    until("it is offered", lambda: consumer.offers("orders") == ["orders-1"])
    others = {f"load-{number}" for number in range(20)}
    for other in others:
        expect(f"{other} is registered", bed.registry.register("load", other, ttl=USUAL_TTL))
    before = bed.registry.causes("orders", "orders-1")
    until("the consumer knows all", lambda: set(consumer.offers("load")) == others)
    consumer.requests()
    bed.registry.kill()
    until("the consumer notices", lambda: any(line.endswith(" failed") for line in consumer.requests()))
    expect("it keeps what it knew", consumer.offers("orders") == ["orders-1"])
    bed.registry.start()
    expect("it is there before it came back", bed.registry.status("orders", "orders-1") == "UP")
    expect("so are all others", bed.registry.ids("load") == others)
    until("it is heard", lambda: not bed.registry.lease("orders", "orders-1")["unconfirmed"])
    throughout("it is offered as before", lambda: consumer.offers("orders") == ["orders-1"], 2 * INTERVAL)
    causes = bed.registry.causes("orders", "orders-1")
    expect(f"it never left: {causes}", "expired" not in causes[len(before):])
    expect("it is the same process", provider.lives())
    _found_no_fault(consumer)


@case()
def a_killed_provider_is_gone_at_once_because_its_port_refuses(bed: Bed):
    # On a registry of its own, whose probes are of nobody else.
    registry = bed.another_registry()
    # It has the same lease, is silent for longer than the other will be, and its port never accepted.
    expect("a silent one is registered", registry.register("ORDERS", "silent", ttl=USUAL_TTL))
    usual = {"interval": USUAL_INTERVAL, "fetch_interval": USUAL_INTERVAL, "ttl": USUAL_TTL}
    provider = bed.life("orders", "orders-3", registry, **usual).start()
    until("it is UP", lambda: registry.status("orders", "orders-3") == "UP")
    until("its port was seen to accept", lambda: registry.counted('lubdub_probes_total{outcome="accepted"}') >= 1)
    killed = provider.kill()
    gone = moment_of("it is gone", lambda: registry.instance("orders", "orders-3") is None)
    print(f"  (gone {gone - killed:.2f} s after SIGKILL, with a lease of {USUAL_TTL} s)")
    expect("the silent one is still there", registry.instance("orders", "silent"))
    cause = registry.history("orders", "orders-3")[-1]["cause"]
    expect(f"because it was refused: {cause}", cause["name"] == "refused")
    refusal = cause["refusal"]
    expect(f"looked at when its connection closed: {cause}", refusal["suspicion"] == "connection_closed")
    expect(f"long before its lease ended: {cause}", refusal["silent_ms"] < USUAL_TTL * 1000 / 2)
    told = registry.told("its address refused a connection")
    expect(f"the log tells of it alone: {told}", told == [
        {"service": "ORDERS", "instance": "orders-3", "cause": "refused"}])


def _consumer(bed: Bed) -> Life:
    return bed.kept("consumer-1") or bed.life("consumer", "consumer-1", register=False).start()


def _provider(bed: Bed) -> Life:
    return _up(bed, "orders-1", metadata={"team": "sales"})


def _second_provider(bed: Bed) -> Life:
    return _up(bed, "orders-2")


def _up(bed: Bed, name: str, **settings) -> Life:
    life = bed.kept(name) or bed.life("orders", name, ttl=TTL, **settings).start()
    # Spring registers while it starts, before its health is good.
    until(f"{name} is UP", lambda: bed.registry.status("orders", name) == "UP")
    return life


def _beats_on(bed: Bed) -> None:
    before = bed.registry.lease("orders", "orders-1")["last_beat"]
    until("it beats on", lambda: bed.registry.lease("orders", "orders-1")["last_beat"] > before)


def _is_beat(line: str) -> bool:
    return line.startswith("PUT ") and "/status" not in line


def _was_content_with_deltas(consumer: Life) -> None:
    # Only its next request tells that it was content with the last delta.
    asked = {*consumer.requests(), *until("it asks again", consumer.requests)}
    expect(f"deltas sufficed: {asked}", asked == {"GET apps/delta 200"})
    _found_no_fault(consumer)


def _found_no_fault(consumer: Life) -> None:
    doubts = [line for line in consumer.log().splitlines() if "Reconcile hashcodes do not match" in line]
    expect(f"the hash was always right: {doubts}", not doubts)


def _tell_actuator(provider: Life, status: str) -> None:
    """By the endpoint `serviceregistry` that Spring Cloud gives to each program."""
    url = f"http://127.0.0.1:{provider.presents()['listens']}/actuator/serviceregistry"
    body = json.dumps({"status": status}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method="POST")
    with urllib.request.urlopen(request, timeout=PATIENCE):
        pass
