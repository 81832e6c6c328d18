import numpy as np
import pytest
from hypothesis import given, settings

from engines.decoding import IntensityKindRules, IntensityRules, decode
from engines.decoding.intensity import decode_intensity
from engines.decoding.intensity.proposals import cut, pieces, runs_above
from engines.decoding.intensity.segment import Segment
from engines.intervals import Interval, Kind
from tests.engines.decoding.intensity.intensity_makers import (
    NAMES,
    Scores,
    brute_force,
    intensity_rules,
    place,
    score_sequences,
    scores_of,
)

HIGH = 0.9
ONE_THRESHOLD = IntensityRules(thresholds=(0.5,))


def segment_of(curve: list[float]) -> Segment:
    segment = Segment(0)
    segment.intensity = curve
    return segment


@settings(max_examples=150, deadline=None)
@given(score_sequences(70), intensity_rules())
def test_what_is_found_is_what_trying_every_interval_finds(
    scores: Scores, rules: IntensityRules
) -> None:
    found, wanted = decode(scores, rules), brute_force(scores, rules)
    assert [place(i) for i in found] == [place(i) for i in wanted]
    assert [i.score for i in found] == pytest.approx([i.score for i in wanted], abs=1e-12)


def test_the_contrast_is_equation_15_by_hand() -> None:
    # L = 8, so two ticks on each side; inner 0.75, outer (0.1 + 0.2 + 0.3 + 0.0) / 4 = 0.15
    curve = [0.9, 0.1, 0.2, *[0.5, 1.0] * 4, 0.3, 0.0, 0.9]
    assert segment_of(curve).contrast(3, 10) == pytest.approx(0.75 - 0.15)


def test_a_quarter_that_is_not_whole_takes_a_fraction_of_the_farthest_tick() -> None:
    # L = 6: one and a half ticks on each side; (0.2 + 0.4 / 2 + 0.1 + 0.6 / 2) / 3
    curve = [0.4, 0.2, *[0.8] * 6, 0.1, 0.6]
    assert segment_of(curve).contrast(2, 7) == pytest.approx(0.8 - 0.8 / 3)
    # L = 1: a quarter of each neighbour, which is their mean
    assert segment_of([0.2, 0.9, 0.4]).contrast(1, 1) == pytest.approx(0.9 - 0.3)


def test_beyond_the_segment_the_intensity_counts_as_none() -> None:
    assert segment_of([0.8] * 8).contrast(0, 7) == pytest.approx(0.8)
    # one side of two ticks is missing: (0.4 + 0.4) / 4
    assert segment_of([0.8] * 8 + [0.4, 0.4]).contrast(0, 7) == pytest.approx(0.6)


def test_a_clear_expression_is_found_with_its_boundaries_peak_and_score() -> None:
    curve = [0.0] * 20 + [0.6] * 4 + [0.9] * 4 + [0.6] * 4 + [0.0] * 20
    best, within = decode(scores_of(curve), IntensityRules())
    # 0.2 to 0.5 all yield 20-31, whose contrast is its mean
    assert best == Interval(Kind.MACRO, 20, 24, 31, pytest.approx(0.7))
    # 0.6 to 0.8 yield 24-27, at an IoU of 1/3, so that only a floor would drop it
    lowered = (0.9 - 0.6) * np.exp(-((1 / 3) ** 2) / 0.3)
    assert within == Interval(Kind.MACRO, 24, 24, 27, pytest.approx(lowered))


def test_two_expressions_are_told_apart_by_the_trough_between_them() -> None:
    curve = [0.0] * 10 + [0.9] * 12 + [0.45] * 4 + [0.9] * 12 + [0.0] * 10
    found = decode(scores_of(curve), IntensityRules())
    assert {(10, 21), (26, 37)} <= {(i.onset, i.offset) for i in found}


def test_the_first_tick_of_a_plateau_is_the_apex() -> None:
    curve = [0.0, 0.6, 0.9, 0.9, 0.9, 0.6, 0.0]
    assert {i.apex for i in decode(scores_of(curve), IntensityRules())} == {2}


def test_a_proposal_is_of_each_kind_whose_action_at_its_apex_reaches_the_threshold() -> None:
    curve = [0.0] * 8 + [0.6, 0.9, 0.6] + [0.0] * 8
    for micro, macro, kinds in (
        (0.5, 0.0, {Kind.MICRO}),
        (0.5, 0.5, {Kind.MICRO, Kind.MACRO}),
        (0.49, 0.49, set()),
    ):
        found = decode(scores_of(curve, micro, macro), ONE_THRESHOLD)
        assert {i.kind for i in found} == kinds
    elsewhere = scores_of(curve, 0.9, 0.9)
    elsewhere["micro_action"][9] = 0.1
    assert {i.kind for i in decode(elsewhere, ONE_THRESHOLD)} == {Kind.MACRO}


def test_an_intensity_that_equals_the_threshold_is_not_above_it() -> None:
    curve = [0.0, 0.5, 0.75, 0.5, 0.0]
    assert [(i.onset, i.offset) for i in decode(scores_of(curve), ONE_THRESHOLD)] == [(2, 2)]


@pytest.mark.parametrize(("ticks", "found"), [(8, 0), (9, 1), (15, 1), (16, 0)])
def test_the_released_gate_keeps_micro_expressions_of_9_to_15_ticks(ticks: int, found: int) -> None:
    curve = [0.0] * 10 + [HIGH] * ticks + [0.0] * 10
    rules = IntensityRules.released()
    assert len(decode(scores_of(curve, micro=HIGH, macro=0.0), rules)) == found


@pytest.mark.parametrize(("ticks", "found"), [(14, 0), (15, 1), (240, 1), (241, 0)])
def test_the_released_gate_keeps_macro_expressions_of_15_to_240_ticks(
    ticks: int, found: int
) -> None:
    curve = [0.0] * 10 + [HIGH] * ticks + [0.0] * 10
    assert len(decode(scores_of(curve), IntensityRules.released())) == found
    assert len(decode(scores_of(curve), IntensityRules())) == 1


def test_a_proposal_that_the_gate_drops_suppresses_nothing() -> None:
    # 0.2 yields 20 ticks, 0.7 the 10 in their middle, at an IoU of 0.5: kept, but lowered
    curve = [0.0] * 10 + [0.5] * 5 + [HIGH] * 10 + [0.5] * 5 + [0.0] * 10
    gated = IntensityRules(macro=IntensityKindRules(longest=15))
    (found,) = decode(scores_of(curve), gated)
    # L = 10, outer 0.5 on all sides
    assert (found.onset, found.offset, found.score) == (15, 24, pytest.approx(0.4))


def test_the_floor_is_on_the_final_score() -> None:
    curve = [0.0] * 10 + [0.5] * 10 + [HIGH] * 10 + [0.5] * 10 + [0.0] * 10
    both = decode(scores_of(curve), IntensityRules())
    assert {(i.onset, i.offset) for i in both} == {(10, 39), (20, 29)}
    inner = next(i.score for i in both if i.onset == 20)
    # 0.4, lowered by the outer one's IoU of 1/3
    assert inner == pytest.approx(0.4 * np.exp(-((1 / 3) ** 2) / 0.3))
    for floor, left in ((inner - 1e-6, 2), (inner + 1e-6, 1)):
        rules = IntensityRules(macro=IntensityKindRules(score_floor=floor))
        assert len(decode(scores_of(curve), rules)) == left


def test_a_run_that_is_too_long_is_cut_at_its_trough() -> None:
    curve = [HIGH] * 40
    curve[14] = 0.6
    rules = IntensityRules(thresholds=(0.5,), longest_run=20)
    # of ticks 0-19, 14 is the least; of 14-33, all from 24 on are, so the last of them
    cut_up = [(0, 13), (14, 32), (33, 39)]
    assert [(p.onset, p.offset) for p in pieces(np.array(curve), rules)] == cut_up
    # both neighbours of the one in the middle are as intense as it is: that is no contrast
    found = decode(scores_of(curve), rules)
    assert [(i.onset, i.offset) for i in found] == [(0, 13), (33, 39)]


def test_a_run_as_long_as_allowed_is_not_cut() -> None:
    curve = [0.0] * 10 + [HIGH] * 20 + [0.0] * 10
    rules = IntensityRules(longest_run=20)
    assert [(i.onset, i.offset) for i in decode(scores_of(curve), rules)] == [(10, 29)]


def test_a_cut_is_in_the_later_half_and_leaves_both_sides_something() -> None:
    assert cut([0.1, 0.1, 0.9, 0.9], 4) == 3
    assert cut([0.1, 0.1, 0.2, 0.9], 4) == 2
    assert cut([0.9, 0.9], 2) == 1


def test_a_micro_inside_a_macro_goes_where_the_rules_say_so() -> None:
    curve = [0.0] * 10 + [0.5] * 10 + [HIGH] * 10 + [0.5] * 10 + [0.0] * 10
    scores = scores_of(curve, micro=HIGH)
    gate = IntensityKindRules(longest=12)
    kinds = {}
    for share in (0.5, 1.0):
        rules = IntensityRules(micro=gate, micro_inside_macro=share)
        kinds[share] = {i.kind for i in decode(scores, rules)}
    assert Kind.MICRO in kinds[1.0]
    assert Kind.MICRO not in kinds[0.5]


def test_runs_are_found_at_both_ends_and_in_nothing() -> None:
    assert runs_above(np.array([0.9, 0.1, 0.9, 0.9]), 0.5) == [(0, 0), (2, 3)]
    assert runs_above(np.array([]), 0.5) == []
    assert decode(scores_of([]), IntensityRules()) == ()


def test_ticks_count_from_the_first_one_given() -> None:
    curve = [0.0] * 10 + [HIGH] * 8 + [0.0] * 10
    (found,) = decode_intensity(scores_of(curve), IntensityRules(), first_tick=100)
    assert (found.onset, found.apex, found.offset) == (110, 110, 117)


def test_scores_that_are_missing_uneven_or_no_probabilities_are_refused() -> None:
    missing, uneven, wild = (scores_of([0.5] * 5) for _ in range(3))
    del missing["macro_action"]
    uneven["intensity"] = np.zeros(4, np.float32)
    wild["micro_action"][2] = np.nan
    for scores, text in (
        (missing, "no 'macro_action'"), (uneven, "as long"), (wild, "'micro_action' holds"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=text):
            decode(scores, IntensityRules())


def test_other_scores_are_not_read() -> None:
    scores = scores_of([0.0, HIGH, 0.0])
    more = scores | {"quality": np.full(3, 7, np.float32)}
    assert decode(more, IntensityRules()) == decode(scores, IntensityRules())
    assert set(NAMES) == set(scores)
