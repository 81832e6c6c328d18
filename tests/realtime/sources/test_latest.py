"""Live sources: the newest frame, honest counts, reconnection, and nothing left running."""

import threading
import time
from collections.abc import Iterator

import pytest

from engines.errors import SourceError
from realtime.sources.latest import LatestSource, Patience, Shot
from realtime.sources.mailbox import Mailbox
from realtime.types import Frame
from tests.realtime.sources.feed_makers import IMAGE, ScriptedFeed, opened, ready


def eventually(within_s: float = 5) -> Iterator[None]:
    end_s = time.monotonic() + within_s
    while time.monotonic() < end_s:
        yield
        time.sleep(0.002)
    pytest.fail("did not happen in time")


def test_whoever_is_slow_gets_the_newest_frame_and_the_rest_is_counted() -> None:
    feed = ScriptedFeed([10.0, 10.1, 10.2, 10.3], lost=False)
    feed.let(1)
    with opened(feed) as source:
        feed.let(3)
        for _ in eventually():
            if source.dropped == 3:
                break
        frame = next(iter(source))
    assert frame.index == 3
    assert frame.timestamp_s == pytest.approx(0.3)


def test_whoever_keeps_up_gets_every_frame_and_nothing_is_dropped() -> None:
    feed = ScriptedFeed([10.0, 10.1, 10.2], lost=False)
    feed.let(1)
    with opened(feed) as source:
        frames = iter(source)
        taken = [next(frames)]
        for _ in range(2):
            feed.let(1)
            taken.append(next(frames))
        assert source.dropped == 0
    assert [frame.index for frame in taken] == [0, 1, 2]
    assert [frame.timestamp_s for frame in taken] == pytest.approx([0, 0.1, 0.2])
    assert [frame.captured_s for frame in taken] == [10.0, 10.1, 10.2]


def test_info_tells_that_it_is_live_and_its_size() -> None:
    with opened(ready(ScriptedFeed([1.0], lost=False), 1)) as source:
        info = source.info
    assert (info.name, info.live, info.width, info.height, info.rate_hz) == ("cam", True, 6, 4, 30)


def test_a_frame_that_is_not_newer_is_dropped_and_counted() -> None:
    feed = ScriptedFeed([10.0, 10.0, 9.0, 10.1], lost=False)
    feed.let(1)
    with opened(feed) as source:
        frames = iter(source)
        next(frames)
        feed.let(3)
        assert next(frames).timestamp_s == pytest.approx(0.1)
        assert source.dropped == 2


def test_a_lost_source_comes_back_and_its_time_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    feeds = [ready(ScriptedFeed([50.0], lost=True), 2), ready(ScriptedFeed([53.0], lost=False), 1)]
    with opened(*feeds) as source:
        frames = iter(source)
        assert next(frames).timestamp_s == 0
        assert next(frames).timestamp_s == pytest.approx(3.0)
    assert all(feed.closed.is_set() for feed in feeds)
    assert "the cable is out; connecting again" in caplog.text


def test_a_source_that_stays_away_ends_with_the_reason() -> None:
    feeds = iter([ready(ScriptedFeed([1.0]), 2)])

    def connect() -> ScriptedFeed:
        feed = next(feeds, None)
        if feed is None:
            raise SourceError("no answer in time")
        return feed

    source = LatestSource("cam", connect, Patience(first_s=5, lost_s=0.1))
    with source, pytest.raises(SourceError, match=r"cam is lost.*no answer in time"):
        list(source)


def test_the_first_connection_that_fails_is_reported_at_once() -> None:
    def connect() -> ScriptedFeed:
        raise SourceError("there is no camera 7")

    with pytest.raises(SourceError, match="there is no camera 7"):
        LatestSource("camera 7", connect)


def test_a_source_that_gives_no_frame_is_refused_and_leaves_no_thread() -> None:
    feed = ScriptedFeed([], lost=False)
    threading.Timer(0.2, feed.over.set).start()
    with pytest.raises(SourceError, match=r"gave no frame within 0\.05 s"):
        LatestSource("cam", lambda: feed, Patience(first_s=0.05))
    assert feed.closed.is_set()
    assert no_reader_is_left()


def test_a_driver_that_never_returns_ends_with_an_error() -> None:
    feed = ScriptedFeed([1.0], lost=False)
    feed.let(1)
    with opened(feed, patience=Patience(first_s=0.5, lost_s=0.05)) as source:
        frames = iter(source)
        next(frames)
        with pytest.raises(SourceError, match=r"cam is lost: no frame for 0\.55 s"):
            next(frames)


def test_close_wakes_whoever_waits_and_leaves_no_thread() -> None:
    feed = ScriptedFeed([1.0], lost=False)
    feed.let(1)
    source = LatestSource("cam", lambda: feed)
    frames = iter(source)
    next(frames)
    threading.Timer(0.05, feed.over.set).start()
    threading.Timer(0.05, source.close).start()
    assert list(frames) == []
    source.close()
    assert no_reader_is_left()


def test_a_defect_in_a_feed_reaches_whoever_takes_frames() -> None:
    class Broken(ScriptedFeed):
        def read(self) -> Shot:
            raise ZeroDivisionError("defect")

    with pytest.raises(ZeroDivisionError):
        LatestSource("cam", lambda: Broken([]))


def test_an_empty_mailbox_gives_nothing_after_its_timeout() -> None:
    assert Mailbox().take(0.01) is None


def test_a_failure_comes_after_the_last_frame() -> None:
    mailbox = Mailbox()
    frame = Frame(0, 0.0, IMAGE)
    mailbox.put(frame)
    mailbox.fail(SourceError("gone"))
    assert mailbox.take(1) is frame
    with pytest.raises(SourceError, match="gone"):
        mailbox.take(1)


def no_reader_is_left() -> bool:
    for _ in eventually():
        if not [t for t in threading.enumerate() if t.name.startswith("reader of")]:
            return True
    return False
