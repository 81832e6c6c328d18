"""Live sources that stall, hang, leap or fail: what they report, and that they go on."""

import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from engines.errors import SourceError
from realtime.sources import latest
from realtime.sources.condition import Condition, Report
from realtime.sources.latest import LatestSource, Patience
from tests.realtime.sources.feed_makers import ScriptedFeed, opened, ready


def test_an_interruption_is_reported_when_it_begins_and_when_it_is_over() -> None:
    feeds = [ready(ScriptedFeed([50.0], lost=True), 1), ready(ScriptedFeed([53.0], lost=False), 1)]
    told: list[Report] = []
    with opened(*feeds) as source:
        source.listen(told.append)
        frames = iter(source)
        next(frames)
        feeds[0].let(1)
        next(frames)
    assert [report.condition for report in told] == [Condition.RECONNECTING, Condition.LIVE]
    assert told[0].reason == "the cable is out"
    assert told[1].time_s == pytest.approx(3.0)


def test_a_source_that_is_connected_and_gives_nothing_is_stalled_until_it_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(latest, "STALLED_S", 0.05)
    feed = ready(ScriptedFeed([10.0, 13.0], lost=False), 1)
    feed.rate_hz = 1000.0
    told: list[Report] = []
    with opened(feed) as source:
        source.listen(told.append)
        frames = iter(source)
        next(frames)
        threading.Timer(0.3, feed.let, (1,)).start()
        assert next(frames).timestamp_s == pytest.approx(3.0)
    assert [report.condition for report in told] == [Condition.STALLED, Condition.LIVE]
    assert "no picture for" in str(told[0].reason)


def test_a_slow_camera_is_not_stalled_between_its_pictures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(latest, "STALLED_S", 0.01)
    feed = ready(ScriptedFeed([10.0, 10.2], lost=False), 1)
    feed.rate_hz = 0.5
    told: list[Report] = []
    with opened(feed) as source:
        source.listen(told.append)
        frames = iter(source)
        next(frames)
        threading.Timer(0.2, feed.let, (1,)).start()
        next(frames)
    assert told == []


def test_a_camera_that_hangs_or_is_covered_goes_on_and_is_reported() -> None:
    """Its pictures are the same, and black: every one of them is passed on all the same."""
    times_s = [10 + number / 10 for number in range(40)]
    feed = ready(ScriptedFeed(times_s, lost=False), 1)
    told: list[Report] = []
    with opened(feed) as source:
        source.listen(told.append)
        frames = iter(source)
        next(frames)
        for _ in times_s[1:]:
            feed.let(1)
            next(frames)
    (black,) = told
    assert (black.condition, black.time_s) == (Condition.BLACK, pytest.approx(2.0))


def test_a_clock_that_falls_back_is_reported_and_stream_time_goes_on() -> None:
    feed = ready(ScriptedFeed([100.0, 100.1, 3.0, 3.1], lost=False), 1)
    told: list[Report] = []
    with opened(feed) as source:
        source.listen(told.append)
        frames = iter(source)
        times_s = [next(frames).timestamp_s]
        for _ in range(3):
            feed.let(1)
            times_s.append(next(frames).timestamp_s)
    assert times_s == pytest.approx([0, 0.1, 0.1 + 1 / 30, 0.2 + 1 / 30])
    (leap,) = told
    assert leap.condition is Condition.LIVE
    assert "its clock leapt by -97.1 s" in str(leap.reason)


def test_a_connection_that_fails_again_and_again_is_made_ever_less_often() -> None:
    """Each gives one picture first, which is no success."""
    made: list[float] = []

    def connect() -> ScriptedFeed:
        made.append(time.monotonic())
        return ready(ScriptedFeed([float(len(made))]), 2)

    with LatestSource("cam", connect) as source:
        for _, _ in zip(source, range(4), strict=False):
            pass
    waits = [later - sooner for sooner, later in pairwise(made[:4])]
    assert all(wait >= 0.25 * 2**number for number, wait in enumerate(waits))


def test_an_endless_patience_never_gives_up() -> None:
    left = iter([ready(ScriptedFeed([1.0]), 2)])
    refused = threading.Semaphore(0)

    def connect() -> ScriptedFeed:
        feed = next(left, None)
        if feed is None:
            refused.release()
            raise SourceError("no answer in time")
        return feed

    patience = Patience(first_s=5, lost_s=float("inf"))
    with LatestSource("cam", connect, patience) as source:
        frames = iter(source)
        next(frames)

        def close_when_refused() -> None:
            assert refused.acquire(timeout=60)
            source.close()

        closing = threading.Thread(target=close_when_refused)
        closing.start()
        assert list(frames) == []
        closing.join()


def test_the_wall_clock_of_a_live_source_begins_with_its_first_picture() -> None:
    captured_s = time.monotonic() - 2
    before = datetime.now(UTC)
    with opened(ready(ScriptedFeed([captured_s], lost=False), 1)) as source:
        started = source.info.started
        after = datetime.now(UTC)
    assert started is not None
    passed_s = time.monotonic() - captured_s
    assert before - timedelta(seconds=passed_s) <= started <= after - timedelta(seconds=2)
