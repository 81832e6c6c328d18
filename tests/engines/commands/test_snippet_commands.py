"""``fes-engine`` with a model that reads snippets."""

import json
from pathlib import Path

import pytest

from engines.cli import cli
from engines.commands.build import build
from engines.console import run_command
from engines.contracts import MOST_ROWS
from tests.engines.conftest import MakeModel
from tests.engines.snippet_model_makers import (
    OUTPUTS,
    moving,
    store_snippet_check,
    write_snippet_model,
)
from tests.engines.tensorrt.plan_makers import needs_rtx

Captured = pytest.CaptureFixture[str]


def test_inspect_shows_the_contract_of_snippets(tmp_path: Path, capsys: Captured) -> None:
    model = write_snippet_model(tmp_path)
    assert run_command(cli, ["inspect", "--json", str(model.path)]) == 0
    shown = json.loads(capsys.readouterr().out)["input"]
    assert (shown["kind"], shown["source"], shown["features"]) == ("snippets", "sw-mro", 6)
    assert (shown["frames"], shown["rate_hz"], shown["windows"]["window"]) == (8, 30.0, 17)
    assert run_command(cli, ["inspect", str(model.path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "input.source: sw-mro" in lines
    assert "input.windows.alignment: rigid" in lines


def test_verify_compares_videos_and_their_events(tmp_path: Path, capsys: Captured) -> None:
    model = write_snippet_model(tmp_path)
    store_snippet_check(model)
    argv = ["verify", "--backend", "onnxruntime", "--json", str(model.path)]
    assert run_command(cli, argv) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["windows"] == 45 + len(moving())
    assert set(shown["differences"]) == set(OUTPUTS)
    assert [event["kind"] for event in shown["events"]] == ["macro", "micro"]
    store_snippet_check(model, 0.5)
    assert run_command(cli, argv) == 4


def test_benchmark_measures_videos_of_several_lengths(tmp_path: Path, capsys: Captured) -> None:
    model = write_snippet_model(tmp_path)
    argv = ["benchmark", "--backend", "onnxruntime", "--batch", "1,250", "--seconds", "0.01"]
    assert run_command(cli, [*argv, "--json", str(model.path)]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["batch"] for row in rows] == [1, 250]
    assert all(row["calls"] > 0 for row in rows)


@needs_rtx
@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_a_real_plan_is_built_with_its_free_time_axis(
    tmp_path: Path, capsys: Captured, precision: str
) -> None:
    model = write_snippet_model(tmp_path)
    store_snippet_check(model)
    options = ["--target", "SM86", "--precision", precision, "--json", "--out", str(tmp_path)]
    assert run_command(build, [*options, str(model.path)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["key"]["batch"] == {"least": 1, "usual": 256, "most": MOST_ROWS}


def test_more_windows_than_a_plan_may_take_is_a_usage_error(
    tmp_path: Path, make_model: MakeModel, capsys: Captured
) -> None:
    model = make_model()
    code = run_command(build, ["--max-batch", "1025", "--out", str(tmp_path), str(model.path)])
    assert code == 2
    assert "--max-batch 1025: at most 1024 windows in one call" in capsys.readouterr().err
