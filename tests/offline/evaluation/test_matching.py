from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.intervals import Kind
from offline.evaluation.instances import Instance
from offline.evaluation.matching import hits, match
from offline.evaluation.variants import Matching, Variant
from tests.offline.evaluation.evaluation_makers import (
    LISTS,
    hit,
    macro,
    match_by_hand,
    micro,
    overlap,
)

TENTHS = st.integers(1, 10)


@given(LISTS, LISTS, TENTHS, st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_matching_is_what_the_protocol_says_in_words(
    truth: list[Instance],
    predictions: list[Instance],
    tenths: int,
    ignore_kind: bool,
    above: bool,
    plus_one: bool,
    many: bool,
) -> None:
    matching = Matching.MANY_TRUTHS if many else Matching.ONE_TO_ONE
    found = match(
        truth,
        predictions,
        iou=tenths / 10,
        ignore_kind=ignore_kind,
        variant=Variant(matching, above, plus_one),
    )
    expected = match_by_hand(
        truth,
        predictions,
        Fraction(tenths, 10),
        ignore_kind=ignore_kind,
        above=above,
        plus_one=plus_one,
        many=many,
    )
    assert [(m.prediction, m.truth) for m in found] == expected


@given(LISTS, LISTS, TENTHS, st.booleans())
def test_hits_are_all_pairs_of_one_video_and_kind_that_overlap_enough(
    truth: list[Instance], predictions: list[Instance], tenths: int, ignore_kind: bool
) -> None:
    found = hits(truth, predictions, iou=tenths / 10, ignore_kind=ignore_kind)
    expected = {
        (p, t): float(overlap(guess, label))
        for p, guess in enumerate(predictions)
        for t, label in enumerate(truth)
        if hit(guess, label, Fraction(tenths, 10), ignore_kind)
    }
    assert {(m.prediction, m.truth): m.iou for m in found} == expected


def test_an_iou_of_exactly_one_half_is_a_hit() -> None:
    # frames 0-5 and 2-7 share 4 of 8
    assert [m.iou for m in match([micro(0, 5)], [micro(2, 7)])] == [0.5]


def test_an_iou_of_exactly_one_half_is_no_hit_where_more_is_asked_for() -> None:
    assert match([micro(0, 5)], [micro(2, 7)], variant=Variant(above=True)) == ()


def test_frames_are_inclusive() -> None:
    # 0-1 and 1-2 share one of three frames; without the +1 they would share none
    (found,) = match([micro(0, 1)], [micro(1, 2)], iou=1 / 3)
    assert found.iou == pytest.approx(1 / 3)
    assert match([micro(0, 1)], [micro(1, 2)], iou=1 / 3, variant=Variant(plus_one=False)) == ()


def test_without_the_plus_one_a_single_frame_has_no_length_and_hits_nothing() -> None:
    assert match([micro(4, 4)], [micro(4, 4)], variant=Variant(plus_one=False)) == ()


def test_the_prediction_with_the_higher_score_chooses_first() -> None:
    truth = [micro(0, 9)]
    found = match(truth, [micro(0, 9, 0.4), micro(1, 10, 0.6)])
    assert [m.prediction for m in found] == [1]


def test_a_prediction_chooses_the_label_that_it_overlaps_most() -> None:
    found = match([micro(0, 9), micro(3, 12)], [micro(2, 11)])
    assert [m.truth for m in found] == [1]


def test_among_equal_scores_the_best_overlap_goes_first() -> None:
    found = match([micro(0, 9)], [micro(2, 11), micro(1, 10)])
    assert [m.prediction for m in found] == [1]


def test_only_with_many_truths_does_one_prediction_find_two_labels() -> None:
    # each label is half of the prediction: IoU 0.5
    truth, long = [macro(0, 49), macro(50, 99)], [macro(0, 99)]
    assert [m.truth for m in match(truth, long)] == [0]
    many = Variant(Matching.MANY_TRUTHS)
    assert [m.truth for m in match(truth, long, variant=many)] == [0, 1]


def test_a_label_is_found_once_even_with_many_truths() -> None:
    many = Variant(Matching.MANY_TRUTHS)
    assert len(match([micro(0, 9)], [micro(0, 9), micro(1, 10)], variant=many)) == 1


@pytest.mark.parametrize(("ignore_kind", "count"), [(False, 0), (True, 1)])
def test_the_other_kind_is_a_hit_only_where_kinds_are_ignored(
    ignore_kind: bool, count: int
) -> None:
    assert len(match([macro(0, 9)], [micro(0, 9)], ignore_kind=ignore_kind)) == count


def test_another_video_is_never_a_hit() -> None:
    assert match([micro(0, 9, video="a")], [micro(0, 9, video="b")]) == ()


def test_nothing_matches_nothing() -> None:
    assert match([], []) == ()
    assert match([], [micro(0, 9)]) == ()
    assert match([micro(0, 9)], []) == ()


def test_frames_far_along_are_told_apart() -> None:
    late = 10**12
    assert len(match([micro(late, late + 9)], [micro(late + 3, late + 12)])) == 1
    assert match([micro(late, late + 9)], [micro(late + 4, late + 13)]) == ()


def test_an_instance_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="onset 5 is after offset 4"):
        micro(5, 4)


@pytest.mark.parametrize("iou", [0, -0.5, 1.01, float("nan")])
def test_a_threshold_out_of_range_is_refused(iou: float) -> None:
    with pytest.raises(ValueError, match="iou is above 0 and at most 1"):
        match([], [], iou=iou)


def test_the_rule_is_said_in_words() -> None:
    assert Variant().describe(0.5) == "one-to-one, inclusive-frame IoU >= 0.5"
    odd = Variant(Matching.MANY_TRUTHS, above=True, plus_one=False)
    assert odd.describe(0.3) == "many-truths, IoU of lengths offset - onset > 0.3"


def test_kinds_have_codes_of_their_own() -> None:
    both = [Instance("v", kind, 0, 9) for kind in Kind]
    assert [(m.prediction, m.truth) for m in match(both, both)] == [(0, 0), (1, 1)]
