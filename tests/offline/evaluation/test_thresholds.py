import pytest
from hypothesis import given

from engines.intervals import Kind
from offline.evaluation.instances import Instance
from offline.evaluation.metrics import evaluate
from offline.evaluation.outcomes import Comparison
from offline.evaluation.thresholds import IOUS, Curve, Thresholds, over_thresholds
from tests.offline.evaluation.evaluation_makers import LISTS, macro, micro


def over(
    truth: list[Instance],
    predictions: list[Instance],
    ignored: list[Instance] | None = None,
    ignore_kind: bool = False,
) -> Thresholds:
    both = Comparison.of(
        truth, predictions, ignored or [], lowest_iou=IOUS[0], ignore_kind=ignore_kind
    )
    return over_thresholds(both, both, ignore_kind=ignore_kind)


def test_the_thresholds_are_the_nine_tenths() -> None:
    assert IOUS == (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@given(LISTS, LISTS, LISTS)
def test_f1_at_each_threshold_is_that_of_evaluating_there(
    truth: list[Instance], predictions: list[Instance], ignored: list[Instance]
) -> None:
    found = over(truth, predictions, ignored)
    for n, iou in enumerate(IOUS):
        report = evaluate(truth, predictions, ignored=ignored, iou=iou)
        assert found.f1["overall"].values[n] == report.overall.counts.f1
        assert found.f1["micro"].values[n] == report.kinds[Kind.MICRO].counts.f1


def test_a_prediction_of_iou_one_third_counts_up_to_that_threshold() -> None:
    # frames 0-9 and 5-14 share 5 of 15
    found = over([micro(0, 9)], [micro(5, 14)])
    expected = (1, 1, 1, 0, 0, 0, 0, 0, 0)
    assert found.ap["micro"].values == expected
    assert found.f1["overall"].values == expected
    assert found.ap["micro"].mean == pytest.approx(1 / 3)


def test_map_is_the_mean_over_the_kinds_that_have_labels() -> None:
    # macro: found; micro: one of two found
    truth = [macro(0, 99), micro(200, 209), micro(300, 309)]
    found = over(truth, [macro(0, 99), micro(200, 209)])
    assert found.mean_ap.values[4] == pytest.approx((1 + 1 / 2) / 2)
    assert found.ap["overall"].values[4] == pytest.approx(2 / 3)
    alone = over(truth[:1], [macro(0, 99), micro(200, 209)])
    assert alone.ap["micro"].values[4] is None
    assert alone.mean_ap.values[4] == 1


def test_where_kinds_are_ignored_there_is_no_map() -> None:
    found = over([macro(0, 9)], [micro(0, 9)], ignore_kind=True)
    assert list(found.ap) == list(found.f1) == ["overall"]
    assert found.mean_ap.mean is None
    assert found.ap["overall"].mean == 1


def test_a_mean_over_a_missing_value_does_not_exist() -> None:
    assert Curve((0.5, None)).mean is None
    assert Curve(()).mean is None
    assert over([], []).ap["overall"].mean is None
