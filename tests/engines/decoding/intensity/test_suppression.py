import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.decoding.intensity.suppression import suppress
from engines.intervals import Interval, Kind


def proposal(onset: int, offset: int, score: float) -> Interval:
    return Interval(Kind.MACRO, onset, onset, offset, score)


def soft(proposals: list[Interval], sigma: float = 0.3, iou: float = 0.99) -> list[Interval]:
    return suppress(proposals, sigma=sigma, iou=iou, floor=0.0)


def test_soft_suppression_lowers_by_the_gaussian_of_the_iou_by_hand() -> None:
    best, half, apart = proposal(0, 9, 0.8), proposal(0, 4, 0.6), proposal(50, 60, 0.1)
    found = soft([half, apart, best])
    # IoU 5 / 10; exp(-0.25 / 0.3) = 0.4346
    assert [i.score for i in found] == pytest.approx([0.8, 0.6 * 0.434598, 0.1], rel=1e-5)
    assert [i.onset for i in found] == [0, 0, 50]


def test_two_better_ones_lower_a_third_one_after_the_other() -> None:
    # IoU of the third with both: 5 / 15; of these two with each other: none
    found = soft([proposal(0, 9, 0.9), proposal(10, 19, 0.8), proposal(5, 14, 0.7)])
    assert found[-1].score == pytest.approx(0.7 * math.exp(-(1 / 9) / 0.3) ** 2)


def test_a_lowered_proposal_falls_behind_one_that_was_worse() -> None:
    found = soft([proposal(0, 9, 0.9), proposal(0, 7, 0.8), proposal(30, 39, 0.5)])
    # 0.8 * exp(-0.64 / 0.3) = 0.095
    assert [i.onset for i in found] == [0, 30, 0]


def test_hard_suppression_follows_and_spares_an_iou_that_equals_the_limit() -> None:
    ones = [proposal(0, 9, 0.9), proposal(0, 4, 0.8), proposal(0, 5, 0.85)]
    assert [i.offset for i in soft(ones, iou=0.5)] == [9, 4]


def test_one_that_hard_suppression_drops_has_lowered_others_before() -> None:
    best, dropped, last = proposal(0, 9, 0.9), proposal(2, 11, 0.9), proposal(10, 15, 0.1)
    found = soft([best, dropped, last], iou=0.5)
    assert [i.onset for i in found] == [0, 10]
    # IoU of the last with the dropped one: 2 / 14
    assert found[1].score == pytest.approx(0.1 * math.exp(-((1 / 7) ** 2) / 0.3))


def test_without_a_width_scores_stay() -> None:
    found = soft([proposal(0, 9, 0.9), proposal(0, 7, 0.8)], sigma=0.0)
    assert [i.score for i in found] == [0.9, 0.8]


def test_among_equals_the_earlier_onset_then_offset_is_taken() -> None:
    ones = [proposal(2, 9, 0.5), proposal(0, 7, 0.5), proposal(0, 6, 0.5)]
    assert [(i.onset, i.offset) for i in soft(ones, iou=0.1)] == [(0, 6)]


def test_nothing_remains_of_nothing_or_below_the_floor() -> None:
    assert soft([]) == []
    assert suppress([proposal(0, 5, 0.2)], sigma=0.3, iou=0.5, floor=0.3) == []


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 20), st.floats(0, 1)), max_size=25),
    st.sampled_from([0.0, 0.1, 0.3, 1.0]),
    st.sampled_from([0.0, 0.3, 0.5]),
)
def test_what_remains_overlaps_little_and_is_in_order_of_a_score_that_never_rose(
    drawn: list[tuple[int, int, float]], sigma: float, iou: float
) -> None:
    ones = [proposal(a, a + more, score) for a, more, score in drawn]
    found = suppress(ones, sigma=sigma, iou=iou, floor=0.0)
    assert bool(found) == bool(ones)
    assert [i.score for i in found] == sorted((i.score for i in found), reverse=True)
    before = {(i.onset, i.offset): 0.0 for i in ones}
    for one in ones:
        key = (one.onset, one.offset)
        before[key] = max(before[key], one.score)
    assert all(i.score <= before[i.onset, i.offset] for i in found)
    pairs = [(a, b) for n, a in enumerate(found) for b in found[:n]]
    assert all(a.iou(b) <= iou for a, b in pairs)
