import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.sync.server import ServerConnection, serve

from engines.errors import SourceError, UsageError
from engines.intervals import Kind
from realtime.client import Envelope, EventClient, Missed, Restarted
from realtime.client.address import events_address, with_resume
from realtime.client.client import Item
from realtime.events.messages import Expression, FaceFound, Phase, Snapshot
from realtime.events.publisher import Publisher
from realtime.events.telemetry import Telemetry
from realtime.service.server import EventServer
from tests.realtime.client.client_makers import Cable, notices, sequences, take, types, up_to
from tests.realtime.service.certificate_makers import make_certificate, needs_openssl
from tests.realtime.service.service_makers import HELLO, port_of, running

TOKEN = "correct horse battery"  # noqa: S105 - opens a service of this test only


def test_events_come_typed_and_in_order_after_hello_and_snapshot() -> None:
    with running() as service:
        service.publish_faces(1, 2)
        found = Expression("0-1-0", Phase.END, Kind.MICRO, 1.0, 1.1, 1.2, 0.5, 1)
        service.publisher.publish(found)
        service.publisher.publish(Telemetry(2.0, 1))
        client = EventClient(service.server.url, since=0)
        items = take(client, lambda items: "fes.telemetry" in types(items))
    assert types(items)[:2] == ["fes.hello", "fes.snapshot"]
    data = [item.data for item in items[2:] if isinstance(item, Envelope)]
    assert data == [FaceFound(1, 1.0), FaceFound(2, 2.0), found, Telemetry(2.0, 1)]


def test_a_new_client_begins_with_what_comes_next() -> None:
    with running() as service:
        service.publish_faces(1, 3)
        client = EventClient(service.server.events_url)
        timer = threading.Timer(0.3, service.publish_faces, (4, 5))
        timer.start()
        items = take(client, up_to(5))
        timer.join()
    assert sequences(items) == [4, 5]
    assert (client.place.since, client.place.stream) == (5, service.publisher.source)


def test_a_snapshot_has_the_expressions_that_are_open() -> None:
    with running() as service:
        found = Expression("0-1-0", Phase.UPDATE, Kind.MACRO, 1.0, 2.0, None, 0.5, 1)
        service.publisher.publish(found)
        client = EventClient(service.server.url)
        items = take(client, lambda items: "fes.snapshot" in types(items))
    assert isinstance(items[-1], Envelope)
    assert items[-1].data == Snapshot(1, open_expressions=(found,))


def test_every_event_comes_once_and_in_order_whatever_is_cut() -> None:
    with running() as service, Cable(port_of(service.server)) as cable:

        def play() -> None:
            for number in range(1, 301):
                service.publish_faces(number, number)
                time.sleep(0.005)
                if number % 60 == 0:
                    cable.cut()

        thread = threading.Thread(target=play)
        thread.start()
        items = take(EventClient(cable.url, since=0), up_to(300))
        thread.join()
    assert sequences(items) == list(range(1, 301))
    assert cable.connections > 1
    assert types(items).count("fes.hello") == types(items).count("fes.snapshot") == 1
    assert not notices(items)


def test_a_client_that_is_too_slow_is_closed_and_still_lacks_nothing() -> None:
    with running(history=1000, queue=20) as service:
        client = EventClient(service.server.url, since=0)
        seen: list[Item] = []

        def enough(items: list[Item]) -> bool:
            seen[:] = items
            number = (sequences(items) or [0])[-1]
            if number == 1:
                # nobody reads while these are published: the queue holds 20 of them
                wide = "x" * 20_000
                for face in range(2, 301):
                    service.publisher.publish(FaceFound(face, 0.0))
                    service.publisher.publish(Telemetry(0.0, 0, {wide: 0.5}))
            return number == 300

        service.publish_faces(1, 1)
        items = take(client, enough)
        metrics = service.server.metrics.page("")[0].decode()
    assert sequences(items) == list(range(1, 301))
    assert not notices(items)
    assert "fes_client_overflows_total 0.0" not in metrics


@contextmanager
def two_runs(first: int, second: int) -> Iterator[tuple[str, Callable[[], None], list[str]]]:
    """A service with some events, and what stops it and starts another one on its port."""
    servers = [EventServer(port=0).start()]
    publisher = Publisher(HELLO, servers)
    runs = [publisher.source]
    for number in range(1, first + 1):
        publisher.publish(FaceFound(number, 0.0))

    def restart() -> None:
        port = port_of(servers[0])
        servers[0].close()
        servers.append(EventServer(port=port).start())
        again = Publisher(HELLO, servers[1:])
        runs.append(again.source)
        for number in range(1, second + 1):
            again.publish(FaceFound(100 + number, 0.0))

    try:
        yield servers[0].url, restart, runs
    finally:
        for server in servers:
            server.close()


def test_a_restarted_service_is_told_apart_and_nothing_of_it_is_lost() -> None:
    with two_runs(5, 3) as (url, restart, runs):

        def enough(items: list[Item]) -> bool:
            if sequences(items) == [1, 2, 3, 4, 5] and not notices(items) and len(runs) == 1:
                restart()
            return sequences(items)[5:] == [1, 2, 3]

        items = take(EventClient(url, since=0), enough)
        assert notices(items) == [Restarted(runs[0], runs[1])]
        after = types(items)[types(items).index("Restarted") :]
        assert after == ["Restarted", "fes.hello", "fes.snapshot", *["fes.face.found"] * 3]


def test_a_client_of_another_process_resumes_and_learns_of_a_restart() -> None:
    with two_runs(5, 3) as (url, restart, runs):
        assert sequences(take(EventClient(url, since=3, stream=runs[0]), up_to(5))) == [4, 5]
        restart()
        items = take(EventClient(url, since=3, stream=runs[0]), up_to(3))
        assert notices(items) == [Restarted(runs[0], runs[1])]
        assert sequences(items) == [1, 2, 3]


def test_what_the_service_forgot_meanwhile_is_said() -> None:
    with running(history=10, queue=5) as service:
        service.publish_faces(1, 30)
        items = take(EventClient(service.server.url, since=4), up_to(30))
    assert items[0] == Missed(5, 20)
    assert types(items)[1:3] == ["fes.hello", "fes.snapshot"]
    assert sequences(items) == list(range(21, 31))


def test_a_token_opens_the_stream_and_is_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with running(token=TOKEN) as service:
        service.publish_faces(1, 1)
        client = EventClient(service.server.url, token=TOKEN, since=0)
        assert sequences(take(client, up_to(1))) == [1]
    assert TOKEN not in caplog.text


def test_a_token_that_is_not_needed_does_no_harm() -> None:
    with running() as service:
        service.publish_faces(1, 1)
        client = EventClient(service.server.url, token=TOKEN, since=0)
        assert sequences(take(client, up_to(1))) == [1]


def failure(client: EventClient) -> SourceError | UsageError:
    with pytest.raises((SourceError, UsageError)) as failed:
        take(client, lambda _: False)
    assert "\n" not in str(failed.value)
    return failed.value


def test_a_wrong_token_ends_the_iteration_with_one_line() -> None:
    with running(token=TOKEN) as service:
        error = failure(EventClient(service.server.url, token="wrong"))  # noqa: S106
    assert isinstance(error, UsageError)
    assert "wrong token" in str(error)
    assert TOKEN not in str(error)


def test_an_address_without_a_service_is_given_up_after_the_time_that_was_said() -> None:
    with running() as service:
        url = service.server.url
    error = failure(EventClient(url, give_up_s=1.0))
    assert isinstance(error, SourceError)
    assert "has been away" in str(error)


@contextmanager
def strange_service(*messages: str | bytes) -> Iterator[str]:
    def handle(connection: ServerConnection) -> None:
        for message in messages:
            connection.send(message)
        connection.recv()

    with serve(handle, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    "message",
    [
        "hello",
        "[]",
        "{}",
        '{"type": "fes.face.found", "source": "a", "data": {}}',
        '{"type": "fes.nothing", "source": "a", "data": {}}',
        '{"type": "fes.face.lost", "source": "a", "sequence": "1", "data": {"face": 1}}',
        "[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_such_service_is_said_in_one_line(message: str | bytes) -> None:
    with strange_service(message) as url:
        assert "sent what is no event" in str(failure(EventClient(url)))


def test_a_service_of_another_version_is_said() -> None:
    text = json.dumps({"type": "fes.hello", "source": "a", "data": {"schema_version": 99}})
    with strange_service(text) as url:
        assert "speaks version 99 of the events" in str(failure(EventClient(url)))


def test_a_page_that_is_no_service_is_said() -> None:
    with running() as service:
        error = failure(EventClient(service.server.url + "css"))
    assert "answers 404" in str(error)


@needs_openssl
def test_an_encrypted_service_is_followed_where_its_certificate_is_trusted(
    tmp_path: Path,
) -> None:
    certificate = make_certificate(tmp_path)
    server = EventServer(port=0, certificate=certificate)
    with server, Publisher(HELLO, [server]) as publisher:
        publisher.publish(FaceFound(1, 0.0))
        client = EventClient(server.url, since=0, authority=certificate.chain)
        assert sequences(take(client, up_to(1))) == [1]
        error = failure(EventClient(server.url))
        assert isinstance(error, UsageError)
        assert "is not trusted" in str(error)
    with pytest.raises(UsageError, match="cannot read the authority"):
        EventClient(server.url, authority=tmp_path / "none.pem")


def test_a_program_without_an_event_loop_reads_the_same() -> None:
    with running() as service:
        service.publish_faces(1, 3)
        items: list[Item] = []
        for item in EventClient(service.server.url, since=0).blocking():
            items.append(item)
            if len(items) == 5:
                break
    assert sequences(items) == [1, 2, 3]


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:8765", "ws://127.0.0.1:8765/events"),
        ("https://lab:1/", "wss://lab:1/events"),
        ("ws://lab/events", "ws://lab/events"),
        ("wss://[::1]:8765/behind/a/proxy/", "wss://[::1]:8765/behind/a/proxy/events"),
    ],
)
def test_an_address_of_the_dashboard_leads_to_its_events(url: str, address: str) -> None:
    assert events_address(url) == address


@pytest.mark.parametrize("url", ["lab:8765", "ftp://lab", "http://", "http://[", "http://a:b", ""])
def test_what_is_no_address_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError, match="is no address of a service"):
        EventClient(url)


def test_what_is_asked_for_is_in_the_address() -> None:
    assert with_resume("ws://a/events", None, None) == "ws://a/events"
    assert with_resume("ws://a/events", 0, "urn:b?") == "ws://a/events?since=0&stream=urn%3Ab%3F"
