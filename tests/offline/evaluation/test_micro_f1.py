"""F1-ME on cases worked out by hand; 30 fps, so that 15 frames are 0.5 s."""

from offline.evaluation.figures import Counts
from offline.evaluation.instances import Instance
from offline.evaluation.micro_f1 import BarChoice, MicroF1, MicroOutcomes, micro_outcomes
from offline.evaluation.outcomes import Comparison
from tests.offline.evaluation.evaluation_makers import macro, micro


def outcomes(
    truth: list[Instance], predictions: list[Instance], bar: float | None = None
) -> MicroOutcomes:
    everything = Comparison.of(truth, predictions, lowest_iou=0.5).at(0.5)
    return micro_outcomes(truth, predictions, (), fps=30, iou=0.5, all_outcomes=everything, bar=bar)


def counts(found: MicroOutcomes) -> tuple[Counts, Counts, Counts]:
    short, longer, best = (found.outcomes[f].overall().counts for f in MicroF1)
    return short, longer, best


def test_proposals_are_chosen_by_a_duration_below_the_limit() -> None:
    # 14 frames are below 0.5 s, 15 are not; 29 are below 1.0 s, 30 are not
    predictions = [micro(0, 13), micro(100, 114), micro(200, 228), micro(300, 329)]
    short, longer, _ = counts(outcomes([], predictions))
    assert (short, longer) == (Counts(fp=1), Counts(fp=3))


def test_the_kind_of_a_proposal_plays_no_part() -> None:
    found = counts(outcomes([micro(0, 13)], [macro(0, 13)]))
    assert found[:2] == (Counts(tp=1), Counts(tp=1))


def test_a_short_proposal_on_a_macro_label_is_wrong() -> None:
    short, *_ = counts(outcomes([macro(0, 13)], [macro(0, 13)]))
    assert short == Counts(fp=1)


def test_a_longer_proposal_finds_a_micro_label_only_within_one_second() -> None:
    # 16 frames against 10: IoU 0.625
    short, longer, _ = counts(outcomes([micro(3, 12)], [micro(0, 15)]))
    assert (short, longer) == (Counts(fn=1), Counts(tp=1))


def test_f1_me_p_is_over_the_proposal_set_of_the_highest_overall_f1() -> None:
    # Bar 0.9: F1 2/3 of two labels. Bar 0.6: both found, F1 1. Bar 0.1: four wrong, F1 4/8.
    truth = [macro(0, 59), micro(100, 109)]
    right = [macro(0, 59, 0.9), micro(100, 109, 0.6)]
    wrong = [micro(1000 * n, 1000 * n + 9, 0.1) for n in range(1, 5)]
    found = outcomes(truth, right + wrong)
    short, _, best = counts(found)
    assert (found.bar, found.choice) == (0.6, BarChoice.ORACLE)
    assert short == Counts(tp=1, fp=4)
    assert best == Counts(tp=1)


def test_the_best_set_need_not_hold_the_micro_expressions() -> None:
    # One micro label below many wrong proposals: the best set stops before it.
    truth = [macro(0, 59), micro(100, 109)]
    wrong = [macro(1000 * n, 1000 * n + 59, 0.5) for n in range(1, 9)]
    found = outcomes(truth, [macro(0, 59, 0.9), *wrong, micro(100, 109, 0.2)])
    assert found.bar == 0.9
    assert counts(found)[2] == Counts(fn=1)


def test_a_bar_that_was_chosen_elsewhere_is_taken_and_said() -> None:
    truth = [micro(0, 9), micro(100, 109)]
    found = outcomes(truth, [micro(0, 9, 0.9), micro(100, 109, 0.6)], bar=0.7)
    assert (found.bar, found.choice) == (0.7, BarChoice.GIVEN)
    assert counts(found)[2] == Counts(tp=1, fn=1)


def test_without_proposals_every_label_is_missed_and_there_is_no_bar() -> None:
    found = outcomes([micro(0, 9)], [])
    assert counts(found) == (Counts(fn=1),) * 3
    assert found.bar is None
