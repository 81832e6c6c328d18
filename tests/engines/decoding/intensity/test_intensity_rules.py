import json
import tomllib
from importlib import resources

import pytest
from hypothesis import given

from engines.decoding import IntensityKindRules, IntensityRules
from engines.errors import ModelError
from engines.precision import Tolerance
from tests.engines.decoding.intensity.intensity_makers import NAMES, intensity_rules


@given(intensity_rules())
def test_rules_survive_a_round_trip_through_json(rules: IntensityRules) -> None:
    assert IntensityRules.from_dict(json.loads(json.dumps(rules.to_dict()))) == rules


def test_absent_keys_keep_the_papers_values() -> None:
    assert IntensityRules.from_dict({}) == IntensityRules()
    changed = IntensityRules.from_dict({"macro": {"shortest": 15}})
    assert changed.macro == IntensityKindRules(shortest=15)
    assert changed.micro == IntensityKindRules()


def test_the_papers_thresholds_are_tenths_from_02_to_08() -> None:
    assert IntensityRules().thresholds == tuple(n / 10 for n in range(2, 9))
    assert (IntensityRules().soft_sigma, IntensityRules().nms_iou) == (0.3, 0.5)


def test_the_released_gates_are_9_to_15_and_15_to_240_ticks() -> None:
    rules = IntensityRules.released()
    assert (rules.micro.shortest, rules.micro.longest) == (9, 15)
    assert (rules.macro.shortest, rules.macro.longest) == (15, 240)


def test_the_scores_that_are_read_are_named() -> None:
    assert IntensityRules().outputs == NAMES


def test_a_score_may_be_off_by_the_tolerance_of_two_means() -> None:
    # both means off by as much as they may be at a probability of one
    assert IntensityRules().slack(0.1, Tolerance(0.001, 0.02)) == pytest.approx(0.042)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"apex_threshold": 0.5}, "no rule apex_threshold"),
        ({"micro": {"settle": 1}}, "decoder.micro has no rule settle"),
        ({"micro": 3}, "decoder.micro is a table"),
        ({"macro": {"shortest": 1.5}}, "whole number"),
        ({"macro": {"score_floor": "high"}}, "decoder.macro.score_floor is a number"),
        ({"macro": {"score_floor": True}}, "decoder.macro.score_floor is a number"),
        ({"macro": {"score_floor": float("nan")}}, "score_floor is in"),
        ({"micro": {"action_threshold": 1.5}}, "action_threshold is in"),
        ({"micro": {"shortest": 16, "longest": 15}}, "shortest <= longest <= 3000, not 16, 15"),
        ({"micro": {"longest": 10**400}}, "longest <= 3000"),
        ({"micro": {"shortest": -1}}, "0 <= shortest"),
        ({"thresholds": 0.5}, "decoder.thresholds is a list"),
        ({"thresholds": []}, "1 to 100 rising values"),
        ({"thresholds": [0.5, 0.5]}, "rising values"),
        ({"thresholds": [0.5, 0.2]}, "rising values"),
        ({"thresholds": [0.2, 1.0]}, "rising values"),
        ({"thresholds": [0.2, float("nan")]}, "rising values"),
        ({"thresholds": [0.2, "0.3"]}, "decoder.thresholds is a number"),
        ({"thresholds": [n / 200 for n in range(101)]}, "1 to 100 rising values"),
        ({"soft_sigma": -0.3}, "soft_sigma is 0 or"),
        ({"soft_sigma": float("inf")}, "soft_sigma is 0 or"),
        ({"nms_iou": 1.0}, "nms_iou"),
        ({"micro_inside_macro": 1.5}, "micro_inside_macro is in"),
        ({"longest_run": 1}, r"longest_run is in \[2, 3000\]"),
        ({"longest_run": 3001}, r"longest_run is in \[2, 3000\]"),
        ({"longest_run": 20.5}, "whole number"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused_by_name(
    data: dict[str, object], text: str
) -> None:
    with pytest.raises(ValueError, match=text):
        IntensityRules.from_dict(data)
    with pytest.raises(ModelError, match="model tiny: its decoder rules cannot be used") as caught:
        IntensityRules.from_model(data, "tiny")
    assert "\n" not in str(caught.value)


def test_the_released_preset_is_the_papers_rules_with_the_released_gates() -> None:
    entry = resources.files("offline") / "presets" / "decoders" / "gim-released.toml"
    rules = IntensityRules.from_dict(tomllib.loads(entry.read_text("utf-8")))
    assert rules == IntensityRules.released()
