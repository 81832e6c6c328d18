import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

from engines.decoding import DecoderRules, KindRules, decode
from engines.intervals import Interval, Kind
from tests.engines.decoding.score_makers import Scores, bump, quiet, score_sequences


def paper_proposals(scores: Scores, kind: str, near: int, far: int) -> list[tuple[float, ...]]:
    """Read section 3.4 literally, argmax over slices: rows of score, onset, apex, offset."""
    on, off, apex = (scores[f"{kind}_{m}"].astype(float) for m in ("onset", "offset", "apex"))
    found = []
    for centre in np.flatnonzero(apex > 0.5):
        left = np.arange(max(0, centre - far), centre - near + 1)
        right = np.arange(centre + near, min(len(on) - 1, centre + far) + 1)
        if not (left.size and right.size):
            continue
        # argmax takes the first of equals: reversed, that is the one nearest to the apex
        onset = left[::-1][np.argmax(on[left][::-1])]
        offset = right[np.argmax(off[right])]
        if on[onset] > off[onset] and off[offset] > on[offset]:
            found.append((on[onset] * apex[centre] * off[offset], onset, centre, offset))
    return found


def overlap_matrix(a: NDArray[np.int64]) -> NDArray[np.float64]:
    """IoU of every pair by counting ticks in boolean rows."""
    rows = np.zeros((len(a), 400), bool)
    for row, (onset, offset) in zip(rows, a, strict=True):
        row[onset : offset + 1] = True
    both = rows.astype(int) @ rows.T.astype(int)
    return both / (rows.sum(1)[:, None] + rows.sum(1)[None, :] - both)


@settings(max_examples=60, deadline=None)
@given(score_sequences())
def test_the_default_rules_are_the_papers(scores: Scores) -> None:
    expected = set()
    for kind, near, far in (("micro", 2, 8), ("macro", 8, 29)):
        found = sorted(paper_proposals(scores, kind, near, far), key=lambda p: (-p[0], p[1], p[2]))
        if not found:
            continue
        iou = overlap_matrix(np.array([(p[1], p[3]) for p in found], dtype=int))
        alive = np.ones(len(found), bool)
        for best in range(len(found)):
            if alive[best]:
                alive[best + 1 :] &= iou[best, best + 1 :] <= 0.5
                expected.add((kind, *(int(v) for v in found[best][1:])))
    got = decode(scores, DecoderRules())
    assert {(i.kind.value, i.onset, i.apex, i.offset) for i in got} == expected


def test_one_expression_is_found_with_the_product_as_its_score() -> None:
    scores = quiet(60)
    bump(scores, "micro", onset=20, apex=24, offset=28, p=0.75)
    assert decode(scores, DecoderRules(), first_tick=100) == (
        Interval(Kind.MICRO, 120, 124, 128, 0.75**3),
    )


def test_the_geometric_score_is_the_cube_root_of_the_product() -> None:
    scores = quiet(60)
    bump(scores, "micro", onset=20, apex=24, offset=28, p=0.75)
    (found,) = decode(scores, DecoderRules(score="geometric"))
    assert found.score == pytest.approx(0.75)


@pytest.mark.parametrize(("score", "floor"), [("product", 0.43), ("geometric", 0.76)])
def test_a_proposal_below_the_floor_is_dropped(score: str, floor: float) -> None:
    scores = quiet(60)
    bump(scores, "micro", onset=20, apex=24, offset=28, p=0.75)
    table = {"score": score, "micro": {"score_floor": floor}}
    assert decode(scores, DecoderRules.from_dict(table)) == ()


@pytest.mark.parametrize("ticks", [0, 1, 3])
def test_a_segment_too_short_for_an_expression_has_none(ticks: int) -> None:
    scores = {name: np.ones(ticks, np.float32) for name in quiet(1)}
    assert decode(scores, DecoderRules()) == ()


def test_the_search_is_clipped_at_the_ends_of_the_segment() -> None:
    scores = quiet(10)
    bump(scores, "micro", onset=0, apex=4, offset=9)
    (found,) = decode(scores, DecoderRules())
    assert (found.onset, found.offset) == (0, 9)


def test_an_apex_exactly_at_the_threshold_is_none() -> None:
    scores = quiet(60)
    bump(scores, "micro", onset=20, apex=24, offset=28, p=0.5)
    assert decode(scores, DecoderRules()) == ()


def test_a_boundary_where_the_opposite_is_as_likely_is_dropped() -> None:
    scores = quiet(60)
    bump(scores, "micro", onset=20, apex=24, offset=28)
    scores["micro_offset"][20] = scores["micro_onset"][20]
    assert decode(scores, DecoderRules()) == ()


def test_of_equal_boundaries_the_nearest_to_the_apex_is_taken() -> None:
    scores = quiet(60)
    bump(scores, "micro", onset=20, apex=24, offset=28)
    scores["micro_onset"][18] = scores["micro_offset"][30] = 0.9
    (found,) = decode(scores, DecoderRules())
    assert (found.onset, found.offset) == (20, 28)


def two_in_a_row() -> Scores:
    scores = quiet(120)
    bump(scores, "macro", onset=20, apex=30, offset=40)
    bump(scores, "macro", onset=44, apex=54, offset=64)
    # the second expression's first relaxation, 28 ticks after the first one's apex
    scores["macro_offset"][58] = 0.99
    return scores


def test_without_a_barrier_a_stronger_offset_beyond_the_next_onset_is_taken() -> None:
    found = decode(two_in_a_row(), DecoderRules())
    assert {(i.onset, i.offset) for i in found} == {(20, 58), (44, 64)}


def test_a_barrier_keeps_expressions_in_quick_succession_apart() -> None:
    rules = DecoderRules(macro=KindRules(8, 29, 8, 29, barrier=0.8))
    found = decode(two_in_a_row(), rules)
    assert {(i.onset, i.offset) for i in found} == {(20, 40), (44, 64)}


def test_settling_prefers_the_first_strong_boundary() -> None:
    scores = quiet(60)
    bump(scores, "micro", onset=20, apex=24, offset=27, p=0.8)
    scores["micro_offset"][31] = 0.9
    settled = KindRules(2, 8, 2, 8, boundary_threshold=0.5, settle=3)
    assert decode(scores, DecoderRules())[0].offset == 31
    assert decode(scores, DecoderRules(micro=settled))[0].offset == 27


def test_a_micro_inside_a_kept_macro_is_dropped_beyond_the_given_share() -> None:
    scores = quiet(120)
    bump(scores, "micro", onset=16, apex=20, offset=25)
    bump(scores, "macro", onset=20, apex=34, offset=44)
    # 6 of the micro's 10 ticks lie in the macro
    kinds = {
        share: [i.kind for i in decode(scores, DecoderRules(micro_inside_macro=share))]
        for share in (0.5, 0.6, 1.0)
    }
    assert kinds == {
        0.5: [Kind.MACRO],
        0.6: [Kind.MICRO, Kind.MACRO],
        1.0: [Kind.MICRO, Kind.MACRO],
    }


def test_scores_that_are_missing_uneven_or_no_probabilities_are_refused() -> None:
    missing, uneven, wild = quiet(5), quiet(5), quiet(5)
    del missing["micro_apex"]
    uneven["micro_apex"] = np.zeros(4, np.float32)
    wild["micro_apex"][2] = np.nan
    for scores, text in ((missing, "no 'micro_apex'"), (uneven, "as long"), (wild, "probability")):
        with pytest.raises(ValueError, match=text):
            decode(scores, DecoderRules())
