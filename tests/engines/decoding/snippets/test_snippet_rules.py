import pytest
from hypothesis import given

from engines.decoding import PooledShares, SnippetRules
from engines.errors import ModelError
from engines.precision import Tolerance
from tests.engines.decoding.snippets.snippet_makers import NAMES, snippet_rules


def test_the_defaults_are_the_papers_for_casme2() -> None:
    rules = SnippetRules()
    assert (rules.selection, rules.first_top, rules.tops) == ("top", 8, 15)
    assert (rules.contrast_reach, rules.video_weight) == (0.25, 0.15)
    assert rules.pooled == PooledShares(micro=9, macro=7, background=5)
    assert (rules.nms_iou, rules.score_floor) == (0.01, 0.1)
    assert (rules.kind_by, rules.longest_micro_s) == ("duration", 0.5)
    assert rules.outputs == NAMES


@given(snippet_rules())
def test_rules_survive_a_dictionary(rules: SnippetRules) -> None:
    assert SnippetRules.from_dict(rules.to_dict()) == rules
    assert SnippetRules.from_dict({}) == SnippetRules()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"psi": 0.25}, "decoder has no rule psi"),
        ({"pooled": {"neutral": 5}}, "decoder.pooled has no rule neutral"),
        ({"pooled": 7}, "decoder.pooled is a table of rules, not 7"),
        ({"pooled": {"micro": 0}}, "pooled.micro is from 1 to 4096, not 0"),
        ({"pooled": {"macro": 7.5}}, "decoder.pooled.macro is a whole number"),
        ({"selection": "best"}, "decoder.selection is top or threshold, not 'best'"),
        ({"video_score": 1}, "decoder.video_score is logit or probability, not 1"),
        ({"kind_by": None}, "decoder.kind_by is duration or class, not None"),
        ({"nms_within_kind": 1}, "decoder.nms_within_kind is true or false, not 1"),
        ({"first_top": 0}, "first_top is from 1 to 4096, not 0"),
        ({"tops": 101}, "tops is from 1 to 100, not 101"),
        ({"levels": True}, "decoder.levels is a number, not True"),
        ({"lowest_threshold": -0.1}, r"lowest_threshold is in \[0, 1\], not -0.1"),
        ({"lowest_threshold": 0.95}, "lowest_threshold <= highest_threshold < 1, not 0.95, 0.9"),
        ({"highest_threshold": 1.0}, "lowest_threshold <= highest_threshold < 1, not 0.1, 1.0"),
        ({"contrast_reach": float("nan")}, r"contrast_reach is in \[0, 1000\], not nan"),
        ({"score_floor": -0.1}, r"score_floor is in \[0, 1000\], not -0.1"),
        ({"longest_micro_s": 1e9}, r"longest_micro_s is in \[0, 1000\]"),
        ({"nms_iou": 1.0}, r"nms_iou is in \[0, 1\), not 1.0"),
    ],
)
def test_rules_out_of_range_are_refused(data: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        SnippetRules.from_dict(data)
    with pytest.raises(ModelError, match="model tiny: its decoder rules cannot be used: "):
        SnippetRules.from_model(data, "tiny")


def test_a_choice_out_of_range_is_refused_when_made_in_code() -> None:
    with pytest.raises(ValueError, match="selection is top or threshold"):
        SnippetRules(selection="both")  # type: ignore[arg-type]


def test_the_slack_is_what_two_means_and_a_share_of_a_third_add_up_to() -> None:
    slack = SnippetRules(video_weight=0.5).slack(0.1, Tolerance(0.001, 0.02))
    assert slack == pytest.approx(2.5 * 0.021)
