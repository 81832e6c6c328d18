"""GIM through the commands: train from points, export, verify, and leave subjects out."""

import json
from pathlib import Path

import numpy as np
import pytest

from engines.console import run_command
from engines.decoding import IntensityRules
from engines.model_file import read_model
from engines.onnxruntime_backend import OnnxRuntimeBackend
from engines.selfcheck import verify
from engines.stored_check import read_check
from offline.commands.ablate import ablate
from offline.commands.export import export
from offline.commands.loso import loso
from offline.commands.train import train
from offline.gim.model import SCORE_NAMES
from tests.offline.gim.gim_training_makers import write_gim_features
from tests.offline.loso.loso_makers import files_of

MODEL = ["model.width=8", "model.heads=2", "model.mlp_width=8"]
TINY = [
    x
    for setting in (*MODEL, "training.epochs=2", "training.most_ticks=48", "training.plot_every=0")
    for x in ("--set", setting)
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_gim_features(tmp_path / "features", "abc")
    rows = [f"video-{s},14,micro\nvideo-{s},50,macro" for s in "abc"]
    text = "\n".join(["video,frame,kind", *rows]) + "\n"
    (tmp_path / "points.csv").write_text(text, encoding="utf-8")
    return tmp_path


def trained(folder: Path, *more: str) -> int:
    arguments = ["--method", "gim", "--data", str(folder / "features"), "--device", "cpu"]
    if not any(word.startswith("--points") for word in more):
        more = (*more, "--points", str(folder / "points.csv"))
    return run_command(train, [*arguments, "--out", str(folder / "run"), *TINY, *more])


def test_points_of_a_table_become_a_model_that_verifies(folder: Path, capsys) -> None:
    assert trained(folder, "--validate", str(folder / "features")) == 0
    metrics = (folder / "run" / "metrics.jsonl").read_text().splitlines()
    assert {"total", "gim", "apex_error", "val_f1"} <= set(json.loads(metrics[-1]))
    capsys.readouterr()
    out = folder / "mine.onnx"
    assert run_command(export, [str(folder / "run"), "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["largest_difference_from_torch"] < 1e-5
    model = read_model(out)
    assert (model.manifest.method, model.manifest.outputs) == ("gim", SCORE_NAMES)
    assert model.manifest.training["points"]["file"] == "points.csv"
    assert str(folder) not in model.manifest.to_json()
    check = read_check(model)
    assert check.rules == IntensityRules()
    with OnnxRuntimeBackend(model) as backend:
        assert verify(backend, check).worst.absolute < 2e-6


def test_a_decoder_of_ones_own_goes_into_the_model(folder: Path) -> None:
    assert trained(folder) == 0
    rules = folder / "rules.toml"
    rules.write_text("thresholds = [0.3, 0.6]\n[micro]\nlongest = 15\n", encoding="utf-8")
    out = folder / "mine.onnx"
    arguments = [str(folder / "run"), "--out", str(out), "--decoder", str(rules)]
    assert run_command(export, arguments) == 0
    found = read_check(read_model(out)).rules
    assert (found.thresholds, found.micro.longest) == ((0.3, 0.6), 15)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["video-a,14,micro", "video-a,14,macro"], "line 3"),
        (["video-a,14,nano"], "kind 'nano' is not micro or macro"),
        (["other,14,micro"], "none of its 1 videos is in --data"),
        ([], "holds no point"),
        (["video-a,99,micro"], "none of the 3 videos"),
    ],
)
def test_points_that_cannot_be_used_are_refused_in_one_line(
    folder: Path, capsys, rows: list[str], said: str
) -> None:
    text = "\n".join(["video,frame,kind", *rows]) + "\n"
    (folder / "points.csv").write_text(text, encoding="utf-8")
    assert trained(folder) == 2
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error:")]
    assert len(errors) == 1
    assert said in errors[0]
    assert not (folder / "run").exists()


def test_what_makes_sense_goes_on_and_is_said(folder: Path, capsys) -> None:
    rows = ["video-a,14,micro", "video-a,99,micro", "other,3,micro"]
    text = "\n".join(["video,frame,kind", *rows]) + "\n"
    (folder / "points.csv").write_text(text, encoding="utf-8")
    assert trained(folder, "--set", "training.empty_videos=false") == 0
    told = capsys.readouterr().err
    assert "no features of other; their points are left out" in told
    assert "video-a: the point at frame 99 is outside the video of 80 frames" in told
    assert "2 videos without a point, left out: video-b, video-c" in told
    assert "no point is macro" in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--method", "gim"], "give --points FILE"),
        (["--method", "spotformer", "--points-from-truth", "apex"], "leave the points out"),
        (["--preset", "gim-default", "--method", "spotformer"], "is for gim, not spotformer"),
    ],
)
def test_method_points_and_preset_belong_together(
    folder: Path, capsys, arguments: list[str], said: str
) -> None:
    data = ["--data", str(folder / "features"), "--out", str(folder / "run"), "--device", "cpu"]
    assert run_command(train, [*data, *arguments]) == 2
    assert said in capsys.readouterr().err


def left_out(folder: Path, out: str, *more: str) -> int:
    data = ["--data", str(folder / "features"), "--out", str(folder / out), "--device", "cpu"]
    return run_command(loso, [*data, "--preset", "gim-default", *TINY, *more])


def test_loso_scores_every_subject_by_a_network_that_saw_points_of_the_others(
    folder: Path, capsys
) -> None:
    points = ("--points", str(folder / "points.csv"))
    assert left_out(folder, "loso", *points, "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["plan"]["method"] == "gim"
    assert printed["plan"]["points"]["file"] == "points.csv"
    assert printed["folds"]["missing"] == []
    assert printed["plan"]["decoder"]["thresholds"][0] == 0.2
    scores = np.load(folder / "loso" / "folds" / "a" / "scores" / "video-a.npz")
    assert set(scores.files) == {*SCORE_NAMES, "scored"}
    assert np.isnan(scores["intensity"]).sum() == 2
    assert left_out(folder, "loso", "--points-from-truth", "apex") == 2
    assert "another points" in capsys.readouterr().err


def test_an_interrupted_loso_ends_with_the_same_files(folder: Path, capsys) -> None:
    truth = ("--points-from-truth", "uniform", "--selection", "inner")
    assert left_out(folder, "whole", *truth) == 0
    assert "trained from points alone: from_truth uniform, seed 0" in capsys.readouterr().out
    assert left_out(folder, "parts", *truth, "--folds", "b") == 0
    assert left_out(folder, "parts", *truth, "--workers", "2") == 0
    assert files_of(folder / "whole") == files_of(folder / "parts")


def test_methods_are_compared_in_one_table(folder: Path, capsys) -> None:
    write_gim_features(folder / "more", "de")
    data = ["--data", f"one={folder}/features", "--data", f"two={folder}/more"]
    sets = [x for setting in (*MODEL, "training.epochs=1") for x in ("--set", setting)]
    presets = "gim-default,gim-hard-points,spotformer-default"
    sets += ["--set", "training.steps_per_epoch=1", "--loso", "--device", "cpu"]
    points = ["--points", str(folder / "points.csv"), "--json"]
    command = ["--presets", presets, "--out", str(folder / "out"), *data, *sets, *points]
    assert run_command(ablate, command) == 0
    document = json.loads(capsys.readouterr().out)
    assert [case["method"] for case in document["cases"]] == ["gim", "gim", "spotformer"]
    assert all(case["subjects_tested"] == 5 for case in document["cases"])
    assert document["points"]["file"] == "points.csv"
    assert "thresholds" in document["cases"][0]["decoder"]
    told = json.loads((folder / "out" / "spotformer-default" / "config.json").read_text())
    assert "points" not in told


def test_a_comparison_without_points_is_refused_before_anything_is_trained(
    folder: Path, capsys
) -> None:
    command = ["--presets", "gim-default", "--data", f"one={folder}/features"]
    assert run_command(ablate, [*command, "--out", str(folder / "out")]) == 2
    assert "gim learns from points" in capsys.readouterr().err
    assert not (folder / "out").exists()
