"""Frames to windows: what the clock, the faces and the flow say together."""

import time
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from realtime.clock import Gap
from realtime.pipeline.features import (
    Appeared,
    FeatureStream,
    Item,
    Seen,
    Sighting,
    Vanished,
    Windows,
)
from realtime.pipeline.timing import Stopwatch
from realtime.types import HALF_WINDOW, Face, FlowWindow
from tests.realtime.flow.flow_makers import make_face
from tests.realtime.pipeline.pipeline_makers import FACE, PICTURE, ScriptedTracker, frames_at, ticks


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


def test_the_two_halves_in_turn_or_one_far_ahead_of_the_other_bring_the_same() -> None:
    tracker = ScriptedTracker(lambda index: not 20 <= index < 25)
    times = ticks(33) + ticks(20, first=40)
    stream = FeatureStream(tracker)
    looks = [stream.look(frame) for frame in frames_at(times)]
    ahead = [item for look in looks for item in stream.extend(look)] + stream.finish()
    assert repr(ahead) == repr(feed(tracker, times))


def test_a_look_tells_what_its_frame_decided_and_when_it_was_captured() -> None:
    stream = FeatureStream(ScriptedTracker())
    first, second = frames_at([0.0, 4 / 30])
    assert stream.look(replace(first, captured_s=12.5)).captured_s == 12.5
    before_s = time.monotonic()
    look = stream.look(second)
    gap, sighting = look.found
    assert gap == Gap(1, 3)
    assert isinstance(sighting, Sighting)
    assert (sighting.tick.index, sighting.faces) == (4, (FACE,))
    assert before_s <= look.captured_s <= look.done_s <= time.monotonic()


@pytest.mark.parametrize(("rate_hz", "tracked"), [(15, 12), (60, 6)])
def test_each_frame_is_measured_once_in_every_stage_that_it_passes(
    rate_hz: float, tracked: int
) -> None:
    """At 15 frames a second each frame decides two ticks, at 60 every other frame none."""
    heard: list[str] = []
    stopwatch = Stopwatch(lambda stage, _: heard.append(stage))
    stream = FeatureStream(ScriptedTracker(), stopwatch=stopwatch)
    for frame in frames_at([k / rate_hz for k in range(12)]):
        stream.push(frame)
    assert Counter(heard) == {"wait": 12, "faces": tracked, "queue": 12, "flow": tracked}


def test_the_wait_is_counted_from_the_capture() -> None:
    stream = FeatureStream(ScriptedTracker())
    (frame,) = frames_at([0.0])
    stream.push(replace(frame, captured_s=time.monotonic() - 2))
    assert 2000 <= stream.stopwatch.medians_ms()["wait"] < 60_000


def test_without_a_face_there_is_no_flow_to_measure() -> None:
    stream = FeatureStream(ScriptedTracker(lambda _: False))
    for frame in frames_at(ticks(3)):
        stream.push(frame)
    assert set(stream.stopwatch.medians_ms()) == {"wait", "faces", "queue"}


def test_no_window_spans_a_change_of_the_pictures_size(caplog: pytest.LogCaptureFixture) -> None:
    """The face stays where it is, under the same number; the picture grows at tick 20."""
    frames = frames_at(ticks(50))
    larger = np.pad(PICTURE, ((0, 40), (0, 60), (0, 0)))
    frames[20:] = [replace(frame, image=larger) for frame in frames[20:]]
    stream = FeatureStream(ScriptedTracker())
    items = [item for frame in frames for item in stream.push(frame)] + stream.finish()
    moments = [item for item in items if isinstance(item, Appeared | Vanished)]
    assert moments == [Appeared(0, 0), Vanished(0, 20), Appeared(0, 20)]
    assert window_ticks(items) == [*range(20 - HALF_WINDOW), *range(20 + HALF_WINDOW, 50)]
    assert caplog.text.count("the picture changes from 160x120 to 220x160 px") == 1


BORDERS = ((0, 0), (159, 119), (80, 0), (0, 60), (80, 119), (-30, 45), (190, 60), (80, -60))


@pytest.mark.parametrize("centre", [*BORDERS, (-500, -500)])
def test_a_face_at_the_border_or_beyond_has_finite_windows(centre: tuple[float, float]) -> None:
    windows = windows_of([make_face(centre, 40)] * 20)
    assert [w.tick for w in windows] == list(range(20))
    assert all(np.isfinite(w.features).all() for w in windows)


def test_a_face_that_walks_out_of_the_picture_crashes_nothing() -> None:
    windows = windows_of([make_face((80 + 2 * k, 45 + k), 40) for k in range(60)])
    assert windows
    assert all(np.isfinite(w.features).all() for w in windows)


def windows_of(faces: list[Face]) -> list[FlowWindow]:
    tracker = ScriptedTracker()
    tracker.track = lambda frame: (faces[frame.index],)  # type: ignore[method-assign]
    items = feed(tracker, ticks(len(faces)))
    return [w for item in items if isinstance(item, Windows) for w in item.windows]
