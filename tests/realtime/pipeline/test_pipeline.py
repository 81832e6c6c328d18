"""Frames in, events out, with a model that says what the test wants to hear."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from engines.intervals import Kind
from realtime.events.messages import (
    EventData,
    Expression,
    FaceFound,
    FaceLost,
    Phase,
    StreamEnd,
    StreamGap,
)
from realtime.faces.identity import MEMORY_S
from realtime.pipeline.pipeline import Pipeline
from realtime.pipeline.telemetry import Rate, Reporter
from realtime.pipeline.timing import Stopwatch
from realtime.types import FLOW_NODES, HALF_WINDOW, RATE_HZ
from tests.realtime.flow.flow_makers import PLACES
from tests.realtime.pipeline.crowd_makers import CrowdTracker, LidReader, Person
from tests.realtime.pipeline.pipeline_makers import (
    ScriptedBackend,
    ScriptedTracker,
    expression,
    frames_at,
    manifest,
    ticks,
)

MICRO = expression("micro", 20, 25, 30)
SIDES = ("left", "right")


def pipeline_of(
    script: dict[int, dict[str, float]] | None = None,
    tracker: ScriptedTracker | None = None,
    started: datetime | None = None,
) -> Pipeline:
    return Pipeline(
        tracker or ScriptedTracker(), ScriptedBackend(script), manifest(), started=started
    )


def feed(pipeline: Pipeline, times_s: list[float]) -> list[EventData]:
    events = [event for frame in frames_at(times_s) for event in pipeline.push(frame)]
    return events + pipeline.finish()


def timeless(events: list[EventData]) -> list[object]:
    return [
        (e.phase, e.id, e.onset_s, e.apex_s, e.offset_s, e.score)
        if isinstance(e, Expression)
        else e
        for e in events
    ]


def final(events: list[EventData]) -> list[Expression]:
    return [e for e in events if isinstance(e, Expression) and e.phase is Phase.END]


def test_an_expression_ends_with_the_times_that_the_model_gave() -> None:
    (found,) = final(feed(pipeline_of(MICRO), ticks(60)))
    assert found.kind is Kind.MICRO
    times = (found.onset_s, found.apex_s, found.offset_s)
    assert times == pytest.approx((20 / RATE_HZ, 25 / RATE_HZ, 30 / RATE_HZ), abs=1e-6)
    assert found.score == pytest.approx(0.9**3, rel=1e-6)
    assert found.face == 0


def test_an_expression_is_announced_before_it_ends_under_one_identity() -> None:
    events = [e for e in feed(pipeline_of(MICRO), ticks(60)) if isinstance(e, Expression)]
    assert events[0].phase is Phase.NEW
    assert {e.phase for e in events[1:-1]} <= {Phase.UPDATE}
    assert events[-1].phase is Phase.END
    assert len({e.id for e in events}) == 1


def test_the_apex_is_told_as_soon_as_its_window_is_there() -> None:
    pipeline = pipeline_of(MICRO)
    for frame in frames_at(ticks(60)):
        new = [e for e in pipeline.push(frame) if isinstance(e, Expression)]
        if new:
            assert new[0].phase is Phase.NEW
            assert frame.index == 25 + HALF_WINDOW
            return
    pytest.fail("no expression was announced")


def test_the_delays_of_a_final_expression_are_those_of_the_stream() -> None:
    pipeline = pipeline_of(MICRO)
    for frame in frames_at(ticks(90)):
        ended = final(pipeline.push(frame))
        if ended:
            late_s = frame.timestamp_s - 30 / RATE_HZ
            assert ended[0].algorithmic_delay_s == pytest.approx(late_s, abs=1e-5)
            assert ended[0].compute_delay_ms is not None
            assert ended[0].compute_delay_ms > 0
            return
    pytest.fail("no expression ended")


def test_the_compute_delay_counts_from_the_capture_of_the_frame_that_decided() -> None:
    """Frame n was taken n hours ago: no other frame's capture gives the same delay."""
    pipeline = pipeline_of(MICRO)
    for frame in frames_at(ticks(90)):
        hours_ago = time.monotonic() - 3600 * (frame.index + 1)
        for event in pipeline.push(replace(frame, captured_s=hours_ago)):
            if isinstance(event, Expression):
                assert event.compute_delay_ms is not None
                assert int(event.compute_delay_ms / 3.6e6) == frame.index + 1


def test_frames_looked_at_ahead_bring_the_events_of_frames_pushed_one_by_one() -> None:
    pipeline = pipeline_of(MICRO)
    looks = [pipeline.features.look(frame) for frame in frames_at(ticks(60))]
    ahead = [event for look in looks for event in pipeline.take(look)] + pipeline.finish()
    assert timeless(ahead) == timeless(feed(pipeline_of(MICRO), ticks(60)))


@pytest.mark.parametrize(("rate_hz", "before"), [(30, HALF_WINDOW), (15, HALF_WINDOW // 2)])
def test_the_model_is_measured_once_for_each_frame_that_completes_windows(
    rate_hz: float, before: int
) -> None:
    """At 15 frames a second one frame completes two windows."""
    heard: list[str] = []
    stopwatch = Stopwatch(lambda stage, _: heard.append(stage))
    pipeline = Pipeline(ScriptedTracker(), ScriptedBackend(), manifest(), stopwatch=stopwatch)
    for frame in frames_at([k / rate_hz for k in range(20)]):
        pipeline.push(frame)
    assert heard.count("model") == 20 - before


def test_a_live_stream_says_when_on_the_wall_clock_and_a_file_does_not() -> None:
    started = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    (live,) = final(feed(pipeline_of(MICRO, started=started), ticks(60)))
    (file,) = final(feed(pipeline_of(MICRO), ticks(60)))
    assert live.offset_utc is not None
    assert live.offset_utc.startswith("2026-01-02T03:04:06")
    assert (file.onset_utc, file.apex_utc, file.offset_utc) == (None, None, None)


def test_a_face_is_found_and_lost_at_its_ticks() -> None:
    tracker = ScriptedTracker(lambda index: index < 10)
    events = feed(pipeline_of(tracker=tracker), ticks(15))
    assert events[:2] == [FaceFound(0, 0.0), FaceLost(0, round(10 / RATE_HZ, 6))]


def test_a_gap_ends_what_is_open_and_is_told_after_it() -> None:
    """The expression at ticks 3, 6 and 9 is scored, but not decided, when the frames stop at 19."""
    script = expression("micro", 3, 6, 9)
    events = feed(pipeline_of(script), ticks(20) + ticks(30, first=40))
    gap = next(i for i, event in enumerate(events) if isinstance(event, StreamGap))
    (ended,) = final(events[:gap])
    assert ended.offset_s == pytest.approx(9 / RATE_HZ, abs=1e-6)
    assert final(events[gap:]) == []
    told = events[gap]
    assert isinstance(told, StreamGap)
    assert (told.first_s, told.last_s) == pytest.approx((20 / RATE_HZ, 39 / RATE_HZ), abs=1e-5)


def test_after_a_gap_old_scores_do_not_stand_for_new_ones() -> None:
    """The first frame after the gap completes no window: there is nothing to show yet."""
    pipeline = pipeline_of(expression("micro", 3, 6, 9))
    shown = []
    for frame in frames_at(ticks(20) + ticks(20, first=40)):
        pipeline.push(frame)
        shown.append(bool(pipeline.view.of(0).take_peaks()))
    assert shown[19]
    assert not any(shown[20:28])
    assert shown[-1]


def test_a_lost_face_ends_its_expressions_first() -> None:
    tracker = ScriptedTracker(lambda index: index < 20)
    events = feed(pipeline_of(expression("micro", 3, 6, 9), tracker), ticks(30))
    kinds = [type(event) for event in events]
    assert kinds.index(FaceLost) == len(kinds) - 2
    assert len(final(events)) == 1


def test_a_face_that_is_back_is_scored_anew() -> None:
    """Window 12 is the first after the face is back on tick 30: its centre is tick 38."""
    tracker = ScriptedTracker(lambda index: not 20 <= index < 30)
    script = expression("micro", 14, 18, 22)
    (found,) = final(feed(pipeline_of(script, tracker), ticks(80)))
    assert found.onset_s == pytest.approx((38 + 2) / RATE_HZ, abs=1e-6)


@pytest.mark.parametrize("count", [0, 1, 7, 40])
def test_a_stream_ends_with_exactly_one_end(count: int) -> None:
    events = feed(pipeline_of(MICRO), ticks(count))
    ends = [event for event in events if isinstance(event, StreamEnd)]
    assert ends == events[-1:]
    assert (ends[0].reason, ends[0].frames, ends[0].ticks) == ("finished", count, count)
    assert ends[0].error is None


def test_a_stream_that_ends_early_decides_what_is_open() -> None:
    """The offset's window is the last one: only the end of the stream completes it."""
    (found,) = final(feed(pipeline_of(MICRO), ticks(31)))
    assert found.offset_s == pytest.approx(30 / RATE_HZ, abs=1e-6)


def test_events_do_not_depend_on_when_frames_are_pushed() -> None:
    one = timeless(feed(pipeline_of(MICRO), ticks(60)))
    assert one == timeless(feed(pipeline_of(MICRO), ticks(60)))


def test_telemetry_reports_the_peak_since_it_last_looked() -> None:
    """A micro-expression's apex may be one tick high, between two of ten looks a second."""
    pipeline = pipeline_of({5: {"micro_apex": 0.8}, 6: {"micro_apex": 0.1}})
    reporter = Reporter(pipeline)
    for frame in frames_at(ticks(17)):
        pipeline.push(frame)
    (report,) = reporter.after_frame(drops=3)
    assert report.scores["micro_apex"] == pytest.approx(0.8)
    assert report.drops == 3
    assert pipeline.view.of(0).take_peaks()["micro_apex"] == 0.0


def test_telemetry_comes_ten_times_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("realtime.pipeline.telemetry.time.perf_counter", lambda: now[0])
    pipeline = pipeline_of()
    reporter = Reporter(pipeline)
    given = 0
    for frame in frames_at(ticks(60)):
        pipeline.push(frame)
        given += len(reporter.after_frame(0))
        now[0] += 1 / RATE_HZ
    assert 15 <= given <= 20


def test_telemetry_of_an_empty_picture_shows_no_face() -> None:
    pipeline = pipeline_of(tracker=ScriptedTracker(lambda _: False))
    for frame in frames_at(ticks(3)):
        pipeline.push(frame)
    (report,) = Reporter(pipeline).after_frame(0)
    assert (report.face, report.patches, report.shifts, report.outline) == (None, (), (), ())
    assert dict(report.scores) == {}


def test_each_face_in_view_has_its_own_telemetry() -> None:
    people = {0: Person(20, 25, 30), 1: Person(21, 26, 31, last=14), 2: Person(24, 29, 34)}
    pipeline = Pipeline(CrowdTracker(people), LidReader(), manifest(), source=3)
    for frame in frames_at(ticks(14)):
        pipeline.push(frame)
    reports = Reporter(pipeline).after_frame(0)
    assert [(one.source, one.face) for one in reports] == [(3, 0), (3, 1), (3, 2)]
    assert len({one.patches for one in reports}) == 1  # all of one shape, in their own crops
    for frame in frames_at(ticks(40))[14:]:
        pipeline.push(frame)
    reports = Reporter(pipeline).after_frame(0)
    assert [one.face for one in reports] == [0, 2]
    assert all(0.9 < one.scores["micro_apex"] < 1 for one in reports)


def test_what_is_known_of_faces_that_are_gone_for_good_is_forgotten() -> None:
    """Otherwise a service at a door would keep everyone who ever passed."""
    people = {track: Person(5, 6, 7, 30 * track, 30 * track + 19) for track in range(12)}
    pipeline = Pipeline(CrowdTracker(people), LidReader(), manifest())
    for frame in frames_at(ticks(12 * 30)):
        pipeline.push(frame)
    since = 12 * 30 - 1 - (MEMORY_S + 1) * RATE_HZ
    kept = {track for track, one in people.items() if one.last + 1 >= since}
    assert 0 < len(kept) < len(people)
    assert set(pipeline.head.tracks) == set(pipeline.view.looks) == kept


def test_a_face_that_is_back_counts_its_expressions_on() -> None:
    tracker = ScriptedTracker(lambda index: not 40 <= index < 70)
    script = expression("micro", 3, 6, 9) | expression("micro", 40, 44, 48)
    found = final(feed(pipeline_of(script, tracker), ticks(130)))
    assert len({one.id for one in found}) == len(found) == 2
    assert {one.face for one in found} == {0}


def test_telemetry_shows_patches_in_canonical_px_from_between_the_eyes() -> None:
    """In the frame this face's outer eye corners are 40 px apart, on the canonical face 96."""
    pipeline = pipeline_of()
    for frame in frames_at(ticks(3)):
        pipeline.push(frame)
    (report,) = Reporter(pipeline).after_frame(0)
    corners = [report.patches[FLOW_NODES.index(f"mouth_corner_{side}")] for side in SIDES]
    placed = [tuple(96 * np.array(PLACES[point])) for point in (61, 291)]
    assert corners == [pytest.approx(place, abs=0.01) for place in placed]


def test_a_rate_counts_the_latest_two_seconds() -> None:
    rate = Rate()
    assert rate.hz == 0
    for k in range(300):
        rate.count(k / 50)
    assert rate.hz == pytest.approx(50)
    for k in range(100):
        rate.count(6 + k / 10)
    assert rate.hz == pytest.approx(10)
