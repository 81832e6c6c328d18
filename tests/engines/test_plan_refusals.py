"""Every kind of bad plan: never handed to TensorRT, and refused with the reason."""

import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engines.cli import cli
from engines.console import run_command
from engines.errors import ModelError
from engines.tensorrt import store
from engines.tensorrt.distribution import TENSORRT_RTX
from engines.tensorrt.plan import Plan, read_plan
from engines.tensorrt.side import side_path
from engines.tensorrt.store import find_plan
from tests.engines.conftest import MakeModel
from tests.engines.tensorrt.plan_makers import make_key, make_plan

Change = Callable[[Plan], None]
CONTENT = bytes(range(256)) * 8


def truncate(plan: Plan) -> None:
    plan.path.write_bytes(CONTENT[:-1])


def flip(plan: Plan) -> None:
    plan.path.write_bytes(CONTENT[:100] + bytes([CONTENT[100] ^ 1]) + CONTENT[101:])


def lengthen(plan: Plan) -> None:
    plan.path.write_bytes(CONTENT + b"\0")


def empty(plan: Plan) -> None:
    plan.path.write_bytes(b"")


def drop_side(plan: Plan) -> None:
    side_path(plan.path).unlink()


def take_side_of_another(plan: Plan) -> None:
    other = make_plan(plan.path.parent / "other", b"another plan", model_sha256="cd" * 32)
    shutil.copy(side_path(other.path), side_path(plan.path))


def cut_side(plan: Plan) -> None:
    text = side_path(plan.path).read_text()
    side_path(plan.path).write_text(text[: len(text) // 2])


def edited(**changes: object) -> Change:
    def change(plan: Plan) -> None:
        data = json.loads(side_path(plan.path).read_text())
        side_path(plan.path).write_text(json.dumps(data | changes))

    return change


def endless_side(plan: Plan) -> None:
    side_path(plan.path).unlink()
    side_path(plan.path).symlink_to("/dev/zero")


def endless_plan(plan: Plan) -> None:
    plan.path.unlink()
    plan.path.symlink_to("/dev/zero")


DAMAGE: dict[str, tuple[Change, str]] = {
    "a truncated plan": (truncate, "2047 bytes instead of 2048"),
    "a flipped bit": (flip, "hash is not that of its side file"),
    "bytes behind it": (lengthen, "2049 bytes instead of 2048"),
    "an empty plan": (empty, "0 bytes instead of 2048"),
    "no side file": (drop_side, "side file"),
    "the side file of another plan": (take_side_of_another, "2048 bytes instead of 12"),
    "half a side file": (cut_side, "not JSON"),
    "a side file with another layout": (edited(schema=9), "layout 9"),
    "a side file with more in it": (edited(run="this"), "unknown run"),
    "a side file without a key": (edited(key={}), "key lacks"),
    "a name that would clear the terminal": (edited(model="\x1b[2J"), "control characters"),
    "a side file without end": (endless_side, "has no side file|device|pipe"),
    "a plan without end": (endless_plan, "no such file|device|pipe"),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_fes_engine_refuses(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damage, reason = DAMAGE[case]
    plan = make_plan(tmp_path, CONTENT)
    damage(plan)
    assert run_command(cli, ["inspect", str(plan.path)]) == 4
    shown = capsys.readouterr()
    assert shown.out == ""
    (line,) = shown.err.splitlines()
    assert line.startswith("error: ")
    assert str(plan.path) in line
    assert line.isprintable()
    with pytest.raises(ModelError, match=reason):
        read_plan(plan.path)


@pytest.fixture
def key_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "plans"))


@pytest.mark.usefixtures("key_of")
@pytest.mark.parametrize("case", DAMAGE)
def test_a_damaged_plan_is_never_taken_for_running(
    case: str, make_model: MakeModel, tmp_path: Path
) -> None:
    model, wanted = make_model(), make_key()
    plan = make_plan(tmp_path / "plans", CONTENT, model_sha256=model.sha256)
    look = (model, TENSORRT_RTX, wanted.version, wanted.targets[0], wanted.precision)
    assert find_plan(*look) == plan
    DAMAGE[case][0](plan)
    assert find_plan(*look) is None


@pytest.mark.usefixtures("key_of")
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"targets": ("SM75",)}, "built for SM75, not for SM80"),
        ({"version": "1.0"}, "version 1.0 instead of"),
        ({"distribution": "tensorrt"}, "distribution tensorrt instead of tensorrt-rtx"),
        ({"precision": "fp32"}, "precision fp32 instead of fp16"),
    ],
)
def test_a_plan_for_another_gpu_tensorrt_or_precision_is_never_taken_and_the_log_says_why(
    change: dict[str, object],
    why: str,
    make_model: MakeModel,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    model, wanted = make_model(), make_key()
    make_plan(tmp_path / "plans", CONTENT, model_sha256=model.sha256, **change)
    found = find_plan(model, TENSORRT_RTX, wanted.version, wanted.targets[0], wanted.precision)
    assert found is None
    assert why in caplog.text


@pytest.mark.usefixtures("key_of")
def test_a_plan_of_another_model_is_never_taken(make_model: MakeModel, tmp_path: Path) -> None:
    make_plan(tmp_path / "plans", CONTENT, model_sha256="cd" * 32)
    wanted = make_key()
    found = find_plan(
        make_model(), TENSORRT_RTX, wanted.version, wanted.targets[0], wanted.precision
    )
    assert found is None
