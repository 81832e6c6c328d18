import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from websockets.sync.client import connect

from engines.errors import FesError
from engines.intervals import Kind
from realtime.events.messages import Mark
from realtime.events.publisher import Publisher
from realtime.events.schema import load_document
from realtime.service.marking import MOST_PER_SECOND, MarkTaker, Pace, read_mark
from realtime.service.server import EventServer
from tests.realtime.service.service_makers import HELLO, WAIT_S, Service, opening, receive

MARK = {"type": "fes.mark", "kind": "micro", "time_s": 1.25}
SCHEMA = Draft202012Validator(load_document("schemas/mark.json"))
BAD: tuple[object, ...] = (
    None, [], "mark", {}, {**MARK, "type": "mark"}, {**MARK, "kind": "tiny"},
    {**MARK, "kind": None}, {**MARK, "kind": ["micro"]}, {**MARK, "time_s": "1"},
    {**MARK, "time_s": True}, {**MARK, "time_s": None}, {**MARK, "frame": 3},
    {"type": "fes.mark", "kind": "micro"}, {**MARK, "source": -1}, {**MARK, "source": "0"},
    {**MARK, "source": True}, {**MARK, "source": 1024}, {**MARK, "source": 0.5},
)  # fmt: skip


@contextmanager
def marking(take: MarkTaker | None, token: str | None = None) -> Iterator[Service]:
    server = EventServer(port=0, take_mark=take, token=token)
    with server, Publisher(HELLO, [server]) as publisher:
        yield Service(server, publisher)


def test_a_mark_is_read() -> None:
    assert read_mark(json.dumps(MARK)) == (Kind.MICRO, 1.25, 0)
    other = {**MARK, "kind": "macro", "time_s": -2, "source": 3}
    assert read_mark(json.dumps(other)) == (Kind.MACRO, -2.0, 3)
    SCHEMA.validate(MARK)
    SCHEMA.validate(other)


@pytest.mark.parametrize("message", BAD)
def test_what_the_schema_refuses_is_no_mark(message: object) -> None:
    assert not SCHEMA.is_valid(message)
    with pytest.raises(ValueError, match=r"mark|time_s|source"):
        read_mark(json.dumps(message))


@pytest.mark.parametrize("time_s", ["NaN", "Infinity", "-Infinity", "1e400", "1e15", "1" * 400])
def test_a_time_that_no_stream_has_is_no_mark(time_s: str) -> None:
    with pytest.raises(ValueError, match="time_s"):
        read_mark(json.dumps(MARK).replace("1.25", time_s))


@given(st.text() | st.binary())
def test_no_message_does_harm(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_mark(text)


def test_every_client_is_told_of_a_mark_of_one() -> None:
    marks: list[Mark] = []

    def take(kind: Kind, time_s: float, source: int) -> None:
        marks.append(Mark(kind, time_s, 37, "2024-02-29T12:00:00.000Z", source))
        service.publisher.publish(marks[-1])

    with marking(take) as service, service.client() as one, service.client() as two:
        opening(one)
        opening(two)
        one.send(json.dumps({**MARK, "source": 2}))
        for client in (one, two):
            event = receive(client)
            assert (event["type"], event["sequence"]) == ("fes.mark", 1)
            assert event["data"] == {
                "kind": "micro", "time_s": 1.25, "frame": 37, "utc": "2024-02-29T12:00:00.000Z",
                "source": 2,
            }  # fmt: skip


def test_what_is_no_mark_is_not_answered_and_the_client_stays() -> None:
    taken: list[object] = []

    def take(kind: Kind, time_s: float, _: int) -> None:
        if time_s < 0:
            raise ValueError("no frame is near")
        if time_s == 0:
            raise FesError("the disk is full")
        taken.append((kind, time_s))
        service.publish_faces(1, 1)

    with marking(take) as service, service.client() as client:
        opening(client)
        for message in (*BAD[:4], {**MARK, "time_s": -1}, {**MARK, "time_s": 0}, MARK):
            client.send(json.dumps(message))
        client.send(b"\x00\xff")
        assert receive(client)["sequence"] == 1
        assert taken == [(Kind.MICRO, 1.25)]


def test_without_a_file_for_marks_they_are_passed_over() -> None:
    with marking(None) as service, service.client() as client:
        opening(client)
        client.send(json.dumps(MARK))
        service.publish_faces(1, 1)
        assert receive(client)["sequence"] == 1


def test_who_has_no_token_marks_nothing() -> None:
    taken: list[object] = []
    token = "correct horse"  # noqa: S105 - opens a service of this test only
    with marking(lambda *mark: taken.append(mark), token) as service:
        with connect(service.server.events_url, proxy=None, open_timeout=WAIT_S) as stranger:
            stranger.send(json.dumps(MARK))
            stranger.send(json.dumps(MARK))
            with pytest.raises(Exception, match="1008"):
                stranger.recv(timeout=10)
        assert taken == []


def test_a_flood_of_marks_is_thinned_out() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    assert [pace.allows() for _ in range(MOST_PER_SECOND + 5)] == (
        [True] * MOST_PER_SECOND + [False] * 5
    )
    now[0] = 0.99
    assert not pace.allows()
    now[0] = 1.0
    assert pace.allows()


def test_a_client_that_floods_is_served_on_and_few_of_its_marks_are_taken() -> None:
    taken: list[object] = []
    with marking(lambda *mark: taken.append(mark)) as service, service.client() as client:
        opening(client)
        start_s = time.monotonic()
        for _ in range(500):
            client.send(json.dumps(MARK))
        service.publish_faces(1, 1)
        assert receive(client)["sequence"] == 1
        client.ping().wait(10)
        assert len(taken) <= MOST_PER_SECOND * (2 + time.monotonic() - start_s)
