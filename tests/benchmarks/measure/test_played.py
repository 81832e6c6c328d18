"""Recordings as a camera would deliver them."""

import time
from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.measure.played import Ended, PacedFeed, PlayedSource, TakenSource
from engines.errors import SourceError
from realtime.sources.base import Source, SourceInfo
from realtime.types import Frame

IMAGE = np.zeros((4, 6, 3), np.uint8)
INFO = SourceInfo("strip", False, 6, 4, 100.0, 10)


def strip(times_s: list[float]) -> Iterator[Frame]:
    for index, time_s in enumerate(times_s):
        yield Frame(index, time_s, IMAGE)


def even(count: int, rate_hz: float = 100.0) -> Iterator[Frame]:
    return strip([index / rate_hz for index in range(count)])


def test_frames_come_when_they_are_due_and_say_when_that_was() -> None:
    feed = PacedFeed(strip([0.5, 0.52, 0.58]), 50.0)
    shots = []
    for _ in range(3):
        shots.append((feed.read(), time.monotonic()))
    assert all(came_s >= shot.captured_s for shot, came_s in shots)
    first_s = shots[0][0].captured_s
    assert [shot.captured_s - first_s for shot, _ in shots] == pytest.approx([0, 0.02, 0.08])
    with pytest.raises(Ended):
        feed.read()


def test_whoever_reads_late_misses_what_a_camera_would_have_lost() -> None:
    feed = PacedFeed(even(100), 100.0)
    first = feed.read()
    time.sleep(0.1)
    late = feed.read()
    skipped = round((late.captured_s - first.captured_s) * 100) - 1
    assert skipped >= 9
    assert feed.missed == skipped


def test_time_begins_with_the_first_read_and_not_before() -> None:
    feed = PacedFeed(even(3), 100.0)
    time.sleep(0.05)
    feed.read()
    feed.read()
    assert feed.missed == 0


def test_a_recording_is_played_to_its_end_and_then_ends() -> None:
    source: Source = PlayedSource(INFO, lambda: even(10))
    assert source.info.live
    with source:
        frames = list(source)
    assert len(frames) + source.dropped == 10
    assert frames[-1].timestamp_s == pytest.approx(0.09)
    assert frames[0].timestamp_s == 0


def test_frames_carry_when_they_were_due() -> None:
    with PlayedSource(INFO, lambda: even(10)) as source:
        frames = list(source)
        start_s = source.start_s
    assert start_s is not None
    for frame in frames:
        assert frame.captured_s is not None
        assert frame.captured_s - start_s == pytest.approx(frame.timestamp_s)


def test_nothing_is_played_before_somebody_watches() -> None:
    with PlayedSource(INFO, lambda: even(10)) as source:
        time.sleep(0.05)
        assert source.start_s is None
        assert next(iter(source)).timestamp_s == 0
        assert source.dropped == 0


def test_a_slow_reader_gets_the_newest_frame_and_the_rest_is_counted() -> None:
    with PlayedSource(INFO, lambda: even(60)) as source:
        seen = []
        for frame in source:
            seen.append(frame)
            time.sleep(0.1)
        assert len(seen) + source.dropped == 60
    assert source.dropped > 20


def test_a_damaged_recording_ends_with_its_reason_after_what_could_be_read() -> None:
    def damaged() -> Iterator[Frame]:
        yield from even(3)
        raise SourceError("cut off")

    seen: list[Frame] = []

    def play() -> None:
        with PlayedSource(INFO, damaged) as source:
            seen.extend(source)

    with pytest.raises(SourceError, match="cut off"):
        play()
    assert seen
    assert seen[0].timestamp_s == 0


def test_an_empty_recording_ends_at_once() -> None:
    with PlayedSource(INFO, lambda: even(0)) as source:
        assert list(source) == []


def test_closing_ends_it_and_closes_what_it_plays() -> None:
    closed: list[bool] = []
    source = PlayedSource(INFO, lambda: even(10_000), lambda: closed.append(True))
    for frame in source:
        if frame.timestamp_s > 0.03:
            source.close()
    assert closed
    assert list(source) == []


def test_ready_frames_are_all_taken_however_slow_the_reader_is() -> None:
    with TakenSource(INFO, even(5)) as source:
        taken = []
        for frame in source:
            taken.append(frame.index)
            time.sleep(0.01)
        assert taken == [0, 1, 2, 3, 4]
        assert source.dropped == 0
    assert not source.info.live


def test_ready_frames_end_when_closed() -> None:
    source = TakenSource(INFO, even(5))
    taken = []
    for frame in source:
        taken.append(frame.index)
        source.close()
    assert taken == [0]
