"""Frames to windows: what the clock, the faces and the flow say together."""

import pytest

from realtime.clock import Gap
from realtime.pipeline.features import Appeared, FeatureStream, Item, Seen, Vanished, Windows
from realtime.types import HALF_WINDOW
from tests.realtime.pipeline.pipeline_makers import ScriptedTracker, frames_at, ticks


def feed(tracker: ScriptedTracker, times_s: list[float]) -> list[Item]:
    stream = FeatureStream(tracker)
    out = [item for frame in frames_at(times_s) for item in stream.push(frame)]
    return out + stream.finish()


def window_ticks(items: list[Item]) -> list[int]:
    return [w.tick for item in items if isinstance(item, Windows) for w in item.windows]


@pytest.mark.parametrize("count", [1, 5, 20])
def test_a_stream_with_a_face_has_a_window_for_every_tick(count: int) -> None:
    items = feed(ScriptedTracker(), ticks(count))
    assert items[0] == Appeared(0, 0)
    assert window_ticks(items) == list(range(count))
    assert [item.tick for item in items if isinstance(item, Seen)] == list(range(count))


def test_a_stream_without_frames_brings_nothing() -> None:
    assert FeatureStream(ScriptedTracker()).finish() == []


def test_without_a_face_ticks_are_seen_and_nothing_else() -> None:
    items = feed(ScriptedTracker(lambda _: False), ticks(12))
    assert [type(item) for item in items] == [Seen] * 12


def test_a_face_that_goes_takes_its_windows_under_way_with_it() -> None:
    """Seen on ticks 0-19 and 25-49: no window holds a tick without it, nor is any padded there."""
    items = feed(ScriptedTracker(lambda index: not 20 <= index < 25), ticks(50))
    moments = [item for item in items if isinstance(item, Appeared | Vanished)]
    assert moments == [Appeared(0, 0), Vanished(0, 20), Appeared(0, 25)]
    before = list(range(20 - HALF_WINDOW))
    after = list(range(25 + HALF_WINDOW, 50))
    assert window_ticks(items) == before + after


def test_no_window_spans_a_gap() -> None:
    """Ticks 0-19 and 25-49 have frames."""
    items = feed(ScriptedTracker(), ticks(20) + ticks(25, first=25))
    assert [item for item in items if isinstance(item, Gap)] == [Gap(20, 24)]
    before = list(range(20 - HALF_WINDOW))
    after = list(range(25 + HALF_WINDOW, 50))
    assert window_ticks(items) == before + after


def test_one_missing_tick_is_repeated_and_counted_and_no_window_is_lost() -> None:
    stream = FeatureStream(ScriptedTracker())
    times = [time for tick, time in enumerate(ticks(30)) if tick not in (7, 19)]
    items = [item for frame in frames_at(times) for item in stream.push(frame)] + stream.finish()
    assert stream.clock.repeated == 2
    assert [item.tick for item in items if isinstance(item, Seen) and item.repeated] == [7, 19]
    assert window_ticks(items) == list(range(30))


def test_a_frame_is_looked_at_once_however_many_ticks_it_serves() -> None:
    tracker = ScriptedTracker()
    feed(tracker, [frame / 15 for frame in range(10)])
    assert tracker.asked == list(range(10))


def test_frames_between_ticks_are_not_looked_at() -> None:
    tracker = ScriptedTracker()
    items = feed(tracker, [frame / 120 for frame in range(37)])
    assert tracker.asked == list(range(0, 37, 4))
    assert window_ticks(items) == list(range(10))


def test_stages_are_timed() -> None:
    stream = FeatureStream(ScriptedTracker())
    for frame in frames_at(ticks(3)):
        stream.push(frame)
    medians = stream.stopwatch.medians_ms()
    assert set(medians) == {"faces", "flow"}
    assert all(value > 0 for value in medians.values())
