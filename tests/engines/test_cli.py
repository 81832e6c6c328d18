import json
from pathlib import Path

import numpy as np
import pytest

from engines import registry
from engines.cli import cli
from engines.console import run_command
from engines.scores import Scores
from engines.selfcheck import write_check
from tests.engines.conftest import OUTPUTS, MakeModel, tiny_answer, tiny_windows


def test_inspect_prints_the_manifest_as_json_on_standard_output(
    make_model: MakeModel, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make_model()
    assert run_command(cli, ["inspect", "--json", str(model.path)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["name"] == "tiny"
    assert shown["input"]["alignment"] == "rigid"
    assert shown["sha256"] == model.sha256


def test_inspect_prints_one_line_per_entry(
    make_model: MakeModel, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(cli, ["inspect", str(make_model().path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "input.nodes: brow, mouth, lids" in lines
    assert "metrics.f1: 0.25" in lines


def test_a_bad_model_is_one_line_on_standard_error_and_exit_code_4(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(cli, ["inspect", str(tmp_path / "none.onnx")]) == 4
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert "no such file" in shown.err


@pytest.mark.parametrize(("shift", "code"), [(0.0, 0), (0.01, 4)])
def test_verify_tells_by_its_exit_code_whether_the_outputs_agree(
    make_model: MakeModel, capsys: pytest.CaptureFixture[str], shift: float, code: int
) -> None:
    model, windows = make_model(), tiny_windows()
    answers = {n: tiny_answer(windows, n) + np.float32(shift) for n in OUTPUTS}
    write_check(model, windows, Scores(answers))
    argv = ["verify", "--backend", "onnxruntime", "--json", str(model.path)]
    assert run_command(cli, argv) == code
    if code == 0:
        assert json.loads(capsys.readouterr().out)["windows"] == len(windows)


def test_verify_with_an_unknown_backend_is_a_usage_error(make_model: MakeModel) -> None:
    model, windows = make_model(), tiny_windows()
    write_check(model, windows, Scores({n: tiny_answer(windows, n) for n in OUTPUTS}))
    assert run_command(cli, ["verify", "--backend", "gpu", str(model.path)]) == 2


def test_list_shows_installed_models_and_why_one_is_unusable(
    make_model: MakeModel, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_model().path.parent
    folder.joinpath("broken.onnx").write_bytes(b"?")
    monkeypatch.setattr(registry, "models_folder", lambda: folder)
    assert run_command(cli, ["list", "--json"]) == 0
    broken, tiny = json.loads(capsys.readouterr().out)
    assert "not an ONNX file" in broken["error"]
    assert tiny["name"] == "tiny"


def test_an_unknown_option_is_a_usage_error() -> None:
    assert run_command(cli, ["list", "--jason"]) == 2


@pytest.mark.parametrize("argv", [["--help"], ["list", "--help"], ["verify", "--help"]])
def test_help_shows_an_example(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(cli, argv) == 0
    assert "Example" in capsys.readouterr().out
