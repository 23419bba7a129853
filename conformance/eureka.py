"""What a Eureka client must live through. The same cases are played by each client that speaks Eureka.

A case runs with leases of 3 s that are kept by a beat each second.
"""
import random
import threading
import time

from harness.cases import Bed, Cases
from harness.life import INTERVAL, TTL, Life
from harness.provider import answering
from harness.waiting import expect, moment_of, throughout, until

CASES = Cases()
case = CASES.case

# How much later than promised something may be seen from outside: a look's distance, the wheel's slot,
# and what a busy machine adds to both.
SLACK = 2.0


@case()
def a_provider_registers_and_a_consumer_finds_it(bed: Bed):
    provider = bed.life("orders", "orders-1").start()
    registered = bed.registry.instance("orders", "orders-1")
    expect("it is registered as UP", registered and registered["status"] == "UP")
    expect("with its lease", registered["leaseInfo"]["durationInSecs"] == TTL)
    consumer = bed.life("consumer", "consumer-1", register=False).start()
    expect("a consumer is offered it", consumer.offers("orders") == ["orders-1"])
    until("the provider sees itself", lambda: provider.offers("orders") == ["orders-1"])


@case()
def renewals_keep_a_lease_beyond_its_duration(bed: Bed):
    provider = bed.life("orders", "orders-1").start()
    # Four distances between beats are longer than the lease that the registration alone would have had.
    until("five beats", lambda: len(bed.registry.lease("orders", "orders-1")["intervals_ms"]) >= 4)
    expect("it registered once", bed.registry.causes("orders", "orders-1") == ["registered"])
    beats = [line for line in provider.requests() if line.startswith("PUT ")]
    expect("each beat was answered 200", beats and all(line.endswith(" 200") for line in beats))


@case()
def changes_come_by_delta(bed: Bed):
    bed.life("orders", "orders-1", port=11).start()
    consumer = bed.life("consumer", "consumer-1", register=False, delta=True).start()
    first, *later = consumer.requests()
    expect(f"it begins with everything: {first}", first == "GET apps/ 200")
    second = bed.life("orders", "orders-2", port=12).start()
    until("the second is offered", lambda: consumer.offers("orders") == ["orders-1", "orders-2"])
    second.leave()
    until("it is offered no more", lambda: consumer.offers("orders") == ["orders-1"])
    # Only its next request tells that it was content with the last delta.
    asked = {*later, *consumer.requests(), *until("it asks again", consumer.requests)}
    expect(f"deltas sufficed, their hash was right: {asked}", asked == {"GET apps/delta 200"})


@case()
def an_instance_replaced_by_another_is_noticed_though_the_hash_is_the_same(bed: Bed):
    first = bed.life("orders", "orders-1", port=11).start()
    consumer = bed.life("consumer", "consumer-1", register=False, delta=True).start()
    until("the first is offered", lambda: consumer.offers("orders") == ["orders-1"])
    # The consumer must not look between the two changes, or it would see two hashes.
    consumer.pause()
    bed.life("orders", "orders-2", port=12).start()
    first.leave()
    consumer.resume()
    until("only the second is offered", lambda: consumer.offers("orders") == ["orders-2"])


@case()
def a_new_application_is_found(bed: Bed):
    bed.life("orders", "orders-1").start()
    consumer = bed.life("consumer", "consumer-1", register=False, delta=True).start()
    bed.life("stock", "stock-1").start()
    until("the new application is offered", lambda: consumer.offers("stock") == ["stock-1"])
    expect("the other too", consumer.offers("orders") == ["orders-1"])


@case("call")
def a_service_is_called_by_its_name(bed: Bed):
    port = bed.lasting(answering("orders-1"))
    bed.life("orders", "orders-1", port=port).start()
    consumer = bed.life("consumer", "consumer-1", register=False).start()
    expect("it answers", consumer.call("orders", "/total?of=7") == "orders-1 /total?of=7")


@case("call")
def a_walk_goes_past_an_instance_that_does_not_answer(bed: Bed):
    port = bed.lasting(answering("orders-1"))
    bed.life("orders", "orders-1", port=port).start()
    bed.life("orders", "orders-2", port=9).start()  # discard: nobody is there
    consumer = bed.life("consumer", "consumer-1", register=False).start()
    expect("both are offered", consumer.offers("orders") == ["orders-1", "orders-2"])
    # Which one is tried first is the client's dice; in twenty walks each comes first at least once.
    walks = [consumer.walk("orders", "/") for _ in range(20)]
    there, nobody = f"http://127.0.0.1:{port}/", "http://127.0.0.1:9/"
    expect("each walk ended where somebody is", all(walk[-1] == there for walk in walks))
    expect("some went past the other", [nobody, there] in walks)


@case()
def out_of_service_and_back(bed: Bed):
    provider = bed.life("orders", "orders-1").start()
    consumer = bed.life("consumer", "consumer-1", register=False).start()
    expect("it is offered", consumer.offers("orders") == ["orders-1"])

    _set_status(bed, provider, "OUT_OF_SERVICE")
    expect("at once", bed.registry.status("orders", "orders-1") == "OUT_OF_SERVICE")
    until("it is offered no more", lambda: consumer.offers("orders") == [])
    before = bed.registry.lease("orders", "orders-1")["last_beat"]
    until("it beats on", lambda: bed.registry.lease("orders", "orders-1")["last_beat"] > before)
    expect("its beats do not undo it", bed.registry.status("orders", "orders-1") == "OUT_OF_SERVICE")

    _clear_status(bed, provider)
    # A beat is answered 404, which makes the client register again with its own status.
    until("it is UP again", lambda: bed.registry.status("orders", "orders-1") == "UP", 2 * INTERVAL + SLACK)
    until("it is offered again", lambda: consumer.offers("orders") == ["orders-1"])


@case()
def a_provider_that_leaves_is_gone_at_once(bed: Bed):
    provider = bed.life("orders", "orders-1").start()
    consumer = bed.life("consumer", "consumer-1", register=False).start()
    provider.leave()
    expect("it is not registered", bed.registry.instance("orders", "orders-1") is None)
    expect("it said goodbye", bed.registry.causes("orders", "orders-1")[-1] == "deregistered")
    until("it is offered no more", lambda: consumer.offers("orders") == [])


@case()
def a_lost_lease_is_registered_again_at_the_next_beat(bed: Bed):
    provider = bed.life("orders", "orders-1").start()
    provider.requests()
    bed.registry.cancel("orders", "orders-1")
    expect("it is lost", bed.registry.instance("orders", "orders-1") is None)
    until("it is back", lambda: bed.registry.status("orders", "orders-1") == "UP", INTERVAL + SLACK)
    # It is back before its client has read the answer that says so.
    asked = []
    until("its registration is answered", lambda: asked.extend(provider.requests()) or any(
        line.lower() == "post apps/orders 204" for line in asked))
    expect(f"by a beat that was not known: {asked}", any(_is_beat(line, "404") for line in asked))


@case()
def a_killed_provider_is_gone_at_its_deadline(bed: Bed):
    provider = bed.life("orders", "orders-1").start()
    consumer = bed.life("consumer", "consumer-1", register=False).start()
    until("it has beaten", lambda: bed.registry.lease("orders", "orders-1")["intervals_ms"])
    killed = provider.kill()
    gone = moment_of("it is gone", lambda: bed.registry.instance("orders", "orders-1") is None)
    # Its last beat was about an interval before its end; two on a busy machine.
    silent = gone - killed
    expect(f"not early: gone {silent:.2f} s after its end", silent > TTL - 2 * INTERVAL)
    cause = bed.registry.history("orders", "orders-1")[-1]["cause"]
    expect(f"because it was silent: {cause}", cause["name"] == "expired")
    # Clients write the names of services in either case.
    told = [(who["service"].lower(), who["instance"], who["cause"]) for who in bed.registry.told("no renewal in time")]
    expect(f"the log tells of it alone: {told}", told == [("orders", "orders-1", "expired")])
    silence = cause["silence"]
    heard = silence["silent_ms"] - silence["excused_ms"]
    expect(f"not before its time: {silence}", heard >= TTL * 1000)
    expect(f"at its deadline: {silence}", heard < TTL * 1000 + 500)
    late = silent - silence["excused_ms"] / 1000
    expect(f"in time: gone {late:.2f} s after its end", late < TTL + SLACK)
    until("it is offered no more", lambda: consumer.offers("orders") == [])


@case()
def a_provider_that_is_started_again_replaces_its_record_without_a_gap(bed: Bed):
    first = bed.life("orders", "orders-1", port=11).start()
    since = bed.registry.revision()
    first.kill()
    bed.life("orders", "orders-1", port=12).start()
    expect("there is one record", bed.registry.ids("orders") == {"orders-1"})
    expect("it is the new one", bed.registry.instance("orders", "orders-1")["port"]["$"] == 12)
    changes = [event["change"] for event in bed.registry.events(since)]
    expect(f"it was never away: {changes}", changes and "removed" not in changes)


@case()
def a_lease_that_one_lost_beat_ends_is_accepted_with_a_warning(bed: Bed):
    bed.life("orders", "orders-1", interval=1, ttl=1).start()
    expect("it is registered", bed.registry.status("orders", "orders-1") == "UP")
    until("it is warned of", lambda: "ends before the next beat" in bed.registry.log())


@case()
def a_paused_provider_leaves_and_returns(bed: Bed):
    provider = bed.life("orders", "orders-1").start()
    provider.pause()
    until("it is gone", lambda: bed.registry.instance("orders", "orders-1") is None)
    provider.resume()
    until("it is back", lambda: bed.registry.status("orders", "orders-1") == "UP")
    expect("by registering", bed.registry.causes("orders", "orders-1")[-2:] == ["expired", "registered"])


@case()
def a_killed_registry_remembers_its_instances(bed: Bed):
    provider = bed.life("orders", "orders-1").start()
    # Paused, it cannot register again: what is there afterwards was remembered.
    provider.pause()
    bed.registry.kill()
    bed.registry.start()
    expect("it is still there", bed.registry.status("orders", "orders-1") == "UP")
    expect("not heard yet", bed.registry.lease("orders", "orders-1")["unconfirmed"])
    provider.resume()
    until("it is heard", lambda: not bed.registry.lease("orders", "orders-1")["unconfirmed"])
    until("it beats on", lambda: len(bed.registry.lease("orders", "orders-1")["intervals_ms"]) >= 3)
    causes = bed.registry.causes("orders", "orders-1")
    expect(f"it never left: {causes}", "expired" not in causes and causes[0] == "registered")


@case()
def clients_go_on_through_an_outage_of_the_registry(bed: Bed):
    provider = bed.life("orders", "orders-1").start()
    consumer = bed.life("consumer", "consumer-1", register=False).start()
    expect("it is offered", consumer.offers("orders") == ["orders-1"])
    provider.requests(), consumer.requests()
    bed.registry.kill()
    for life in (provider, consumer):
        until(f"{life.instance} notices", lambda: any(line.endswith(" failed") for line in life.requests()))
    expect("the consumer keeps what it knew", consumer.offers("orders") == ["orders-1"])
    bed.registry.start()
    expect("it is there before anyone came back", bed.registry.status("orders", "orders-1") == "UP")
    throughout("it stays registered", lambda: bed.registry.instance("orders", "orders-1"), TTL + SLACK)
    expect("it is offered as before", consumer.offers("orders") == ["orders-1"])
    until("it is heard", lambda: not bed.registry.lease("orders", "orders-1")["unconfirmed"])


@case()
def a_consumer_that_missed_changes_of_a_restarted_registry_catches_up(bed: Bed):
    bed.life("orders", "orders-1", port=11).start()
    consumer = bed.life("consumer", "consumer-1", register=False).start()
    consumer.requests()
    # What changed just before the end is in nobody's delta afterwards; the hash tells.
    consumer.pause()
    bed.life("orders", "orders-2", port=12).start()
    bed.registry.kill()
    bed.registry.start()
    consumer.resume()
    until("it knows both", lambda: consumer.offers("orders") == ["orders-1", "orders-2"])
    asked = consumer.requests()
    expect(f"by asking for everything: {asked}", "GET apps/ 200" in asked)


@case()
def twenty_kills_of_the_registry_under_load_lose_nobody(bed: Bed):
    # They only beat: one that also read all of the load would be late by its own doing.
    providers = [bed.life("orders", f"orders-{number}", port=number, fetch=False).start() for number in (11, 12)]
    answered, over = set(), threading.Event()

    def load():
        number = 0
        while not over.is_set():
            number += 1
            if bed.registry.register("load", f"load-{number}", ttl=90):
                answered.add(f"load-{number}")

    loading = threading.Thread(target=load, daemon=True)
    loading.start()
    dice, revision = random.Random(20), 0
    try:
        for kill in range(20):
            time.sleep(dice.uniform(0.0, 0.3))  # each kill meets it at something else
            revision = max(revision, bed.registry.revision())
            bed.registry.kill()
            before = set(answered)
            bed.registry.start()
            lost = before - bed.registry.ids("load")
            expect(f"after kill {kill + 1} all who were answered are there, but {sorted(lost)[:3]}", not lost)
            after = bed.registry.revision()
            expect(f"revisions go on: {revision}, then {after}", after >= revision)
            for provider in providers:
                expect(f"{provider.instance} is there", bed.registry.instance("orders", provider.instance))
    finally:
        over.set()
        loading.join()
    throughout("the providers stay", lambda: _only(bed.registry.ids("orders"), "orders-11", "orders-12"), TTL + SLACK)
    for provider in providers:
        causes = bed.registry.causes("orders", provider.instance)
        expect(f"{provider.instance} was never evicted: {causes}", "expired" not in causes)
    expect(f"there was load: {len(answered)}", len(answered) > 100)


@case()
def a_stopped_registry_evicts_nobody_and_the_dead_go_a_lease_later(bed: Bed):
    living = bed.life("orders", "orders-1", port=11).start()
    dead = bed.life("orders", "orders-2", port=12).start()
    until("both have beaten", lambda: all(
        bed.registry.lease("orders", life.instance)["intervals_ms"] for life in (living, dead)))
    bed.registry.pause()
    dead.kill()
    time.sleep(2 * TTL)  # longer than any lease: without care all of them are over
    bed.registry.resume()
    resumed = time.monotonic()
    expect("both are there at first", bed.registry.ids("orders") == {"orders-1", "orders-2"})
    gone = moment_of("the dead is gone", lambda: bed.registry.instance("orders", "orders-2") is None)
    expect(f"in time: {gone - resumed:.2f} s later", gone - resumed < TTL + SLACK)
    throughout("the living stays", lambda: bed.registry.instance("orders", "orders-1"), TTL)
    causes = bed.registry.causes("orders", "orders-1")
    expect(f"it was never evicted: {causes}", "expired" not in causes)
    silence = bed.registry.history("orders", "orders-2")[-1]["cause"]["silence"]
    expect(f"what it could not hear was excused: {silence}", silence["excused_ms"] > 0)


@case()
def an_override_outlives_the_registry(bed: Bed):
    provider = bed.life("orders", "orders-1").start()
    _set_status(bed, provider, "OUT_OF_SERVICE")
    bed.registry.kill()
    bed.registry.start()
    expect("it is remembered", bed.registry.status("orders", "orders-1") == "OUT_OF_SERVICE")
    until("its beats come", lambda: len(bed.registry.lease("orders", "orders-1")["intervals_ms"]) >= 1)
    expect("they do not undo it", bed.registry.status("orders", "orders-1") == "OUT_OF_SERVICE")


def _only(ids: set[str], *expected: str) -> bool:
    expect(f"{sorted(expected)} are there and nobody else, but {sorted(ids)}", ids == set(expected))
    return True


def _set_status(bed: Bed, provider: Life, status: str) -> None:
    """By the client itself where it can; else as an operator does."""
    if bed.can("status"):
        provider.set_status(status)
    else:
        bed.registry.set_status(provider.app, provider.instance, status)


def _clear_status(bed: Bed, provider: Life) -> None:
    if bed.can("status"):
        provider.clear_status()
    else:
        bed.registry.clear_status(provider.app, provider.instance)


def _is_beat(line: str, code: str) -> bool:
    return line.startswith("PUT ") and "/status" not in line and line.endswith(f" {code}")


