"""Who looks on sees every frame and the scores of every tick, with the time of capture."""

from dataclasses import replace

import pytest

from realtime.events.messages import FaceFound
from realtime.pipeline.observer import TickScores
from realtime.pipeline.pipeline import Pipeline
from realtime.types import Frame
from tests.realtime.pipeline.pipeline_makers import (
    NAMES,
    ScriptedBackend,
    ScriptedTracker,
    frames_at,
    manifest,
    ticks,
)

CAPTURED_S = 5000.0


class Seen:
    def __init__(self) -> None:
        self.frames: list[tuple[int, int]] = []
        self.scores: list[TickScores] = []

    def saw(self, source: int, frame: Frame) -> None:
        self.frames.append((source, frame.index))

    def scored(self, scores: TickScores) -> None:
        self.scores.append(scores)


def follow(seen: Seen, count: int = 30, source: int = 2) -> Pipeline:
    script = {9: {"micro_apex": 0.75}}
    pipeline = Pipeline(
        ScriptedTracker(), ScriptedBackend(script), manifest(), source=source, observers=[seen]
    )
    for frame in frames_at(ticks(count)):
        pipeline.push(replace(frame, captured_s=CAPTURED_S + frame.timestamp_s))
    pipeline.finish()
    return pipeline


def test_every_frame_is_seen_once_in_order_with_its_source() -> None:
    seen = Seen()
    follow(seen)
    assert seen.frames == [(2, index) for index in range(30)]


def test_every_tick_of_a_face_is_scored_once_in_order() -> None:
    seen = Seen()
    follow(seen)
    assert [one.tick for one in seen.scores] == list(range(30))
    assert {(one.source, one.face) for one in seen.scores} == {(2, 0)}
    assert set(seen.scores[0].scores) == set(NAMES)
    assert [one.scores["micro_apex"] for one in seen.scores].index(0.75) == 9


def test_scores_bear_the_time_at_which_their_tick_was_captured_not_when_it_was_scored() -> None:
    seen = Seen()
    follow(seen)
    assert [one.time_s for one in seen.scores] == pytest.approx(ticks(30), abs=1e-6)
    captured = [CAPTURED_S + time_s for time_s in ticks(30)]
    assert [one.captured_s for one in seen.scores] == pytest.approx(captured, abs=1e-5)


def test_a_frame_is_seen_before_its_events_go_out() -> None:
    """Whoever maps stream time to a clock knows it when the first event comes."""
    seen = Seen()
    pipeline = Pipeline(ScriptedTracker(), ScriptedBackend(), manifest(), observers=[seen])
    events = pipeline.push(frames_at(ticks(1))[0])
    assert events == [FaceFound(0, 0.0)]
    assert seen.frames == [(0, 0)]
