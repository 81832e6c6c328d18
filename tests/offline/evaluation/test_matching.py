import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.intervals import Kind
from offline.evaluation.instances import Instance
from offline.evaluation.matching import match


def micro(onset: int, offset: int, score: float = 1.0, video: str = "v") -> Instance:
    return Instance(video, Kind.MICRO, onset, offset, None, score)


@st.composite
def instances(draw: st.DrawFn) -> Instance:
    onset = draw(st.integers(0, 30))
    return Instance(
        draw(st.sampled_from("ab")),
        draw(st.sampled_from(list(Kind))),
        onset,
        onset + draw(st.integers(0, 20)),
        None,
        draw(st.sampled_from([0.2, 0.5, 1.0])),
    )


LISTS = st.lists(instances(), max_size=12)


@given(LISTS, LISTS, st.booleans())
def test_matching_is_one_to_one_and_leaves_no_hit_between_free_ones(
    truth: list[Instance], predictions: list[Instance], ignore_kind: bool
) -> None:
    found = match(truth, predictions, ignore_kind=ignore_kind)
    assert len({m.prediction for m in found}) == len({m.truth for m in found}) == len(found)
    taken = {m.prediction for m in found}, {m.truth for m in found}
    for p, guess in enumerate(predictions):
        for t, label in enumerate(truth):
            frames = [set(range(i.onset, i.offset + 1)) for i in (guess, label)]
            overlap = len(frames[0] & frames[1]) / len(frames[0] | frames[1])
            same = guess.video == label.video and (ignore_kind or guess.kind == label.kind)
            if same and overlap >= 0.5:
                assert p in taken[0] or t in taken[1]
            else:
                assert (p, t) not in {(m.prediction, m.truth) for m in found}


def test_an_iou_of_exactly_one_half_is_a_hit() -> None:
    # frames 0-5 and 2-7 share 4 of 8
    assert [m.iou for m in match([micro(0, 5)], [micro(2, 7)])] == [0.5]


def test_frames_are_inclusive() -> None:
    # 0-1 and 1-2 share one of three frames; without the +1 they would share none
    (found,) = match([micro(0, 1)], [micro(1, 2)], iou=1 / 3)
    assert found.iou == pytest.approx(1 / 3)


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


@pytest.mark.parametrize(("ignore_kind", "count"), [(False, 0), (True, 1)])
def test_the_other_kind_is_a_hit_only_where_kinds_are_ignored(
    ignore_kind: bool, count: int
) -> None:
    macro = Instance("v", Kind.MACRO, 0, 9)
    assert len(match([macro], [micro(0, 9)], ignore_kind=ignore_kind)) == count


def test_another_video_is_never_a_hit() -> None:
    assert match([micro(0, 9, video="a")], [micro(0, 9, video="b")]) == ()


def test_nothing_matches_nothing() -> None:
    assert match([], []) == ()


def test_an_instance_cannot_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="onset 5 is after offset 4"):
        micro(5, 4)
