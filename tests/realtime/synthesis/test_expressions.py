"""Courses of scripted expressions, and the frames that an annotator would mark."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.intervals import Kind
from realtime.synthesis.action_units import ACTIONS, Side
from realtime.synthesis.expressions import (
    MACRO_MIXES,
    MICRO_MIXES,
    VISIBLE,
    draw_expression,
    visible_frames,
)
from tests.realtime.synthesis.synthesis_makers import expression

TICKS = np.arange(0, 300) / 30
seeds = st.integers(0, 2**31)
phases = st.floats(0, 1 / 30)


def ticks(seed: int, kind: Kind, phase: float) -> int:
    """Visible length in ticks, both ends counted."""
    drawn = draw_expression(np.random.default_rng(seed), kind, 1 + phase)
    frames = visible_frames(drawn, TICKS)
    assert frames is not None
    return frames[2] - frames[0] + 1


@given(seeds, phases)
def test_a_micro_expression_is_seen_for_a_fifth_to_half_a_second(seed: int, phase: float) -> None:
    assert 6 <= ticks(seed, Kind.MICRO, phase) <= 15


@given(seeds, phases)
def test_a_macro_expression_is_seen_for_more_than_half_and_up_to_four_seconds(
    seed: int, phase: float
) -> None:
    assert 16 <= ticks(seed, Kind.MACRO, phase) <= 120


@given(seeds, st.sampled_from(Kind))
def test_an_expression_is_full_at_its_apex_alone_and_absent_outside(seed: int, kind: Kind) -> None:
    drawn = draw_expression(np.random.default_rng(seed), kind, 2.0)
    assert drawn.intensity(drawn.apex_s) == pytest.approx(1)
    times = np.linspace(0, 8, 801)
    levels = np.array([drawn.intensity(t) for t in times])
    assert (levels[(times <= drawn.onset_s) | (times >= drawn.offset_s)] == 0).all()
    assert levels.min() >= 0
    assert levels.max() <= 1
    assert (np.diff(levels[times <= drawn.apex_s]) >= 0).all()
    assert (np.diff(levels[times >= drawn.apex_s]) <= 0).all()


@given(seeds, st.sampled_from(Kind), st.sampled_from([25.0, 30.0, 60.0]))
def test_the_marked_apex_is_the_frame_at_the_end_of_the_rise(
    seed: int, kind: Kind, rate_hz: float
) -> None:
    drawn = draw_expression(np.random.default_rng(seed), kind, 1.0)
    frames = visible_frames(drawn, np.arange(0, 6, 1 / rate_hz))
    assert frames is not None
    end_of_rise = drawn.onset_s + drawn.attack_s
    assert abs(frames[1] / rate_hz - end_of_rise) <= 1 / rate_hz


def test_onset_and_offset_are_the_first_and_last_frame_above_six_per_cent() -> None:
    # rise and fall are sin² of a quarter turn: 6 % is reached at asin(sqrt(0.06)) of it
    part = math.asin(math.sqrt(0.06)) / (math.pi / 2)
    made = expression(1.0, attack_s=0.2, plateau_s=0, release_s=0.3)
    first = math.ceil((1.0 + 0.2 * part) * 30)
    last = math.floor((1.5 - 0.3 * part) * 30)
    assert visible_frames(made, TICKS) == (first, 36, last)


def test_an_expression_between_two_frames_has_no_frames() -> None:
    assert visible_frames(expression(1.0), np.array([0.0, 0.5, 2.5])) is None
    assert visible_frames(expression(1.0), np.empty(0)) is None


def test_a_one_sided_expression_moves_one_side() -> None:
    mix = (("AU12", 1.0), ("AU1", 0.5))
    left = expression(mix=mix, side=Side.LEFT).actions(1.2)
    assert left[ACTIONS.index("AU12")] == pytest.approx([2.0, 0.0])
    assert left[ACTIONS.index("AU1")] == pytest.approx([1.0, 0.0])


def test_an_unpaired_muscle_moves_both_sides_of_a_one_sided_expression() -> None:
    right = expression(mix=(("AU17", 1.0),), side=Side.RIGHT).actions(1.2)
    assert right[ACTIONS.index("AU17")] == pytest.approx([2.0, 2.0])


def test_mixes_name_known_action_units_and_one_of_full_share_or_nearly() -> None:
    for mix in (*MACRO_MIXES, *MICRO_MIXES):
        assert all(name in ACTIONS for name, _ in mix)
        assert 0.9 <= max(share for _, share in mix) <= 1


def test_an_expression_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="AU99"):
        expression(mix=(("AU99", 1.0),))
    with pytest.raises(ValueError, match="plateau"):
        expression(plateau_s=-0.1)
    with pytest.raises(ValueError, match="plateau"):
        expression(attack_s=0.0)


def test_visible_is_a_small_share_of_the_peak() -> None:
    assert 0 < VISIBLE < 0.1
