"""Scripts: what happens when, and what never does."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.intervals import Kind
from realtime.synthesis.disturbances import MOTIONS, STILL, Disturbances
from realtime.synthesis.script import QUICK_SUCCESSION_S, Script, draw_rest, draw_speech
from realtime.synthesis.state import FaceState, HeadPose, Light
from tests.realtime.synthesis.synthesis_makers import expression

seeds = st.integers(0, 2**31)


def played(script: Script, seconds: float, step_s: float = 0.1) -> list[FaceState]:
    return [script.at(t) for t in np.arange(0, seconds, step_s)]


@settings(max_examples=15, deadline=None)
@given(seeds, st.sampled_from(sorted(MOTIONS)))
def test_expressions_and_speech_never_overlap(seed: int, motion: str) -> None:
    script = Script(seed, MOTIONS[motion])
    played(script, 60)
    spans = [(e.onset_s, e.offset_s) for e in script.truth]
    spans += [(d.start_s, d.end_s) for d in script.distractors if d.name == "speech"]
    assert len(script.truth) > 5
    for (_, end), (start, _) in pairwise(sorted(spans)):
        assert start >= end


@settings(max_examples=15, deadline=None)
@given(seeds, st.floats(0, 20))
def test_nothing_drawn_lasts_longer_than_a_script_that_ends(seed: int, until_s: float) -> None:
    script = Script(seed, MOTIONS["lively"], until_s=until_s)
    played(script, 25)
    ends = [e.offset_s for e in script.truth]
    ends += [d.end_s for d in script.distractors if d.name == "speech"]
    assert all(end <= until_s for end in ends)


@given(seeds, st.floats(0.1, 2.0), st.none() | st.floats(0.6, 3.0))
def test_speech_lasts_as_long_as_asked_and_is_no_louder_than_speech(
    seed: int, talk: float, length_s: float | None
) -> None:
    speech = draw_speech(np.random.default_rng(seed), 5.0, talk, length_s)
    lasting = speech.end_s - speech.start_s
    assert 0.6 - 1e-9 <= lasting <= 3.0 + 1e-9
    assert length_s is None or lasting == pytest.approx(length_s)
    assert speech.size_px <= 6.0 * min(talk, 1.3)
    assert 2.5 <= speech.rate_hz <= 5.5


@given(seeds)
def test_a_rest_is_a_pause_or_hardly_any(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rests = [draw_rest(rng) for _ in range(100)]
    assert all(rest == QUICK_SUCCESSION_S or 0.5 <= rest <= 4.0 for rest in rests)
    assert QUICK_SUCCESSION_S in rests


def test_both_kinds_occur_and_the_share_of_micro_is_kept() -> None:
    kinds = []
    for seed in range(4):
        script = Script(seed, STILL, micro_share=0.25)
        played(script, 300)
        kinds += [e.kind for e in script.truth]
    share = kinds.count(Kind.MICRO) / len(kinds)
    deviation = (0.25 * 0.75 / len(kinds)) ** 0.5
    assert abs(share - 0.25) < 4 * deviation


def test_the_same_seed_is_the_same_script_and_another_is_not() -> None:
    runs = [Script(seed, MOTIONS["lively"]) for seed in (5, 5, 6)]
    states = [played(script, 10) for script in runs]
    poses = [[state.pose for state in run] for run in states]
    assert poses[0] == poses[1] != poses[2]
    assert runs[0].truth == runs[1].truth != runs[2].truth


def test_expressions_do_not_depend_on_how_often_one_looks() -> None:
    rare, often = Script(3, MOTIONS["calm"]), Script(3, MOTIONS["calm"])
    played(rare, 30, 0.1)
    played(often, 30, 0.02)
    assert rare.truth == often.truth


def test_without_disturbances_nothing_but_the_expression_changes() -> None:
    for state in played(Script(1, STILL), 20):
        assert state.pose == HeadPose()
        assert state.light == Light()
        assert state.closure == (0, 0)
        assert state.gaze_px == (0, 0)
        assert not state.distractor.any()


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_a_head_never_turns_by_more_than_ten_degrees(seed: int) -> None:
    wild = Disturbances(drift=5, turns=5, nods=5)
    for state in played(Script(seed, wild), 40):
        pose = state.pose
        assert max(abs(pose.yaw_deg), abs(pose.pitch_deg), abs(pose.roll_deg)) <= 10


def test_turns_reach_most_of_ten_degrees_both_ways() -> None:
    yaws = [s.pose.yaw_deg for s in played(Script(2, MOTIONS["lively"]), 300)]
    assert min(yaws) < -6
    assert max(yaws) > 6


def test_blinks_come_five_to_twenty_times_a_minute_and_last_a_tenth_to_four_tenths() -> None:
    for seed in range(5):
        script = Script(seed, Disturbances(blinks=1))
        played(script, 120, 0.02)
        assert 10 <= len(script.distractors) <= 40
        # half blinks are slower on purpose
        lengths = [d.end_s - d.start_s for d in script.distractors]
        assert np.median(lengths) <= 0.4
        assert min(lengths) >= 0.1 - 1e-9


def test_given_expressions_are_played_as_they_are() -> None:
    first, second = expression(1.0), expression(3.0, kind=Kind.MICRO)
    script = Script(0, STILL, [first, second])
    states = played(script, 6)
    assert script.truth == (first, second)
    moving = [i / 10 for i, state in enumerate(states) if state.expression.any()]
    assert all(1.0 < t < 2.0 or 3.0 < t < 4.0 for t in moving)
    assert len(moving) > 10


def test_no_expressions_at_all_is_a_face_at_rest() -> None:
    script = Script(0, STILL, [])
    assert not any(state.expression.any() for state in played(script, 5))
    assert script.truth == ()


def test_overlapping_expressions_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        Script(0, STILL, [expression(1.0), expression(1.5)])


def test_a_negative_disturbance_is_refused() -> None:
    with pytest.raises(ValueError, match="blinks"):
        Disturbances(blinks=-1)
