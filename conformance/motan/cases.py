"""What Motan programs and ours must live through with each other.

The Motan program is a server, a client or both; the other end is the example `motan_peer` of `crates/link`. All cases share one
ZooKeeper, and each has a group of its own there.
"""
import os
from pathlib import Path

from harness.cases import Bed, Cases
from harness.life import START_PATIENCE, Life
from harness.waiting import expect, throughout, until

CASES = Cases()
case = CASES.case

PEER = Path(os.environ.get("LUBDUB_MOTAN_PEER", "target/debug/examples/motan_peer"))
SERVICE = "lubdub.conformance.motan.Echo"

# Where Motan's servers say that they are: it refuses loopback there. Nobody calls this one.
HOST = "198.51.100.7"

# So many milliseconds a Motan client waits for an answer; the short one where there is to be none.
LONG, SHORT = 10_000, 100

# Motan's client probes each half second whom it gave up.
PROBES = 1.5


@case()
def a_motan_server_answers_the_beats_of_a_link_between_its_calls(bed: Bed):
    server, peer = _server(bed, "server", "local"), _peer(bed, "server-peer")
    _connect(peer, server)
    for text in ["lub", "dub"]:
        expect("it echoes", peer.told("call", group="server", text=text) == text)
        _beats(peer, 3)
    expect("none was a stranger's answer", peer.told("link")["strays"] == 0)
    _end(server, peer)


@case()
def a_link_tells_a_motan_server_that_is_stuck_from_one_that_ended(bed: Bed):
    for name, fate in [("stuck", Life.pause), ("ended", Life.kill)]:
        server, peer = _server(bed, name, "local"), _peer(bed, f"{name}-peer")
        _connect(peer, server)
        _beats(peer, 3)
        fate(server)
        ended = until("the link is over", lambda: peer.told("link")["ended"])
        expect(f"why it is over: {ended}", ("nothing was heard" in ended) == (name == "stuck"))
        _end(server, peer)


@case()
def a_motan_server_that_refuses_heartbeats_is_not_given_up_and_no_call_is_mistaken(bed: Bed):
    server, peer = _server(bed, "busy", "local", workers=2), _peer(bed, "busy-peer")
    _connect(peer, server)
    until("all its workers hang", lambda: peer.told("hang", group="busy") and server.told("hanging") == 2)
    # More than are kept for an application that does not read.
    _beats(peer, 100)
    link = peer.told("link")
    expect(f"it is there: {link}", link["ended"] is None and link["strays"] == 0)
    expect("it refuses calls", _refuses(peer))
    server.told("release")
    until("its workers are free", lambda: not _refuses(peer))
    for text in ["lub", "dub"] * 5:
        expect("each call has its own answer", peer.told("call", group="busy", text=text) == text)
    _end(server, peer)


@case()
def a_motan_client_that_gave_us_up_is_back_by_our_answer_to_its_heartbeat(bed: Bed):
    client, peer = _motan(bed, "gave-up", "local", patience=SHORT), _peer(bed, "gave-up-peer")
    address = peer.told("listen")
    client.told("refer", address=address)
    until("it calls us", lambda: _calls(client))
    peer.told("answer", calls=False)
    _give_up(client, address)
    until("it is back, though no call was answered", lambda: client.told("knows") == {address: True})
    # The other way round: where nobody answers it does not come back.
    peer.pause()
    _give_up(client, address)
    throughout("it is given up", lambda: client.told("knows") == {address: False}, PROBES)
    peer.resume()
    until("it is back", lambda: client.told("knows") == {address: True})
    peer.told("answer", calls=True)
    until("it calls us again", lambda: _calls(client))
    _end(client, peer)


@case()
def a_motan_client_of_the_first_protocol_is_refused_with_what_to_do(bed: Bed):
    client, peer = _motan(bed, "first", "local", protocol="motan", patience=SHORT), _peer(bed, "first-peer")
    address = peer.told("listen")
    client.told("refer", address=address)
    _give_up(client, address)
    # Its heartbeats are calls there, and are refused, too.
    throughout("it is given up", lambda: client.told("knows") == {address: False}, PROBES)
    refused = peer.told("refused")
    expect(f"it is told what to do: {refused}", "set its protocol to `motan2`" in refused)
    _end(client, peer)


@case()
def motan_servers_are_found_by_our_consumer_as_their_switch_says_and_leave(bed: Bed):
    consumer = _peer(bed, "found-consumer")
    url = _url(bed, "found")
    consumer.told("consume", url=url, service=SERVICE)
    # Motan has two registries on ZooKeeper: they write differently.
    servers = {kind: _server(bed, "found", kind) for kind in ["zookeeper", "zk"]}
    address = {kind: f"{HOST}:{server.told('serves')['port']}" for kind, server in servers.items()}

    def offered(*kinds: str):
        expected = sorted(address[kind] for kind in kinds)
        until(f"{kinds} are offered", lambda: sorted(consumer.told("offers")) == expected)

    listed = consumer.told("listed", url=url, service=SERVICE)
    expect(f"both are unavailable: {listed}", [one["availability"] for one in listed] == ["unavailable"] * 2)
    expect("nobody is offered", consumer.told("offers") == [])
    for server in servers.values():
        server.told("turn", on=True)
    offered("zookeeper", "zk")
    said = [one["instance"]["metadata"] for one in consumer.told("listed", url=url, service=SERVICE)]
    expect(f"what they say comes along: {said}", [one["minWorkerThread"] for one in said] == ["4", "4"])
    servers["zk"].told("turn", on=False)
    offered("zookeeper")
    servers["zk"].told("turn", on=True)
    offered("zookeeper", "zk")
    # Its node goes with its session.
    servers["zk"].kill()
    offered("zookeeper")
    servers["zookeeper"].told("unexport")
    # Not by its offers: a consumer doubts that the last one left.
    until("nobody is listed", lambda: consumer.told("listed", url=url, service=SERVICE) == [])
    _end(consumer, *servers.values())


@case()
def our_providers_are_found_and_called_by_motan_clients_as_their_switch_says_and_leave(bed: Bed):
    url = _url(bed, "ours")
    clients = [_motan(bed, "ours", kind) for kind in ["zookeeper", "zk"]]
    peers = {name: _peer(bed, f"ours-{name}") for name in ["one", "two", "other-version"]}
    address = {name: peer.told("listen") for name, peer in peers.items()}
    for name, peer in peers.items():
        peer.told("provide", url=url, service=SERVICE, version="2.0" if name == "other-version" else "1.0")

    def known(*names: str):
        expected = {address[name]: True for name in names}
        for client in clients:
            until(f"{names} are known", lambda: client.told("knows") == expected)
            if names:
                expect("one of them is called", client.told("call", text="lub") == "lub")

    for client in clients:
        client.told("refer")
    known()
    for name in ["other-version", "one", "two"]:
        peers[name].told("open")
    known("one", "two")
    peers["one"].told("close")
    known("two")
    peers["one"].told("open")
    known("one", "two")
    peers["two"].told("leave")
    known("one")
    _end(*clients, *peers.values())


def _motan(bed: Bed, group: str, kind: str, **settings) -> Life:
    """A Motan program, with Motan's name for the kind of its registry."""
    usual = {"host": HOST, "workers": 4, "protocol": "motan2", "patience": LONG}
    return bed.life("motan", f"{group}-{kind}", group=group, kind=kind, **{**usual, **settings})


def _server(bed: Bed, group: str, kind: str, **settings) -> Life:
    server = _motan(bed, group, kind, **settings)
    server.told("serve", START_PATIENCE)
    return server


def _peer(bed: Bed, name: str) -> Life:
    return bed.process([str(PEER)], "peer", name)


def _end(*lives: Life) -> None:
    for life in lives:
        life.kill()


def _url(bed: Bed, group: str) -> str:
    return f"zookeeper://{bed.registry.url}?layout=motan&group={group}"


def _connect(peer: Life, server: Life) -> None:
    peer.told("connect", address=f"127.0.0.1:{server.told('serves')['port']}")


def _beats(peer: Life, more: int) -> None:
    """Waits for so many answers to its beats."""
    before = peer.told("link")["answered"]
    until(f"{more} beats are answered", lambda: peer.told("link")["answered"] >= before + more)


def _refuses(peer: Life) -> bool:
    try:
        peer.told("call", group="busy", text="lub")
    except AssertionError as fault:
        expect("calls are refused for this alone", "process thread pool is full" in str(fault))
        return True
    return False


def _calls(client: Life) -> bool:
    try:
        return client.told("call", text="lub") == "lub"
    except AssertionError:
        return False


def _give_up(client: Life, address: str) -> None:
    """Has the client's calls fail until it gives up whom it calls."""
    until("it is given up", lambda: not _calls(client) and client.told("knows") == {address: False})
