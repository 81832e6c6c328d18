import json
from pathlib import Path

import pytest

from engines.cli import cli
from engines.commands.inspect import describe_graph, flatten
from engines.console import run_command
from tests.engines.check_makers import SLOPES, decodable, store
from tests.engines.conftest import MakeModel
from tests.engines.tensorrt.plan_makers import make_key, make_plan

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "plans"
    monkeypatch.setenv("FES_PLANS", str(folder))
    return folder


def test_the_manifest_is_printed_as_json_on_standard_output(
    make_model: MakeModel, capsys: Captured
) -> None:
    model = make_model()
    assert run_command(cli, ["inspect", "--json", str(model.path)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["name"] == "tiny"
    assert shown["input"]["alignment"] == "rigid"
    assert shown["sha256"] == model.sha256
    assert (shown["check"], shown["plans"]) == (False, [])


def test_the_graph_is_described_by_size_parameters_and_operators(make_model: MakeModel) -> None:
    model = decodable(make_model)
    count = len(SLOPES)
    assert describe_graph(model.content) == {
        "bytes": model.path.stat().st_size,
        "opset": 17,
        "parameters": count,
        "nodes": 2 * count + 1,
        "operators": {"Mul": count, "Sigmoid": count, "ReduceMean": 1},
    }


def test_plans_of_the_model_in_the_folder_of_plans_are_listed_and_no_others(
    make_model: MakeModel, plans: Path, capsys: Captured
) -> None:
    model = decodable(make_model)
    store(model)
    make_plan(model.path.parent, model_sha256=model.sha256)
    kept = make_plan(plans, model_sha256=model.sha256, precision="fp32")
    make_plan(plans, b"of another model")
    assert run_command(cli, ["inspect", "--json", str(model.path)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert {row["path"] for row in shown["plans"]} == {str(kept.path)}
    assert shown["check"] is True


def test_text_has_one_line_per_entry(make_model: MakeModel, plans: Path, capsys: Captured) -> None:
    model = make_model()
    plan = make_plan(plans, model_sha256=model.sha256)
    assert run_command(cli, ["inspect", str(model.path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "input.nodes: brow, mouth, lids" in lines
    assert "metrics.f1: 0.25" in lines
    assert "graph.parameters: 2" in lines
    assert f"plans.0.path: {plan.path}" in lines
    assert "plans.0.key.targets: SM80, SM86" in lines


def test_a_plan_is_shown_by_its_key(plans: Path, capsys: Captured) -> None:
    plan = make_plan(plans, b"compiled")
    assert run_command(cli, ["inspect", "--json", str(plan.path)]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "path": str(plan.path),
        "bytes": len(b"compiled"),
        "key": make_key().to_dict(),
    }


def test_what_cannot_be_read_is_one_line_on_standard_error_and_exit_code_4(
    tmp_path: Path, plans: Path, capsys: Captured
) -> None:
    cut = make_plan(plans, b"compiled").path
    cut.write_bytes(b"comp")
    for path, said in (
        (tmp_path / "none.onnx", "no such file"),
        (tmp_path / "none.plan", "none.plan"),
        (cut, "4 bytes instead of 8"),
    ):
        assert run_command(cli, ["inspect", str(path)]) == 4
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.count("\n") == 1
        assert said in shown.err


def test_nested_tables_flatten_to_dotted_rows() -> None:
    table = {"a": {"b": 1, "c": {}}, "d": ["x", "y"], "e": [], "f": [{"g": 2}, 3]}
    assert flatten(table) == [
        ("a.b", 1),
        ("d", "x, y"),
        ("e", ""),
        ("f.0.g", 2),
        ("f.1", 3),
    ]
