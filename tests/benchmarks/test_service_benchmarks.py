import time
from pathlib import Path

import numpy as np
import pytest

from benchmarks.service_crowd import frames, number_of
from benchmarks.service_day import Moment, make_day
from benchmarks.service_figures import delays_of, losses, spread
from benchmarks.service_soak import soak
from benchmarks.service_watch import Crowd, Received, Watch
from engines.errors import FesError
from realtime.events.messages import (
    Expression,
    FaceFound,
    FaceLost,
    Phase,
    StreamEnd,
    StreamGap,
)
from realtime.events.publisher import Publisher
from realtime.events.telemetry import Telemetry
from realtime.service.connection import text_frame
from realtime.service.server import EventServer
from tests.realtime.service.service_makers import HELLO, running

HOUR_S = 3600.0


def day(seed: int = 1, seconds: float = 4 * HOUR_S) -> list[Moment]:
    return list(make_day(np.random.default_rng(seed), seconds, 10.0))


def test_a_day_goes_forward_and_ends_once() -> None:
    moments = day()
    times = [moment.time_s for moment in moments]
    assert times == sorted(times)
    assert [type(moment.data) for moment in moments].count(StreamEnd) == 1
    assert isinstance(moments[-1].data, StreamEnd)
    assert {type(moment.data) for moment in moments} == {
        Expression, FaceFound, FaceLost, StreamEnd, StreamGap, Telemetry,
    }  # fmt: skip


def test_every_face_of_a_day_that_comes_goes_and_every_expression_that_opens_closes() -> None:
    faces: set[int] = set()
    opened: dict[str, Phase] = {}
    most = 0
    for moment in day():
        match moment.data:
            case FaceFound(face=face):
                assert face not in faces
                faces.add(face)
            case FaceLost(face=face):
                faces.remove(face)
            case Expression() as found:
                assert found.face in faces
                assert (found.id in opened) == (found.phase is not Phase.NEW)
                opened[found.id] = found.phase
        most = max(most, len(faces))
    assert not faces
    assert most > 1
    assert set(opened.values()) == {Phase.END, Phase.RETRACTED}


def test_the_same_seed_is_the_same_day() -> None:
    assert day(5) == day(5)
    assert day(5) != day(6)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 200, 65535, 65536])
def test_frames_of_every_length_are_found_and_cut_ones_waited_for(size: int) -> None:
    first, second = text_frame("x" * size), text_frame("y")
    found = list(frames(first + second))
    assert [end - start for _, start, end in found] == [size, 1]
    assert found[-1][2] == len(first + second)
    assert [end - start for _, start, end in frames((first + second)[:-1])] == [size]
    assert not list(frames(first[:1]))


def test_the_number_of_a_message_is_that_of_its_envelope() -> None:
    publisher = Publisher(HELLO)
    event = publisher.publish(FaceFound(1, 0.0))
    report = publisher.publish(Telemetry(0.0))
    assert number_of(event.text[:64].encode()) == 1
    assert number_of(report.text[:64].encode()) < 0
    assert number_of(b'{"specversion":"1.0","id":"6f0d-4-0"') == 0


def received(rows: list[tuple[int, int, float]]) -> Received:
    table = np.array(rows, float)
    return Received(table[:, 0].astype(int), table[:, 1].astype(int), table[:, 2], 0)


@pytest.mark.parametrize(
    ("numbers", "found"),
    [
        ([1, 2, 3], (0, 0, 0)),
        ([1, 3], (1, 0, 0)),
        ([1, 2, 2, 3], (0, 1, 0)),
        ([1, 3, 2], (0, 0, 1)),
        ([-5, 0, 4], (0, 0, 0)),
    ],
)
def test_a_client_that_lacks_an_event_is_found_out(
    numbers: list[int], found: tuple[int, int, int]
) -> None:
    rows = [(0, number, 0.0) for number in numbers] + [(1, number, 0.0) for number in (1, 2, 3)]
    assert tuple(losses(received(rows)).values()) == found


def test_delays_are_from_capture_and_from_publication_by_the_stretch_of_the_latter() -> None:
    watch, publisher = Watch(), Publisher(HELLO)
    watch.write(publisher.publish(FaceFound(1, 0.0)))
    watch.heard("total", 20.0)
    captured_s, published_s = watch.moments()[1]
    assert captured_s == pytest.approx(watch.done_s[0] - 0.02)
    got = received([(0, 1, published_s + 0.005), (0, 0, 0.0)])
    delays = delays_of(watch, got, [(published_s - 1, published_s + 1, False), (0, 1, True)])
    assert delays[False][0, 1] == pytest.approx(5.0)
    assert delays[False][0, 0] == pytest.approx((published_s + 0.005 - captured_s) * 1e3)


def test_percentiles_of_nothing_are_an_error_and_no_number() -> None:
    assert spread(np.array([1.0, 3.0])).max == 3.0
    with pytest.raises(FesError, match="measure for longer"):
        spread(np.empty(0))


def test_a_crowd_notes_every_message_of_each_of_its_clients(tmp_path: Path) -> None:
    with running() as service:
        with Crowd(service.server.events_url, 5, tmp_path / "notes.npy") as crowd:
            service.publish_faces(1, 50)
            service.publisher.publish(Telemetry(0.0, 0))
            wait_for_all(service.server)
        assert crowd.received is not None
        for client in range(5):
            mine = crowd.received.numbers[crowd.received.clients == client].tolist()
            assert mine[:2] == [0, 0]
            assert mine[2:52] == list(range(1, 51))
            assert len(mine) == 53


def wait_for_all(server: EventServer) -> None:
    """Wait until the telemetry, the last message, has been taken and handed over."""
    end_s = time.monotonic() + 30
    while b'fes_events_total{type="fes.telemetry"} 1.0' not in server.metrics.page("")[0]:
        assert time.monotonic() < end_s
        time.sleep(0.01)


def test_a_short_day_reaches_every_client_whole() -> None:
    figures = soak(hours=0.5, clients=2, telemetry_s=30.0)
    followers = figures["followers"]
    assert isinstance(followers, dict)
    for account in followers["clients"]:
        assert account["events"] == figures["events"]
        assert (account["disordered"], account["missed"]) == (0, 0)
    assert figures["files_at_the_end"] == figures["files_before"]
