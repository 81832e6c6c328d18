import threading
import time

import pytest
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK
from websockets.sync.client import connect

from engines.intervals import Kind
from realtime.events.messages import Expression, FaceFound, Phase, StreamEnd, StreamGap
from realtime.events.publisher import Publisher
from realtime.events.telemetry import Telemetry
from realtime.service.server import EventServer
from tests.realtime.service.service_makers import (
    HELLO,
    WAIT_S,
    Service,
    opening,
    receive,
    receive_sequences,
    running,
)


def test_hello_comes_first_and_the_snapshot_second() -> None:
    with running() as service, service.client() as client:
        assert client.subprotocol == "cloudevents.json"
        hello, snapshot = opening(client)
        assert hello["model"] == {"name": "tiny", "version": "1", "method": "spotformer"}
        assert hello["algorithmic_delay_s"] == 0.267
        assert hello["resumed"] is None
        assert snapshot == {
            "sequence": 0, "faces": [], "open_expressions": [], "ended": None,
            "states": [], "ends": [],
        }  # fmt: skip


def test_events_arrive_in_order_and_their_sequence_counts_up_by_one() -> None:
    with running() as service, service.client() as one, service.client() as two:
        opening(one)
        opening(two)
        service.publish_faces(1, 300)
        assert receive_sequences(one, 300) == list(range(1, 301))
        assert receive_sequences(two, 300) == list(range(1, 301))


def test_a_client_gets_the_text_that_was_sealed() -> None:
    with running() as service, service.client() as client:
        opening(client)
        envelope = service.publisher.publish(StreamGap(1.0, 2.0, "no frames"))
        assert client.recv(timeout=WAIT_S) == envelope.text


def test_a_late_client_finds_faces_and_open_expressions_in_the_snapshot() -> None:
    with running() as service:
        service.publish_faces(1, 2)
        new = Expression("e1", Phase.NEW, Kind.MACRO, 1.0, 2.0, None, 0.5, 1)
        service.publisher.publish(new)
        with service.client() as client:
            _, snapshot = opening(client)
        assert snapshot["sequence"] == 3
        assert snapshot["faces"] == [
            {"face": 1, "time_s": 1.0, "source": 0},
            {"face": 2, "time_s": 2.0, "source": 0},
        ]
        opened = snapshot["open_expressions"]
        assert isinstance(opened, list)
        assert [(one["id"], one["offset_s"]) for one in opened] == [("e1", None)]


def test_a_client_that_comes_before_the_stream_waits_for_its_hello() -> None:
    with (
        EventServer(port=0) as server,
        connect(server.events_url, proxy=None, open_timeout=WAIT_S) as client,
    ):
        with pytest.raises(TimeoutError):
            client.recv(timeout=0.2)
        Publisher(HELLO, [server])
        assert opening(client)[0]["source"] == "clip.mp4"


def test_what_was_published_before_the_service_started_is_not_lost() -> None:
    server = EventServer(port=0)
    publisher = Publisher(HELLO, [server])
    publisher.publish(FaceFound(1, 0.0))
    with server, connect(server.events_url + "?since=0", proxy=None, open_timeout=WAIT_S) as client:
        opening(client)
        assert receive(client)["sequence"] == 1


def test_since_brings_everything_after_that_sequence() -> None:
    with running() as service:
        service.publish_faces(1, 50)
        with service.client("?since=20") as client:
            hello, snapshot = opening(client)
            assert hello["resumed"] is True
            assert snapshot["sequence"] == 50
            service.publish_faces(51, 55)
            assert receive_sequences(client, 35) == list(range(21, 56))


def test_a_client_that_has_everything_resumes_with_nothing_missed() -> None:
    with running() as service:
        service.publish_faces(1, 5)
        with service.client("?since=5") as client:
            assert opening(client)[0]["resumed"] is True
            service.publish_faces(6, 6)
            assert receive(client)["sequence"] == 6


def test_hello_says_when_the_history_no_longer_holds_what_was_asked() -> None:
    with running(history=10, queue=5) as service:
        service.publish_faces(1, 30)
        with service.client("?since=19") as client:
            hello, _ = opening(client)
            assert (hello["resumed"], hello["oldest"]) == (False, 20)
            service.publish_faces(31, 31)
            assert receive(client)["sequence"] == 31
        with service.client("?since=21") as client:
            assert opening(client)[0]["resumed"] is True


def test_a_sequence_of_the_future_or_of_another_run_is_not_resumed() -> None:
    with running() as service:
        service.publish_faces(1, 3)
        for query in ("?since=4", "?since=2&stream=urn:uuid:other"):
            with service.client(query) as client:
                assert opening(client)[0]["resumed"] is False
        with service.client(f"?since=2&stream={service.publisher.source}") as client:
            assert opening(client)[0]["resumed"] is True


def test_a_replay_longer_than_the_queue_is_not_an_overflow() -> None:
    with running(history=500, queue=10) as service:
        service.publish_faces(1, 400)
        with service.client("?since=0") as client:
            opening(client)
            assert receive_sequences(client, 400) == list(range(1, 401))


def flood(service: Service, events: int) -> None:
    reason = "x" * 20_000
    for _ in range(events):
        service.publisher.publish(StreamGap(0.0, 1.0, reason))


def test_a_client_that_overflows_is_closed_with_1013_and_resumes_without_a_loss() -> None:
    with running(history=800, queue=100) as service:
        with service.client() as stalled, service.client() as brisk:
            opening(stalled)
            opening(brisk)
            got: list[int] = []
            reader = threading.Thread(target=drain, args=(brisk, 400, got))
            reader.start()
            flood_slowly(service, 400)
            reader.join(WAIT_S)
            assert got == list(range(1, 401)), "a stalled client must not hold up another"
            seen = drain_until_closed(stalled)
        assert stalled.close_code == 1013
        assert seen == list(range(1, len(seen) + 1))
        with service.client(f"?since={seen[-1]}") as back:
            assert opening(back)[0]["resumed"] is True
            assert receive_sequences(back, 400 - len(seen)) == list(range(len(seen) + 1, 401))


def flood_slowly(service: Service, events: int) -> None:
    """Publish no faster than a client on this machine can read."""
    for _ in range(events // 20):
        flood(service, 20)
        time.sleep(0.02)


def drain(client: object, count: int, got: list[int]) -> None:
    got.extend(receive_sequences(client, count))  # type: ignore[arg-type]


def drain_until_closed(client: object) -> list[object]:
    seen = []
    try:
        while True:
            seen.append(receive(client)["sequence"])  # type: ignore[arg-type]
    except ConnectionClosed:
        return seen


def test_a_slow_client_gets_the_latest_telemetry_and_every_event() -> None:
    with running() as service, service.client() as client:
        opening(client)
        wide = {f"score_{number}": 0.5 for number in range(500)}
        for number in range(800):
            service.publisher.publish(Telemetry(float(number), 0, wide))
            if number % 200 == 199:
                service.publish_faces(number // 200 + 1, number // 200 + 1)
        times: list[float] = []
        sequences = []
        while not times or times[-1] != 799:
            message = receive(client)
            if "sequence" in message:
                sequences.append(message["sequence"])
            else:
                times.append(message["data"]["time_s"])  # type: ignore[index]
        assert times == sorted(times)
        assert len(times) < 800
        assert sequences == [1, 2, 3, 4]


def test_two_faces_each_keep_their_latest_telemetry() -> None:
    with running() as service:
        for time_s in range(5):
            service.publisher.publish(Telemetry(float(time_s), 0))
            service.publisher.publish(Telemetry(float(time_s), 1))
        with service.client() as client:
            opening(client)
            looks = [receive(client)["data"] for _ in range(2)]
        assert [(look["face"], look["time_s"]) for look in looks] == [(0, 4), (1, 4)]  # type: ignore[index]


def test_the_end_of_the_stream_reaches_clients_before_the_goodbye() -> None:
    with running() as service, service.client() as client:
        opening(client)
        service.publish_faces(1, 200)
        service.publisher.publish(StreamEnd("finished", 1.0, 30, 30))
        service.publisher.close()
        assert receive_sequences(client, 201)[-1] == 201
        with pytest.raises(ConnectionClosedOK):
            client.recv(timeout=WAIT_S)
        assert client.close_code == 1001


def test_a_client_that_comes_after_the_end_is_told_of_it() -> None:
    with running() as service:
        service.publisher.publish(StreamEnd("lost", 1.0, 30, 29, "the camera went away"))
        with service.client() as client:
            ended = opening(client)[1]["ended"]
        assert ended == {
            "reason": "lost",
            "time_s": 1.0,
            "frames": 30,
            "ticks": 29,
            "error": "the camera went away",
            "source": 0,
        }
