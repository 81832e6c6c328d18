import pytest
from hypothesis import given

from engines.intervals import Interval, Kind
from offline.evaluation.figures import Counts
from offline.evaluation.instances import Instance
from offline.evaluation.metrics import evaluate
from offline.evaluation.variants import Matching, Variant
from tests.offline.evaluation.evaluation_makers import LISTS, micro


@given(LISTS, LISTS, LISTS)
def test_every_label_and_prediction_is_counted_once(
    truth: list[Instance], predictions: list[Instance], ignored: list[Instance]
) -> None:
    report = evaluate(truth, predictions, ignored=ignored)
    whole = report.overall.counts
    assert whole.tp + whole.fn == len(truth)
    assert whole.tp + whole.fp + whole.ignored == len(predictions)
    assert sum((f.counts for f in report.kinds.values()), Counts()) == whole
    assert sum((f.counts for f in report.videos.values()), Counts()) == whole
    assert set(report.videos) == {i.video for i in truth + predictions + ignored}


@given(LISTS)
def test_labels_predicted_as_they_are_score_one(truth: list[Instance]) -> None:
    # equal labels of one video could be exchanged but never lost
    counts = evaluate(truth, truth).overall.counts
    assert (counts.tp, counts.fp, counts.fn) == (len(truth), 0, 0)


def test_precision_recall_and_f1_follow_their_definitions() -> None:
    counts = Counts(tp=3, fp=1, fn=2)
    assert counts.precision == 3 / 4
    assert counts.recall == 3 / 5
    assert counts.f1 == pytest.approx(2 * (3 / 4) * (3 / 5) / (3 / 4 + 3 / 5))


def test_without_labels_and_predictions_all_shares_are_zero() -> None:
    report = evaluate([], [])
    counts = report.overall.counts
    assert (counts.precision, counts.recall, counts.f1) == (0, 0, 0)
    assert report.overall.errors.onset is None


def test_a_false_positive_in_a_video_without_labels_counts() -> None:
    report = evaluate([micro(0, 9, video="a")], [micro(0, 9, video="b")])
    assert report.videos["b"].counts == Counts(fp=1)
    assert report.overall.counts == Counts(fp=1, fn=1)


def test_a_prediction_inside_an_ignored_interval_counts_neither_way() -> None:
    ignored = [Instance("v", None, 100, 400)]
    report = evaluate([micro(0, 9)], [micro(150, 160), micro(500, 510)], ignored=ignored)
    assert report.overall.counts == Counts(fp=1, fn=1, ignored=1)


def test_a_prediction_that_finds_its_label_counts_even_inside_an_ignored_interval() -> None:
    ignored = [Instance("v", None, 0, 400)]
    report = evaluate([micro(10, 19)], [micro(10, 19)], ignored=ignored)
    assert report.overall.counts == Counts(tp=1)


def test_a_second_prediction_of_one_label_is_wrong_even_inside_an_ignored_interval() -> None:
    ignored = [Instance("v", None, 0, 400)]
    predictions = [micro(10, 19), micro(11, 20)]
    assert evaluate([micro(10, 19)], predictions, ignored=ignored).overall.counts == Counts(1, 1)


def test_an_ignored_interval_that_holds_less_than_half_a_prediction_does_not_excuse_it() -> None:
    ignored = [Instance("v", None, 0, 3)]
    assert evaluate([], [micro(0, 9)], ignored=ignored).overall.counts == Counts(fp=1)


def test_boundary_errors_are_mean_absolute_differences_of_matched_pairs() -> None:
    truth = [
        Instance("v", Kind.MICRO, 0, 9, 5),
        Instance("v", Kind.MICRO, 100, 119, 300),
        Instance("v", Kind.MICRO, 200, 209, 204),
    ]
    predictions = [
        Instance("v", Kind.MICRO, 1, 9, 8),
        Instance("v", Kind.MICRO, 97, 117, 108),
        Instance("v", Kind.MICRO, 900, 909, 904),
    ]
    errors = evaluate(truth, predictions).overall.errors
    assert (errors.onset, errors.offset) == ((1 + 3) / 2, (0 + 2) / 2)
    # the second label's apex lies outside its interval
    assert errors.apex == 3


def test_a_predicted_apex_outside_its_interval_takes_no_part_in_the_error() -> None:
    truth = [Instance("v", Kind.MICRO, 0, 9, 5)]
    report = evaluate(truth, [Instance("v", Kind.MICRO, 0, 9, 70)])
    assert (report.overall.errors.apex, report.overall.errors.apexes) == (None, 0)


def test_errors_in_seconds_are_frames_over_the_rate() -> None:
    truth, guess = [Instance("v", Kind.MICRO, 0, 9, 5)], [Instance("v", Kind.MICRO, 3, 9, 4)]
    errors = evaluate(truth, guess, fps=30).overall.errors
    assert errors.in_seconds() == {"onset": 3 / 30, "apex": 1 / 30, "offset": 0}
    assert evaluate(truth, guess).overall.errors.in_seconds() is None


@given(LISTS, LISTS)
def test_subjects_add_up_to_the_whole_and_those_without_any_expression_stay(
    truth: list[Instance], predictions: list[Instance]
) -> None:
    people = {"a": "one", "b": "two", "c": "two", "d": "three"}
    report = evaluate(truth, predictions, subjects=people)
    assert list(report.subjects) == ["one", "three", "two"]
    assert list(report.videos) == ["a", "b", "c", "d"]
    whole = sum((f.counts for f in report.subjects.values()), Counts())
    assert whole == report.overall.counts
    assert report.subjects["one"] == report.videos["a"]


def test_a_video_of_which_nobody_says_who_is_in_it_is_refused() -> None:
    with pytest.raises(ValueError, match="nobody says who is in video 'v'"):
        evaluate([micro(0, 9)], [], subjects={"a": "one"})


def test_a_prediction_of_two_labels_is_right_once_and_for_each_with_many_truths() -> None:
    truth, guess = [micro(0, 9), micro(10, 19)], [micro(0, 19)]
    assert evaluate(truth, guess).overall.counts == Counts(tp=1, fn=1)
    many = Variant(Matching.MANY_TRUTHS)
    assert evaluate(truth, guess, variant=many).overall.counts == Counts(tp=2)


def test_ignoring_the_kind_gives_one_figure_for_both() -> None:
    macro = Instance("v", Kind.MACRO, 0, 9)
    assert evaluate([macro], [micro(0, 9)]).overall.counts == Counts(fp=1, fn=1)
    blind = evaluate([macro], [micro(0, 9)], ignore_kind=True)
    assert blind.overall.counts == Counts(tp=1)
    assert blind.kinds == {}


def test_the_pipelines_intervals_can_be_evaluated() -> None:
    interval = Interval(Kind.MACRO, 3, 9, 20, 0.7)
    assert Instance.of("v", interval) == Instance("v", Kind.MACRO, 3, 20, 9, 0.7)


@pytest.mark.parametrize("iou", [0, 1.01])
def test_a_threshold_out_of_range_is_refused(iou: float) -> None:
    with pytest.raises(ValueError, match="iou is above 0 and at most 1"):
        evaluate([], [], iou=iou)
