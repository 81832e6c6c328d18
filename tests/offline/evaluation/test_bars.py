"""A bar on the score for each video."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import UsageError
from offline.evaluation.bars import read_bars
from offline.evaluation.rules import Rules
from offline.evaluation.subjects import assign_subjects
from offline.evaluation.summary import summarise
from offline.evaluation.text import summary_text
from tests.offline.evaluation.evaluation_makers import LISTS, macro, micro

PEOPLE = assign_subjects("ab", ("T", {"a": "one", "b": "two"}))


@given(LISTS, LISTS, st.sampled_from([0.2, 0.5, 0.7, 1.0]))
def test_the_same_bar_for_each_video_is_one_bar_for_all(truth, predictions, bar: float) -> None:
    one = Rules(fps=30, draws=20, bar=bar)
    each = Rules(fps=30, draws=20, bars={"a": bar, "b": bar})
    first, second = (
        summarise(truth, predictions, PEOPLE, rules=rules).to_dict() for rules in (one, each)
    )
    for document in (first, second):
        del document["rules"]
        del document["f1_me"]["bar"]
    assert first == second


def test_each_video_has_its_own_bar_and_one_that_is_not_named_has_none() -> None:
    rules = Rules(bars={"a": 0.5})
    counted = [rules.counts(micro(0, 9, score, video)) for video in "ab" for score in (0.4, 0.5)]
    assert counted == [False, True, True, True]
    assert rules.barred
    assert "a bar of each video, 0.5 to 0.5" in rules.describe()
    assert "none of which has one" in Rules(bars={}).describe()


def test_average_precision_is_over_all_predictions_all_the_same() -> None:
    truth = [micro(0, 9, video="a"), macro(50, 99, video="b")]
    predictions = [micro(0, 9, 0.9, video="a"), macro(50, 99, 0.3, video="b")]
    found = summarise(truth, predictions, PEOPLE, rules=Rules(bars={"b": 0.5}, fps=30))
    assert found.report.overall.counts.tp == 1
    assert found.thresholds.ap["overall"].mean == 1
    assert "F1-ME(p): scores from a bar of each video (given)" in summary_text(found)


@pytest.mark.parametrize("bars", [{"a": math.nan}, {"a": math.inf}])
def test_bars_are_finite_and_not_beside_a_common_one(bars: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="finite"):
        Rules(bars=bars)
    with pytest.raises(UsageError, match="not both"):
        Rules(bar=0.5, bars={})


def write(path: Path, *rows: str) -> Path:
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def test_a_table_of_bars_is_read_to_the_last_digit(tmp_path: Path) -> None:
    bar = 0.1 + 0.2
    table = write(tmp_path / "t.csv", "video,subject,bar", f"a,s,{bar!r}", "b,s,", f"a,s,{bar!r}")
    assert read_bars(table) == {"a": bar}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["video,subject", "a,s"], "has no column bar"),
        (["video,bar", "a,high"], "line 2: bar 'high' is not a finite number"),
        (["video,bar", "a,0.1", "a,0.2"], "line 3: video 'a' has two bars"),
    ],
)
def test_a_table_that_cannot_be_right_is_refused(tmp_path: Path, rows, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_bars(write(tmp_path / "t.csv", *rows))
