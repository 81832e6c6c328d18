import dataclasses
import json
import tomllib
from dataclasses import dataclass, field

import pytest

from engines.errors import UsageError
from engines.intervals import Kind
from offline.gim.config import GimConfig, GimLossConfig, HeadConfig
from offline.training.settings import build


def test_the_defaults_are_the_papers_values():
    config = GimLossConfig()
    assert (config.weight_smooth, config.weight_norm, config.weight_contrast) == (0.1, 2.5, 1.4e-4)
    assert [config.k_c(kind) for kind in Kind] == [16, 32]
    assert [config.k_s1(kind) for kind in Kind] == [3, 5]
    assert [config.k_s2(kind) for kind in Kind] == [2, 4]
    assert [config.longest(kind) for kind in Kind] == [16, 36]
    assert (config.delta, config.theta_start, config.theta_end, config.theta_epochs) == (
        1.2,
        0.8,
        0.5,
        30,
    )
    assert (config.hard_epochs, config.warm_epochs) == (1, 4)
    assert GimConfig().model.width == 256
    assert HeadConfig() == HeadConfig(dropout=0.7, output_dropout=0.7, leaky_slope=0.2)


def test_terms_that_the_paper_has_not_are_off():
    config = GimLossConfig()
    assert (config.reward_micro, config.reward_macro, config.apex_focal) == (0, 0, 0)
    assert (config.neutral_ratio, config.neutral_least) == (1, 0)


@dataclass(frozen=True)
class Sections:
    model: GimConfig = field(default_factory=GimConfig)
    loss: GimLossConfig = field(default_factory=GimLossConfig)


def test_every_setting_is_read_from_toml():
    config = GimLossConfig()
    lines = [f"{key} = {json.dumps(v)}" for key, v in dataclasses.asdict(config).items()]
    table = tomllib.loads(
        "[model.model]\nwidth = 8\n[model.head]\ndropout = 0\n[loss]\n" + "\n".join(lines)
    )
    settings = build(Sections, table, "test")
    assert settings.loss == config
    assert (settings.model.model.width, settings.model.head.dropout) == (8, 0.0)


@pytest.mark.parametrize(
    "values",
    [
        {"norm": "median"},
        {"intensity_loss": "mae"},
        {"soft_labels": "soft"},
        {"overlap": "both"},
        {"weight_norm": -1.0},
        {"tau": 0.0},
        {"delta": 0.0},
        {"reliable": 1.0},
        {"theta_end": 1.5},
        {"k_c_micro": 3},
        {"k_s1_macro": -1},
        {"hard_epochs": -1},
        {"longest_macro": 15},
        {"neutral_least": -1},
        {"weight_smooth": float("nan")},
        {"tau": float("nan")},
    ],
)
def test_a_value_that_cannot_be_honoured_is_named(values: dict[str, object]):
    with pytest.raises(UsageError, match=f"^loss: {next(iter(values))} .* must be "):
        GimLossConfig(**values)


@pytest.mark.parametrize(
    "values", [{"dropout": 1.0}, {"output_dropout": -0.1}, {"leaky_slope": 2.0}]
)
def test_a_head_that_cannot_be_honoured_is_named(values: dict[str, float]):
    with pytest.raises(UsageError, match=f"^head: {next(iter(values))} .* must be "):
        HeadConfig(**values)


@pytest.mark.parametrize("k_c", [24, 28, 32, 36, 40])
def test_the_general_durations_of_table_5_are_accepted(k_c: int):
    assert GimLossConfig(k_c_macro=k_c).k_c(Kind.MACRO) == k_c
