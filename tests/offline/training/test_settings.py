import dataclasses
from pathlib import Path

import pytest

from engines.errors import UsageError
from offline.spotformer.config import SpotFormerConfig
from offline.spotformer.losses import LossConfig
from offline.training.config import TrainingConfig
from offline.training.settings import load_settings, preset_names
from realtime.types import FLOW_NODES, NODES


def test_the_papers_preset_holds_the_published_values():
    settings = load_settings("spotformer-paper")
    assert settings.model == SpotFormerConfig()
    assert settings.model.nodes == FLOW_NODES
    assert settings.loss == LossConfig()
    assert settings.training == TrainingConfig()


def test_the_default_preset_reads_every_node_and_trains_on_negatives():
    settings = load_settings("spotformer-default")
    assert settings.model.nodes == NODES
    assert settings.model.width < SpotFormerConfig().width
    assert settings.model.input_compression_px is not None
    assert settings.training.negative_fraction > 0


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_loads(name):
    assert load_settings(name).training.epochs >= 1


def test_overrides_change_single_values():
    overrides = [
        "training.epochs=3",
        "training.schedule=constant",
        "model.input_compression_px=none",
    ]
    before, after = (
        load_settings("spotformer-default"),
        load_settings("spotformer-default", overrides),
    )
    assert after.training == dataclasses.replace(before.training, epochs=3, schedule="constant")
    assert after.model == dataclasses.replace(before.model, input_compression_px=None)


def test_a_whole_number_stands_for_a_real_one():
    value = load_settings("spotformer-paper", ["training.learning_rate=1"]).training.learning_rate
    assert isinstance(value, float)


def test_a_preset_can_be_a_file(tmp_path: Path):
    path = tmp_path / "own.toml"
    path.write_text('[model]\nwidth = 8\nnodes = ["lids"]\n', encoding="utf-8")
    assert load_settings(str(path)).model == SpotFormerConfig(width=8, nodes=("lids",))


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("training.epoch=3", "unknown key epoch"),
        ("trainings.epochs=3", "unknown key trainings"),
        ("training.epochs=many", "epochs must be int, not 'many'"),
        ("training.epochs=1.5", "epochs must be int"),
        ("training.epochs=true", "epochs must be int"),
        ("training.bfloat16=1", "bfloat16 must be bool"),
        ("model.mlp_width=wide", "mlp_width must be int or none"),
        ('model.nodes=["nose"]', "nodes"),
        ("epochs=3", "section.key=value"),
        ("training.epochs", "section.key=value"),
    ],
)
def test_what_cannot_be_set_is_refused_in_one_line(override, said):
    with pytest.raises(UsageError) as caught:
        load_settings("spotformer-paper", [override])
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_preset_names_those_that_exist():
    with pytest.raises(UsageError, match="spotformer-paper"):
        load_settings("spotformer")


def test_a_preset_file_that_is_not_toml_is_refused(tmp_path: Path):
    path = tmp_path / "bad.toml"
    path.write_text("[model", encoding="utf-8")
    with pytest.raises(UsageError, match="not valid TOML"):
        load_settings(str(path))
