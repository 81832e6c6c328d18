import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import UsageError
from engines.intervals import Kind
from offline.evaluation.instances import Instance
from offline.evaluation.metrics import evaluate
from offline.evaluation.rules import Rules
from offline.evaluation.subjects import assign_subjects
from offline.evaluation.summary import Summary, summarise
from offline.evaluation.text import summary_text
from tests.offline.evaluation.evaluation_makers import LISTS, macro, micro

PEOPLE = assign_subjects("ab", ("T", {"a": "one", "b": "two"}))
RULES = Rules(fps=30, draws=50)


@given(LISTS, LISTS, st.randoms())
def test_the_order_of_rows_changes_no_figure(
    truth: list[Instance], predictions: list[Instance], shuffler: Random
) -> None:
    first = summarise(truth, predictions, PEOPLE, rules=RULES).to_dict()
    shuffler.shuffle(truth)
    shuffler.shuffle(predictions)
    assert summarise(truth, predictions, PEOPLE, rules=RULES).to_dict() == first


@given(LISTS, LISTS, LISTS, st.booleans())
def test_every_summary_is_json_and_text(
    truth: list[Instance],
    predictions: list[Instance],
    ignored: list[Instance],
    ignore_kind: bool,
) -> None:
    rules = Rules(fps=30, draws=20, ignore_kind=ignore_kind)
    found = summarise(truth, predictions, PEOPLE, ignored=ignored, rules=rules)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False)) == found.to_dict()
    assert f"\noverall {' ' * 4}" in summary_text(found)


def test_a_bar_on_the_score_leaves_out_what_lies_below_but_not_from_average_precision() -> None:
    truth = [micro(0, 9, video="a"), macro(50, 99, video="b")]
    predictions = [micro(0, 9, 0.9, video="a"), macro(50, 99, 0.3, video="b")]
    found = summarise(truth, predictions, PEOPLE, rules=Rules(bar=0.5, fps=30))
    assert found.report == evaluate(
        truth, predictions[:1], fps=30, subjects={"a": "one", "b": "two"}
    )
    assert found.thresholds.ap["overall"].mean == 1
    assert found.thresholds.f1["overall"].mean == pytest.approx(2 / 3)
    assert found.to_dict()["f1_me"]["bar_choice"] == "given"  # type: ignore[index]


def test_f1_me_needs_a_frame_rate() -> None:
    found = summarise([micro(0, 9, video="a")], [], PEOPLE)
    assert found.micro_figures == {}
    assert found.to_dict()["f1_me"] is None
    assert "give the frame rate with --fps" in summary_text(found)


def intervals(found: Summary) -> object:
    return found.to_dict()["confidence"]


def test_one_subject_has_no_intervals_and_the_text_says_so() -> None:
    alone = assign_subjects("v", ("T", {"v": "one"}))
    found = summarise([micro(0, 9)], [micro(0, 9)], alone)
    assert intervals(found) == {"unit": "subject", "units": 1, "intervals": None}
    assert "they need two subjects or more" in summary_text(found)


def test_intervals_say_what_was_drawn() -> None:
    truth = [micro(0, 9, video="a"), micro(0, 9, video="b")]
    named = summarise(truth, truth, PEOPLE, rules=RULES)
    assert "draws of 2 subjects, seed 0" in summary_text(named)
    unnamed = summarise(truth, truth, assign_subjects("ab"), rules=RULES)
    assert "draws of 2 videos, seed 0" in summary_text(unnamed)
    assert unnamed.report.subjects == {}
    assert set(named.intervals) == {
        "micro", "macro", "overall", "F1-ME(0.5)", "F1-ME(1.0)", "F1-ME(p)",
    }  # fmt: skip


def test_intervals_are_over_the_counts_of_the_kind() -> None:
    # micro always right, macro always wrong, in both subjects alike
    truth = [micro(0, 9, video=v) for v in "ab"]
    predictions = [*truth, *(macro(100, 199, video=v) for v in "ab")]
    found = summarise(truth, predictions, PEOPLE, rules=RULES).intervals
    ends = {}
    for name in ("micro", "overall"):
        interval = found[name].precision
        assert interval is not None
        ends[name] = (interval.low, interval.high)
    assert ends == {"micro": (1, 1), "overall": (0.5, 0.5)}


def test_lines_by_subject_and_video_are_given_on_request() -> None:
    found = summarise([micro(0, 9, video="a")], [], PEOPLE, rules=RULES)
    assert "subject  TP" not in summary_text(found)
    text = summary_text(found, ("subject", "video"))
    assert "subject  TP" in text
    assert text.splitlines()[-1].split()[:4] == ["b", "0", "0", "0"]


def test_the_table_has_the_figures_of_each_kind() -> None:
    truth = [Instance("a", Kind.MICRO, 0, 9, 4), macro(50, 99, video="b")]
    predictions = [Instance("a", Kind.MICRO, 3, 9, 5), macro(500, 599, video="b")]
    lines = summary_text(summarise(truth, predictions, PEOPLE, rules=RULES)).splitlines()
    cells = [line.split() for line in lines]
    assert ["micro", "1", "0", "0", "0", "1.0000", "1.0000", "1.0000"] in [c[:8] for c in cells]
    assert ["overall", "1", "1", "1", "0", "0.5000", "0.5000", "0.5000"] in [c[:8] for c in cells]
    assert ["micro", "3.0", "1.0", "0.0", "frames", "1", "1"] in cells
    assert ["micro", "0.100", "0.033", "0.000", "s", "1", "1"] in cells


@pytest.mark.parametrize(
    "wrong",
    [{"iou": 0}, {"iou": float("nan")}, {"fps": 0}, {"fps": float("inf")}, {"bar": float("nan")},
     {"draws": -1}, {"seed": -1}, {"level": 1}],
)  # fmt: skip
def test_rules_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        Rules(**wrong)  # type: ignore[arg-type]


def test_the_rules_are_said_in_words() -> None:
    assert Rules().describe() == "one-to-one, inclusive-frame IoU >= 0.5, kinds compared"
    assert Rules(ignore_kind=True, bar=0.25).describe().endswith("kinds ignored, scores from 0.25")
