import json
from pathlib import Path

import pytest

from engines import registry
from engines.cli import cli
from engines.commands import list as list_module
from engines.console import run_command
from tests.engines.conftest import MakeModel
from tests.engines.tensorrt.plan_makers import make_key, make_plan

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "plans"
    monkeypatch.setenv("FES_PLANS", str(folder))
    return folder


def shown(capsys: Captured) -> dict[str, list[dict[str, object]]]:
    assert run_command(cli, ["list", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_models_are_listed_and_why_one_is_unusable(
    make_model: MakeModel, plans: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model()
    model.path.with_name("broken.onnx").write_bytes(b"?")
    monkeypatch.setattr(registry, "models_folder", lambda: model.path.parent)
    broken, tiny = shown(capsys)["models"]
    assert "not an ONNX file" in str(broken["error"])
    assert (tiny["name"], tiny["version"], tiny["sha256"]) == ("tiny", "1.2.3", model.sha256)


def test_plans_are_listed_with_their_key_and_why_one_is_refused(
    plans: Path, capsys: Captured
) -> None:
    whole = make_plan(plans, b"whole")
    cut = make_plan(plans, b"to be cut", precision="fp32")
    cut.path.write_bytes(b"to be")
    alone = plans / "alone.plan"
    alone.write_bytes(b"?")
    report = shown(capsys)
    assert report["plans_folder"] == str(plans)
    rows = {row["path"]: row for row in report["plans"]}
    assert rows[str(whole.path)]["why_not"] is None
    assert rows[str(whole.path)]["key"] == make_key().to_dict()
    assert rows[str(whole.path)]["bytes"] == len(b"whole")
    assert "5 bytes instead of 9" in str(rows[str(cut.path)]["why_not"])
    assert "side file alone.plan.json" in str(rows[str(alone)]["why_not"])
    assert "key" not in rows[str(alone)]


def test_backends_are_listed_in_order_of_preference_with_what_they_lack(
    plans: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_module, "why_not", {"tensorrt": "not installed"}.get)
    monkeypatch.setattr(list_module, "version_of", {"onnxruntime": "1.2"}.get)
    rows = shown(capsys)["backends"]
    assert [row["name"] for row in rows] == ["tensorrt-rtx", "tensorrt", "onnxruntime"]
    assert rows[0] == {"name": "tensorrt-rtx", "version": None, "usable": True, "why_not": None}
    assert rows[1] == {
        "name": "tensorrt",
        "version": None,
        "usable": False,
        "why_not": "not installed",
    }
    assert (rows[2]["version"], rows[2]["usable"]) == ("1.2", True)


def test_text_says_the_same_and_none_where_there_is_nothing(
    make_model: MakeModel, plans: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model()
    monkeypatch.setattr(registry, "models_folder", lambda: model.path.parent)
    monkeypatch.setattr(list_module, "why_not", {"tensorrt": "not installed"}.get)
    assert run_command(cli, ["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "models:",
        f"  tiny 1.2.3 (mean): {model.path}",
        f"plans in {plans}:",
        "  none",
    ]
    assert any(line.startswith("  tensorrt") and "not usable: not inst" in line for line in lines)

    plan = make_plan(plans, b"x" * 2_000_000)
    make_plan(plans, b"cut", precision="fp32").path.write_bytes(b"")
    assert run_command(cli, ["list"]) == 0
    text = capsys.readouterr().out
    said = "tiny 1.2.3 for SM80, SM86 in fp16, tensorrt-rtx 1.7.1.116, 2.0 MB"
    assert f"{said}: {plan.path}" in text
    assert "not usable: plan" in text
