"""``fes-offline train --method mc-wes``, from features to a network that spots."""

import json
from pathlib import Path

from engines.console import run_command
from offline.commands.train import train
from offline.methods.registry import load_network
from offline.training.run_folder import RunFolder
from tests.offline.gim.gim_training_makers import write_gim_features

TINY = [
    x
    for setting in (
        "model.embedding=8", "model.attention_width=8", "model.fused_width=8", "training.epochs=1",
        "training.steps_per_epoch=2", "training.plot_every=0",
    )
    for x in ("--set", setting)
]  # fmt: skip


def arguments(folder: Path, *more: str) -> list[str]:
    places = ["--data", str(folder / "features"), "--out", str(folder / "run")]
    return ["--method", "mc-wes", *places, *TINY, "--device", "cpu", *more]


def table(folder: Path, text: str) -> str:
    path = folder / "kinds.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_network_is_trained_and_validated_on_recorded_features(tmp_path):
    write_gim_features(tmp_path / "features", "abc")
    assert run_command(train, arguments(tmp_path, "--validate", str(tmp_path / "features"))) == 0
    run = RunFolder.existing(tmp_path / "run")
    assert run.config()["method"] == "mc-wes"
    assert set(run.metrics()[0]) >= {"total", "feature", "val_f1", "val_f1_micro"}
    assert load_network(run).inputs.source == "sw-mro"


def test_a_table_says_what_videos_hold(tmp_path):
    write_gim_features(tmp_path / "features", "abc")
    path = table(tmp_path, "video,kinds\nvideo-a,micro\nvideo-b,micro+macro\nvideo-c,none\n")
    assert run_command(train, arguments(tmp_path, "--video-labels", path)) == 0
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert config["video_labels"]["file"] == "kinds.csv"
    assert len(config["video_labels"]["sha256"]) == 64


def test_a_table_of_other_videos_is_refused(tmp_path, capsys):
    write_gim_features(tmp_path / "features", "a")
    path = table(tmp_path, "video,kinds\nother,micro\n")
    assert run_command(train, arguments(tmp_path, "--video-labels", path)) == 2
    assert "kinds.csv: none of its 1 videos is in --data" in capsys.readouterr().err


def test_video_labels_are_for_no_other_method(tmp_path, capsys):
    write_gim_features(tmp_path / "features", "a")
    path = table(tmp_path, "video,kinds\nvideo-a,micro\n")
    others = ["--data", str(tmp_path / "features"), "--out", str(tmp_path / "run")]
    assert run_command(train, [*others, "--video-labels", path, "--device", "cpu"]) == 2
    assert "spotformer learns from other labels; omit --video-labels" in capsys.readouterr().err
