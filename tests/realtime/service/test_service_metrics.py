import http.client
import threading
import time
from collections.abc import Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families
from websockets.exceptions import ConnectionClosed, InvalidStatus

from engines.intervals import Kind
from realtime.events.messages import Expression, FaceFound, Phase, StreamEnd, StreamGap, StreamState
from realtime.events.telemetry import Telemetry
from realtime.pipeline.timing import STAGES, Stopwatch
from realtime.service.server import EventServer
from realtime.sources.condition import Condition
from tests.realtime.service.service_makers import (
    WAIT_S,
    Service,
    opening,
    port_of,
    receive_sequences,
    running,
)

TOKEN = "correct horse battery"  # noqa: S105 - opens a service of this test only

Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def ask(
    server: EventServer, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=WAIT_S)
    try:
        connection.request(method, "/metrics", headers=headers)
        response = connection.getresponse()
        return response, response.read().decode()
    finally:
        connection.close()


def figures(server: EventServer) -> Figures:
    response, text = ask(server)
    assert response.status == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(server: EventServer, name: str, **labels: str) -> float:
    return figures(server)[name, tuple(sorted(labels.items()))]


def wait_until(condition: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.02)


def test_every_stage_has_a_histogram_that_a_stopwatch_fills() -> None:
    with EventServer(port=0) as server:
        stopwatch = Stopwatch(server.metrics.heard)
        for stage in STAGES:
            stopwatch.add(stage, 3.0)
            stopwatch.add(stage, 40.0)
        stopwatch.add("total", 9000.0)
        found = figures(server)
    name = "fes_stage_duration_seconds"
    for stage in STAGES[:-1]:
        assert found[f"{name}_count", (("stage", stage),)] == 2
        assert found[f"{name}_sum", (("stage", stage),)] == pytest.approx(0.043)
        assert found[f"{name}_bucket", (("le", "0.005"), ("stage", stage))] == 1
        assert found[f"{name}_bucket", (("le", "0.05"), ("stage", stage))] == 2
    assert found[f"{name}_bucket", (("le", "2.5"), ("stage", "total"))] == 2
    assert found[f"{name}_bucket", (("le", "+Inf"), ("stage", "total"))] == 3
    assert found["fes_frames_total", ()] == 3


def test_messages_are_counted_by_their_type() -> None:
    with running() as service:
        service.publish_faces(1, 3)
        end = Expression("0-1-0", Phase.END, Kind.MICRO, 1.0, 1.1, 1.2, 0.5, 1)
        service.publisher.publish(end)
        service.publisher.publish(Telemetry(1.0))
        wait_until(lambda: value(service.server, "fes_sequence") == 4)
        for name, count in [
            ("fes.hello", 1),
            ("fes.face.found", 3),
            ("fes.expression.end", 1),
            ("fes.telemetry", 1),
            ("fes.stream.gap", 0),
        ]:
            assert value(service.server, "fes_events_total", type=name) == count


def test_clients_are_a_gauge_and_those_who_ever_came_a_counter() -> None:
    with running() as service:
        assert value(service.server, "fes_clients") == 0
        with service.client() as one, service.client() as two:
            opening(one)
            opening(two)
            assert value(service.server, "fes_clients") == 2
        wait_until(lambda: value(service.server, "fes_clients") == 0)
        assert value(service.server, "fes_clients_admitted_total") == 2


def test_an_overflow_is_counted() -> None:
    with running(history=200, queue=20) as service, service.client() as stalled:
        opening(stalled)
        while value(service.server, "fes_client_overflows_total") == 0:
            for _ in range(20):
                service.publisher.publish(StreamGap(0.0, 1.0, "x" * 20_000))


def refusals(server: EventServer, reason: str) -> float:
    return value(server, "fes_refused_connections_total", reason=reason)


def test_refusals_are_counted_by_their_reason() -> None:
    with running(token=TOKEN) as service:
        server = service.server
        found = counted(service)
        assert found("origin") == 0
        with pytest.raises(InvalidStatus):
            service.client(origin="https://example.org")
        with pytest.raises(InvalidStatus):
            service.client("?since=x")
        for message in ('{"token": "wrong"}', "garbage"):
            with service.client() as client:
                client.send(message)
                with pytest.raises(ConnectionClosed):
                    client.recv(timeout=WAIT_S)
        for reason in ("origin", "query", "token", "message"):
            assert found(reason) == 1, reason
        assert ask(server)[0].status == 401
        assert found("token") == 2


def counted(service: Service) -> Callable[[str], float]:
    """Read the counters without the page, which the token guards."""

    def count(reason: str) -> float:
        text = service.server.metrics.page("")[0].decode()
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name.startswith("fes_refused") and sample.labels["reason"] == reason:
                    return float(sample.value)
        raise AssertionError(reason)

    return count


def test_a_connection_that_never_asks_is_counted_as_a_failed_handshake() -> None:
    with running() as service:
        raw = http.client.HTTPConnection("127.0.0.1", port_of(service.server))
        raw.connect()
        raw.close()
        wait_until(lambda: refusals(service.server, "handshake") == 1)


def test_what_each_source_delivers_and_drops_is_told_by_its_number() -> None:
    with running() as service:
        server, publish = service.server, service.publisher.publish
        assert value(server, "fes_source_state", source="0", state="live") == 1
        publish(StreamState(0, Condition.FROZEN, 2.0, "the same picture for 3 s"))
        publish(FaceFound(0, 0.0))
        publish(Telemetry(1.0, 0, drops=7, rates={"capture_hz": 29.5, "tick_hz": 30.0}))
        wait_until(lambda: value(server, "fes_sequence") == 2)
        assert value(server, "fes_source_state", source="0", state="frozen") == 1
        assert value(server, "fes_source_state", source="0", state="live") == 0
        assert value(server, "fes_dropped_frames_total", source="0") == 7
        assert value(server, "fes_rate_hz", source="0", rate="capture") == 29.5
        assert value(server, "fes_faces", source="0") == 1


def test_the_stream_is_waiting_then_live_then_ended() -> None:
    with EventServer(port=0) as idle:
        assert value(idle, "fes_stream", stage="waiting") == 1
    with running() as service:
        assert value(service.server, "fes_stream", stage="live") == 1
        service.publisher.publish(StreamEnd("finished", 1.0, 30, 30))
        wait_until(lambda: value(service.server, "fes_stream", stage="ended") == 1)
        assert value(service.server, "fes_stream", stage="live") == 0


def test_memory_and_open_files_of_the_process_are_told() -> None:
    with EventServer(port=0) as server:
        found = figures(server)
    assert found["process_resident_memory_bytes", ()] > 1e6
    assert found["process_open_fds", ()] > 3


def test_two_services_of_one_process_count_apart() -> None:
    with running() as one, running() as two:
        one.publish_faces(1, 5)
        wait_until(lambda: value(one.server, "fes_sequence") == 5)
        assert value(two.server, "fes_sequence") == 0
        assert value(two.server, "fes_events_total", type="fes.face.found") == 0


def test_with_a_token_only_who_has_it_may_read_the_figures() -> None:
    with EventServer(port=0, token=TOKEN) as server:
        for given in (None, f"Bearer {TOKEN}x", "Bearer", "Bearer ", f"Basic {TOKEN}", TOKEN):
            headers = {} if given is None else {"Authorization": given}
            response, text = ask(server, **headers)
            assert response.status == 401, given
            assert response.headers["WWW-Authenticate"] == "Bearer"
            assert "fes_" not in text
        for scheme in ("Bearer", "bearer"):
            response, text = ask(server, Authorization=f"{scheme} {TOKEN}")
            assert response.status == 200
            assert "fes_sequence 0.0" in text
            assert TOKEN not in text


def test_the_figures_come_in_the_format_that_is_asked_for() -> None:
    with EventServer(port=0) as server:
        plain, _ = ask(server)
        assert plain.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        openmetrics, text = ask(server, Accept="application/openmetrics-text; version=1.0.0")
        assert openmetrics.headers["Content-Type"].startswith("application/openmetrics-text")
        assert text.endswith("# EOF\n")
        head, nothing = ask(server, "HEAD")
        assert (head.status, nothing) == (200, "")
        assert ask(server, "POST")[0].status == 405


def test_figures_are_whole_while_the_stream_runs() -> None:
    with running() as service, service.client() as client:
        opening(client)
        over = threading.Event()

        def hear() -> None:
            while not over.is_set():
                service.server.metrics.heard("total", 5.0)
                time.sleep(0.0001)

        thread = threading.Thread(target=hear)
        thread.start()
        try:
            service.publish_faces(1, 200)
            for _ in range(5):
                found = figures(service.server)
                total = found["fes_stage_duration_seconds_count", (("stage", "total"),)]
                infinite = found[
                    "fes_stage_duration_seconds_bucket", (("le", "+Inf"), ("stage", "total"))
                ]
                assert total == infinite
        finally:
            over.set()
            thread.join()
        assert receive_sequences(client, 200) == list(range(1, 201))
