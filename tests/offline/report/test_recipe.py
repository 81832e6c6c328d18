import dataclasses
import json
import tomllib
from pathlib import Path

import pytest

from offline.loso.decoders import load_rules
from offline.report.reading import open_runs
from offline.report.recipe import command, decoder_toml, settings_toml, to_toml, typed
from offline.training.settings import load_settings, preset_names
from tests.offline.report.report_makers import (
    CONFIG,
    Outline,
    page_of,
    write_json,
    write_loso,
    write_training,
)


@pytest.mark.parametrize("preset", preset_names())
def test_settings_of_a_run_are_a_preset_that_gives_the_same_settings(
    tmp_path: Path, preset: str
) -> None:
    settings = load_settings(preset)
    told = json.loads(json.dumps(dataclasses.asdict(settings)))
    config = {**CONFIG, **told, "method": settings.method}
    (run,) = open_runs([write_loso(tmp_path / "run", config=config)])
    (tmp_path / "settings.toml").write_text(settings_toml(run), encoding="utf-8")
    assert load_settings(str(tmp_path / "settings.toml")) == settings


@pytest.mark.parametrize("decoder", ["paper", "default"])
def test_rules_of_a_run_are_a_file_that_gives_the_same_rules(tmp_path: Path, decoder: str) -> None:
    rules = load_rules(decoder)
    config = {**CONFIG, "decoder": rules.to_dict()}
    (run,) = open_runs([write_loso(tmp_path / "run", config=config)])
    (tmp_path / "decoder.toml").write_text(decoder_toml(run), encoding="utf-8")
    assert load_rules(str(tmp_path / "decoder.toml")) == rules


def test_toml_holds_values_lists_and_sections() -> None:
    table = {"a": {"b": {"c": ['x"y', 1]}, "d": None, "e": True}, "f": 1.5}
    read = tomllib.loads(to_toml(table))
    assert read == {"f": 1.5, "a": {"e": True, "b": {"c": ['x"y', 1]}}}
    assert to_toml({}) == ""


def test_the_command_of_a_dataset_names_its_imputation(tmp_path: Path) -> None:
    run = write_loso(tmp_path / "run", config={**CONFIG, "top": 5, "start_from": {"name": "a b"}})
    data = {"name": "casme2", "imputation": "mirror (44 offsets)", "imputed": {"mirror": 44}}
    write_json(run / "result.json", {"data": data})
    (read,) = open_runs([run])
    assert command(read) == (
        "fes-offline loso --dataset casme2 --root ROOT --impute mirror --method spotformer "
        "--preset settings.toml --top 5 --selection last --seed 5 --start-from 'a b' --out OUT"
    )


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ({"from_truth": "gaussian", "seed": 5, "sigma": 0.2}, "--points-from-truth gaussian"),
        ({"file": "my points.csv", "sha256": "ab"}, "--points 'my points.csv'"),
    ],
)
def test_the_command_names_the_points(
    tmp_path: Path, points: dict[str, object], words: str
) -> None:
    config = {**CONFIG, "method": "gim", "points": points}
    (run,) = open_runs([write_loso(tmp_path / "run", config=config)])
    assert f"--method gim --preset settings.toml --selection last --seed 5 {words}" in command(run)


def test_a_bar_is_part_of_the_command(tmp_path: Path) -> None:
    (run,) = open_runs([write_loso(tmp_path / "run", config={**CONFIG, "bar": "inner"})])
    assert " --bar inner " in command(run)


def test_commands_stand_as_they_were_typed_and_an_older_run_has_its_own(tmp_path: Path) -> None:
    made = ["fes-offline loso --root 'CAS(ME)2' --folds 1", "fes-offline loso --root 'CAS(ME)2'"]
    new = write_loso(tmp_path / "new", config={**CONFIG, "commands": made})
    old = write_loso(tmp_path / "old")
    assert typed(open_runs([old])[0]) == ()
    codes = Outline(page_of(new, old)).texts["pre"]
    (shown,) = [code for code in codes if "as typed" in code]
    assert shown.splitlines()[1:3] == made
    (other,) = [code for code in codes if code.startswith("# old")]
    assert other.splitlines()[1].startswith("fes-offline loso --data FEATURES")
    assert not any(row and row[0] == "commands" for row in Outline(page_of(new, old)).rows)


def test_the_command_of_a_training_names_its_data(tmp_path: Path) -> None:
    (run,) = open_runs([write_training(tmp_path / "run")])
    assert command(run) == (
        "fes-offline train --method spotformer --preset settings.toml --data simulated=0.5 "
        "--seed 5 --out OUT"
    )


def test_the_command_of_a_training_names_its_video_labels(tmp_path: Path) -> None:
    path = write_training(tmp_path / "run")
    labels = {"file": "my kinds.csv", "sha256": "ab"}
    config = json.loads((path / "config.json").read_text())
    write_json(path / "config.json", {**config, "method": "mc-wes", "video_labels": labels})
    (run,) = open_runs([path])
    assert " --seed 5 --video-labels 'my kinds.csv' --out OUT" in command(run)
    assert ["learns from video labels", "file my kinds.csv, sha256 ab"] in [
        list(row) for row in Outline(page_of(path)).rows
    ]
