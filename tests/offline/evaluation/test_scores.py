from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.intervals import Kind
from offline.evaluation.instances import Instance
from offline.evaluation.metrics import evaluate
from offline.evaluation.outcomes import Comparison
from offline.evaluation.scores import OperatingPoints, operating_points
from tests.offline.evaluation.evaluation_makers import LISTS, match_by_hand, micro


def points(
    truth: list[Instance], predictions: list[Instance], kind: Kind | None = None
) -> OperatingPoints:
    return operating_points(Comparison.of(truth, predictions, lowest_iou=0.5).at(0.5), kind)


def at(place: int, score: float) -> Instance:
    return micro(100 * place, 100 * place + 9, score)


LABELS = [at(0, 1), at(1, 1), at(2, 1)]


def test_average_precision_is_the_area_worked_out_by_hand() -> None:
    # right, wrong, right, wrong; the third label is never found.
    # Recall 1/3 at precision 1, recall 2/3 at precision 2/3: 1/3 * 1 + 1/3 * 2/3.
    guesses = [at(0, 0.9), at(7, 0.8), at(1, 0.7), at(8, 0.6)]
    assert points(LABELS, guesses).average_precision() == pytest.approx(5 / 9)


def test_precision_at_a_recall_is_the_best_at_that_recall_or_beyond() -> None:
    # wrong, right, right of two labels: precisions 1/2 and 2/3, and 2/3 holds for both.
    guesses = [at(7, 0.9), at(0, 0.8), at(1, 0.7)]
    assert points(LABELS[:2], guesses).average_precision() == pytest.approx(2 / 3)


@pytest.mark.parametrize("turn", [1, -1])
def test_tied_predictions_enter_together_in_any_order(turn: int) -> None:
    # one right and one wrong at one score: recall 1 at precision 1/2
    guesses = [at(0, 0.5), at(7, 0.5)][::turn]
    assert points(LABELS[:1], guesses).average_precision() == 0.5


def test_average_precision_does_not_exist_without_labels() -> None:
    assert points([], [at(0, 1)]).average_precision() is None


def test_without_predictions_average_precision_is_zero_and_no_bar_is_best() -> None:
    empty = points(LABELS, [])
    assert empty.average_precision() == 0
    assert empty.best() is None


@given(LISTS, st.permutations([n / 12 for n in range(12)]), LISTS)
def test_average_precision_is_the_mean_over_labels_of_the_best_later_precision(
    predictions: list[Instance], scores: list[float], truth: list[Instance]
) -> None:
    ranked = [
        Instance(p.video, p.kind, p.onset, p.offset, p.apex, score)
        for p, score in zip(predictions, scores, strict=False)
    ]
    found = {p for p, _ in match_by_hand(truth, ranked, Fraction(1, 2))}
    order = sorted(range(len(ranked)), key=lambda p: -ranked[p].score)
    right = [p in found for p in order]
    precision = [sum(right[: n + 1]) / (n + 1) for n in range(len(right))]
    area = sum(max(precision[n:]) for n, r in enumerate(right) if r)
    expected = area / len(truth) if truth else None
    assert points(truth, ranked).average_precision() == pytest.approx(expected)


@given(LISTS, LISTS, st.sampled_from([None, *Kind]))
def test_each_point_counts_what_evaluating_the_kept_predictions_counts(
    truth: list[Instance], predictions: list[Instance], kind: Kind | None
) -> None:
    found = points(truth, predictions, kind)
    assert all(high > low for high, low in pairwise(found.scores.tolist()))
    for score, tp, fp in zip(found.scores, found.tp, found.fp, strict=True):
        report = evaluate(truth, [p for p in predictions if p.score >= score])
        counts = (report.overall if kind is None else report.kinds[kind]).counts
        assert (tp, fp, found.labels) == (counts.tp, counts.fp, counts.tp + counts.fn)


@given(LISTS, LISTS)
def test_no_bar_beats_the_best_one(truth: list[Instance], predictions: list[Instance]) -> None:
    best = points(truth, predictions).best()
    if best is None:
        assert not predictions
        return

    def f1(bar: float) -> float:
        return evaluate(truth, [p for p in predictions if p.score >= bar]).overall.counts.f1

    assert all(f1(best) >= f1(bar) for bar in (0.2, 0.5, 1.0))
