import pytest
from hypothesis import given

from engines.intervals import Kind
from offline.evaluation.instances import Instance
from offline.evaluation.rules import Rules
from offline.evaluation.subjects import Subjects
from offline.evaluation.summary import summarise
from offline.report.judged import Reason, Verdict
from tests.offline.evaluation.evaluation_makers import LISTS, macro, micro

RULES = Rules(draws=0)


@given(LISTS, LISTS, LISTS)
def test_outcomes_count_as_the_evaluator_counts(
    truth: list[Instance], predictions: list[Instance], ignored: list[Instance]
) -> None:
    people = Subjects({"a": "a", "b": "b"}, ("a", "b"))
    counts = summarise(truth, predictions, people, ignored=ignored, rules=RULES).report
    verdict = Verdict.of(truth, predictions, ignored, RULES)
    overall = counts.overall.counts
    assert sum(p.hit for p in verdict.proposals) == overall.tp
    assert sum(p.wrong for p in verdict.proposals) == overall.fp
    assert sum(p.neutral for p in verdict.proposals) == overall.ignored
    assert sum(t.hit for t in verdict.labels) == overall.tp
    assert sum(t.wrong for t in verdict.labels) == overall.fn
    assert all((one.reason is not None) == one.wrong for one in verdict.proposals)
    assert all((one.reason is not None) == one.wrong for one in verdict.labels)


@pytest.mark.parametrize(
    ("truth", "proposals", "reasons"),
    [
        ([], [micro(0, 9)], [Reason.NO_LABEL]),
        ([macro(0, 9)], [micro(0, 9)], [Reason.KIND]),
        ([micro(0, 9)], [micro(6, 15)], [Reason.BOUNDARIES]),
        ([macro(0, 9)], [micro(6, 15)], [Reason.OVERLAP]),
        ([micro(0, 9)], [micro(0, 9, 0.9), micro(0, 8, 0.5)], [None, Reason.DUPLICATE]),
        ([micro(0, 9, video="w")], [micro(0, 9)], [Reason.NO_LABEL]),
    ],
)
def test_a_wrong_proposal_has_the_reason_that_applies_first(
    truth: list[Instance], proposals: list[Instance], reasons: list[Reason | None]
) -> None:
    assert [p.reason for p in Verdict.of(truth, proposals, (), RULES).proposals] == reasons


@pytest.mark.parametrize(
    ("truth", "proposals", "reasons"),
    [
        ([micro(0, 9)], [], [Reason.NO_PROPOSAL]),
        ([micro(0, 9)], [macro(0, 9)], [Reason.KIND]),
        ([micro(0, 9)], [micro(6, 15)], [Reason.BOUNDARIES]),
        ([micro(0, 9), micro(2, 11)], [micro(0, 9)], [None, Reason.TAKEN]),
    ],
)
def test_a_missed_label_has_the_reason_that_applies_first(
    truth: list[Instance], proposals: list[Instance], reasons: list[Reason | None]
) -> None:
    assert [t.reason for t in Verdict.of(truth, proposals, (), RULES).labels] == reasons


def test_the_best_overlap_is_the_inclusive_one_of_any_kind() -> None:
    (judged,) = Verdict.of([macro(0, 9)], [micro(5, 14)], (), RULES).proposals
    assert judged.iou == pytest.approx(5 / 15)


def test_proposals_below_the_bar_are_left_out() -> None:
    rules = Rules(draws=0, bar=0.5)
    verdict = Verdict.of([], [micro(0, 9, 0.4), micro(0, 9, 0.5)], (), rules)
    assert [p.instance.score for p in verdict.proposals] == [0.5]


def test_what_counts_neither_way_has_no_reason() -> None:
    ignored = Instance("v", None, 0, 30)
    (judged,) = Verdict.of([], [micro(0, 9)], [ignored], RULES).proposals
    assert judged.neutral
    assert not judged.wrong
    assert judged.reason is None


def test_a_video_has_its_own_outcomes() -> None:
    truth = [micro(0, 9), macro(0, 9, video="w")]
    verdict = Verdict.of(truth, truth, (), RULES).of_video("w")
    assert [t.instance.kind for t in verdict.labels] == [Kind.MACRO]
    assert [p.instance.video for p in verdict.proposals] == ["w"]
