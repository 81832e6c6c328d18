"""Folders of I3D features where folders of SW-MRO features are read."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from engines.console import run_command
from offline.commands.ablate import ablate
from offline.commands.loso import loso
from offline.commands.report import report
from offline.commands.train import train
from offline.data.store import save_record
from offline.report.run_data import logistic
from offline.snippets.store import load_snippets
from tests.offline.loso.loso_makers import record, write_features
from tests.offline.snippets.snippet_makers import write_i3d

RANDOM = "i3d-random-7"
METHODS = {
    "mc-wes": ["--preset", "mc-wes-casme2"],
    "pwes": ["--preset", "pwes-casme2", "--points-from-truth", "uniform"],
}


NETWORK = (
    "model.attention_width=5", "model.fused_width=7", "training.epochs=1",
    "training.steps_per_epoch=2", "training.plot_every=0",
)  # fmt: skip


def tiny(source: str = "i3d") -> list[str]:
    return sets("snippets.features=6", f"snippets.source={source}", *NETWORK)


def sets(*settings: str) -> list[str]:
    return ["--device", "cpu", *(x for one in settings for x in ("--set", one))]


@pytest.mark.parametrize("method", METHODS)
def test_a_network_is_trained_and_validated_on_them(tmp_path: Path, method: str, capsys) -> None:
    write_i3d(tmp_path / "i3d", source=RANDOM)
    folder = str(tmp_path / "i3d")
    places = ["--data", folder, "--validate", folder, "--out", str(tmp_path / "run")]
    assert run_command(train, [*METHODS[method], *places, *tiny(RANDOM)]) == 0
    (epoch,) = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    assert set(json.loads(epoch)) >= {"total", "val_f1", "val_f1_micro"}
    assert f"RANDOM FEATURES ({RANDOM})" in capsys.readouterr().err
    page = tmp_path / "report.html"
    assert run_command(report, [str(tmp_path / "run"), "--out", str(page)]) == 0
    assert f"run: RANDOM FEATURES ({RANDOM})" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("method", METHODS)
def test_every_subject_is_left_out_and_reported(tmp_path: Path, method: str, capsys) -> None:
    write_i3d(tmp_path / "i3d", times=True)
    places = ["--data", str(tmp_path / "i3d"), "--out", str(tmp_path / "out")]
    arguments = [*METHODS[method], *places, *tiny(), "--bar", "inner"]
    assert run_command(loso, [*arguments, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["data"]["source"] == "i3d"
    assert result["warnings"] == []
    overall = result["evaluation"]["overall"]
    assert overall["tp"] + overall["fn"] == 6
    assert run_command(loso, arguments) == 0
    assert "RANDOM" not in capsys.readouterr().out
    with np.load(tmp_path / "out" / "folds" / "a" / "scores" / "video-a.npz") as kept:
        assert {len(kept[name]) for name in kept.files} == {165}
        assert kept["scored"].sum() == 165 - 8 - 5
    page = tmp_path / "report.html"
    assert run_command(report, [str(tmp_path / "out"), "--out", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "what the network’s classifier reads at snippets of the held-out subject" in text
    assert "Features of held-out snippets" in text
    assert "up to –" not in text
    # an area of the class score and a line of attention for each kind, in each of the timelines
    assert text.count('class="area micro"') >= 3
    assert text.count('class="curve macro apex"') >= 3
    assert "source = &#34;i3d&#34;" in text


def test_random_weights_are_named_in_everything_that_a_run_says(tmp_path: Path, capsys) -> None:
    write_i3d(tmp_path / "i3d", source=RANDOM)
    places = ["--data", str(tmp_path / "i3d"), "--out", str(tmp_path / "out")]
    assert run_command(loso, [*METHODS["mc-wes"], *places, *tiny(RANDOM)]) == 0
    note = f"RANDOM FEATURES ({RANDOM})"
    assert note in capsys.readouterr().out
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert result["data"]["source"] == RANDOM
    assert [line for line in result["warnings"] if line.startswith(note)]
    page = tmp_path / "report.html"
    assert run_command(report, [str(tmp_path / "out"), "--out", str(page)]) == 0
    assert page.read_text(encoding="utf-8").count(f"out: {note}") == 1


def test_ablations_compare_networks_of_both_sorts_of_features(tmp_path: Path, capsys) -> None:
    write_i3d(tmp_path / "data" / "i3d", source=RANDOM)
    presets = {}
    for name, sections in {
        "one": '[snippets]\nsource = "i3d-random-7"\nfeatures = 6\n',
        "two": '[snippets]\nsource = "sw-mro"\nframes = 8\nfeatures = 108\n',
    }.items():
        presets[name] = tmp_path / f"{name}.toml"
        presets[name].write_text('method = "mc-wes"\n' + sections)
    data = ["--data", f"mine={tmp_path / 'data'}", "--out", str(tmp_path / "out")]
    arguments = [
        "--presets",
        ",".join(map(str, presets.values())),
        *data,
        *sets(*NETWORK),
        "--loso",
    ]
    write_features(tmp_path / "data" / "npz", "abc")
    assert run_command(ablate, arguments) == 2
    assert "features for i3d-random-7 and sw-mro have other videos or" in capsys.readouterr().err
    for number, subject in enumerate("abc"):
        made = record(f"video-{subject}", subject, number, quiet=True)
        truth = load_snippets(tmp_path / "data" / "i3d" / f"video-{subject}.i3d").intervals
        made = dataclasses.replace(made, intervals=truth)
        save_record(tmp_path / "data" / "npz" / f"video-{subject}.npz", made)
    assert run_command(ablate, arguments) == 0
    out = capsys.readouterr().out
    assert f"RANDOM FEATURES ({RANDOM})" in out
    assert f"snippets of 8 ticks, {RANDOM}" in out
    assert "snippets of 8 ticks, sw-mro" in out
    assert run_command(ablate, [*arguments, "--json"]) == 0
    cases = json.loads(capsys.readouterr().out)["cases"]
    assert [case["features"] for case in cases] == [RANDOM, "sw-mro"]
    assert [case["subjects_tested"] for case in cases] == [3, 3]


def test_an_ablation_without_folds_tests_some_subjects(tmp_path: Path, capsys) -> None:
    write_i3d(tmp_path / "i3d")
    arguments = ["--presets", "pwes-casme2,mc-wes-casme2", "--data", f"mine={tmp_path / 'i3d'}",
                 "--points-from-truth", "uniform", "--out", str(tmp_path / "out"), *tiny(),
                 "--json"]  # fmt: skip
    assert run_command(ablate, arguments) == 0
    cases = json.loads(capsys.readouterr().out)["cases"]
    assert [(case["method"], case["subjects_tested"]) for case in cases] == [
        ("pwes", 1),
        ("mc-wes", 1),
    ]


def test_loso_does_not_measure_i3d_itself(tmp_path: Path, capsys) -> None:
    places = ["--dataset", "casme2", "--root", str(tmp_path), "--out", str(tmp_path / "out")]
    assert run_command(loso, [*places, *METHODS["mc-wes"], *tiny()]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "extract --source i3d --out DIR first, then give --data DIR" in line
    assert not (tmp_path / "out").exists()


def test_features_of_other_weights_end_a_command_in_one_line(tmp_path: Path, capsys) -> None:
    write_i3d(tmp_path / "i3d", source=RANDOM)
    places = ["--data", str(tmp_path / "i3d"), "--out", str(tmp_path / "out")]
    assert run_command(loso, [*METHODS["mc-wes"], *places, *tiny()]) == 2
    (line,) = (one for one in capsys.readouterr().err.splitlines() if one.startswith("error"))
    assert f"holds features of {RANDOM}, and the network reads i3d" in line


def test_logits_are_drawn_as_their_logistic_function() -> None:
    found = logistic(np.array([-200, 0, np.log(3), 200, np.nan], np.float32))
    np.testing.assert_allclose(found[:4], [0, 0.5, 0.75, 1], atol=1e-6)
    assert np.isnan(found[4])
    assert found.dtype == np.float32
