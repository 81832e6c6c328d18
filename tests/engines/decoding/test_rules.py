import json

import pytest
from hypothesis import given

from engines.decoding import DecoderRules, KindRules
from engines.errors import ModelError
from tests.engines.decoding.score_makers import decoder_rules


@given(decoder_rules())
def test_rules_survive_a_round_trip_through_json(rules: DecoderRules) -> None:
    assert DecoderRules.from_dict(json.loads(json.dumps(rules.to_dict()))) == rules


def test_absent_keys_keep_the_papers_values() -> None:
    assert DecoderRules.from_dict({}) == DecoderRules()
    changed = DecoderRules.from_dict({"macro": {"settle": 4}})
    assert changed.macro.settle == 4
    assert changed.macro.left_max == 59 // 2


def test_the_shortest_micro_of_the_paper_has_five_ticks() -> None:
    rules = KindRules.paper(shortest=5, average=16)
    assert rules.left_min + rules.right_min + 1 == 5
    assert (rules.left_max, rules.right_max) == (8, 8)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"nmsiou": 0.5}, "no rule nmsiou"),
        ({"micro": {"setle": 1}}, "decoder.micro has no rule setle"),
        ({"micro": 3}, "decoder.micro is a table"),
        ({"micro": {"settle": 1.5}}, "whole number"),
        ({"micro": {"barrier": "high"}}, "decoder.micro.barrier is a number"),
        ({"micro": {"barrier": True}}, "decoder.micro.barrier is a number"),
        ({"score": "sum"}, "'product' or 'geometric'"),
        ({"nms_iou": 1.0}, "nms_iou"),
        ({"micro": {"left_min": 9}}, "left_min <= left_max"),
        ({"micro": {"right_min": 9}}, "right_min <= right_max"),
        ({"micro": {"settle": -1}}, "settle is at least 0"),
        ({"macro": {"left_max": 3001}}, "left_max is at most 3000, not 3001"),
        ({"micro": {"settle": 10**12}}, "settle is at most 3000"),
        ({"macro": {"apex_threshold": float("nan")}}, "apex_threshold is in"),
        ({"micro": {"settle": float("inf")}}, "whole number"),
        ({"micro_inside_macro": 1.5}, "micro_inside_macro is in"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused_by_name(
    data: dict[str, object], text: str
) -> None:
    with pytest.raises(ValueError, match=text):
        DecoderRules.from_dict(data)
    with pytest.raises(ModelError, match="model tiny: its decoder rules cannot be used"):
        DecoderRules.from_model(data, "tiny")
