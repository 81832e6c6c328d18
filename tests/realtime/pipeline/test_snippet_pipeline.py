"""Frames in, events out, with a model that reads the snippets of a video."""

from dataclasses import replace

import pytest

from engines.errors import ModelError
from realtime.events.messages import EventData, Expression, FaceLost, Phase, StreamGap
from realtime.pipeline.pipeline import LOOKAHEAD_S, Pipeline
from realtime.pipeline.telemetry import Reporter
from realtime.pipeline.warm import warm_up
from realtime.snippets.contract import Rolling
from realtime.types import RATE_HZ
from tests.engines.snippet_model_makers import I3D
from tests.realtime.pipeline.pipeline_makers import ScriptedTracker, frames_at, ticks
from tests.realtime.snippets.snippet_live_makers import MotionBackend, snippet_manifest

MANIFEST = snippet_manifest()


def pipeline_of(
    backend: MotionBackend, rolling: Rolling | None, tracker: ScriptedTracker | None = None
) -> Pipeline:
    return Pipeline(tracker or ScriptedTracker(), backend, MANIFEST, rolling=rolling)


def feed(pipeline: Pipeline, times_s: list[float]) -> list[EventData]:
    events = [event for frame in frames_at(times_s) for event in pipeline.push(frame)]
    return events + pipeline.finish()


def test_each_snippet_of_a_face_is_scored_when_its_last_window_is_there() -> None:
    backend = MotionBackend()
    pipeline = pipeline_of(backend, Rolling(window=3, settle=1))
    calls = []
    for frame in frames_at(ticks(60)):
        pipeline.push(frame)
        calls.append(len(backend.calls))
    # the window of tick 7 is complete with tick 15
    assert calls.index(1) == 15
    assert calls.index(2) == 23
    pipeline.finish()
    # 60 ticks hold seven snippets, and half of one that is dropped
    assert backend.calls == [1, 2, 3, 3, 3, 3, 3]


def test_a_whole_video_is_scored_once_and_a_gap_makes_two_of_it() -> None:
    backend = MotionBackend()
    feed(pipeline_of(backend, None), ticks(60))
    assert backend.calls == [7]
    parted = MotionBackend()
    events = feed(pipeline_of(parted, None), [*ticks(40), *ticks(40, first=60)])
    assert any(isinstance(event, StreamGap) for event in events)
    assert len(parted.calls) == 2
    assert sum(parted.calls) < 10


def test_a_lost_face_ends_its_video() -> None:
    backend = MotionBackend()
    tracker = ScriptedTracker(lambda index: index < 40)
    events = feed(pipeline_of(backend, None, tracker), ticks(60))
    assert any(isinstance(event, FaceLost) for event in events)
    assert len(backend.calls) == 1


@pytest.mark.parametrize("rolling", [None, Rolling(4, 2), Rolling()])
def test_the_same_frames_give_the_same_events_again(rolling: Rolling | None) -> None:
    def timeless() -> list[object]:
        events = feed(pipeline_of(MotionBackend(), rolling), ticks(120))
        return [
            replace(e, compute_delay_ms=None) if isinstance(e, Expression) else e for e in events
        ]

    assert timeless() == timeless()


def test_the_delay_is_that_of_the_window_and_of_the_snippets_that_must_follow() -> None:
    head = pipeline_of(MotionBackend(), Rolling(window=50, settle=3)).head
    assert head.delay_s == pytest.approx(LOOKAHEAD_S + 3 * 8 / RATE_HZ)
    assert head.lookahead_s == pytest.approx(LOOKAHEAD_S + 8 / RATE_HZ)


def test_telemetry_states_the_delay_and_shows_attention() -> None:
    pipeline = pipeline_of(MotionBackend(), Rolling(window=50, settle=3))
    for frame in frames_at(ticks(30)):
        pipeline.push(frame)
    (look,) = Reporter(pipeline).after_frame(0)
    assert look.algorithmic_delay_s == pytest.approx(LOOKAHEAD_S + 24 / RATE_HZ, abs=1e-4)
    assert set(look.scores) == {"attention"}


def test_warming_up_runs_the_model_on_one_snippet_and_on_a_full_window() -> None:
    backend = MotionBackend()
    warm_up(backend, MANIFEST, "streaming", rolling=Rolling(window=40, settle=3))
    assert backend.calls == [1, 40]


def test_a_model_of_i3d_features_is_refused_with_what_to_do() -> None:
    i3d = replace(MANIFEST, input=I3D)
    with pytest.raises(ModelError, match=r"snippets of i3d, .* give that file to fes-offline spot"):
        Pipeline(ScriptedTracker(), MotionBackend(), i3d)


def test_an_expression_tells_how_long_after_its_offset_it_was_decided() -> None:
    events = feed(pipeline_of(MotionBackend(), Rolling(6, 2)), ticks(120))
    for event in events:
        if isinstance(event, Expression) and event.phase is Phase.END:
            assert event.algorithmic_delay_s is not None
            assert event.algorithmic_delay_s >= 0
