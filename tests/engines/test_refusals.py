"""Every kind of bad model, through the commands: one line, exit code 4, nothing executed."""

import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest

from engines.cli import cli as engine_cli
from engines.console import run_command
from realtime.cli import cli as live_cli
from tests.engines import hostile_models as make
from tests.engines.hostile_files import FILES
from tests.engines.hostile_graphs import ELSEWHERE, GRAPHS
from tests.engines.hostile_manifests import MANIFESTS
from tests.engines.hostile_sizes import BOMBS

CASES = FILES | ELSEWHERE | GRAPHS | BOMBS | MANIFESTS


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The test fails where a model reaches ONNX Runtime, or a file that it names is opened."""

    def no_session(*_: object, **__: object) -> None:
        pytest.fail("the model reached ONNX Runtime")

    monkeypatch.setattr(onnxruntime, "InferenceSession", no_session)
    # read by anybody, it would block, and the test would run into its time limit
    os.mkfifo(tmp_path / make.OTHER)
    (tmp_path / "models").mkdir()
    os.mkfifo(tmp_path / "models" / make.OTHER)
    yield
    assert not list(tmp_path.rglob("executed"))


def require_refusal(code: int, shown: "pytest.CaptureResult[str]", path: Path, reason: str) -> None:
    assert code == 4, shown
    assert shown.out == ""
    assert "Traceback" not in shown.err
    errors = [line for line in shown.err.splitlines() if line.startswith("error:")]
    assert len(errors) == 1, shown.err
    assert str(path) in errors[0]
    assert errors[0].isprintable()
    assert len(errors[0]) < len(str(path)) + 500
    assert_matches(errors[0], reason)


def assert_matches(line: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        raise ValueError(line)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("command", ["inspect", "verify"])
@pytest.mark.parametrize("case", CASES)
def test_fes_engine_refuses(
    case: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    maker, reason = CASES[case]
    path = maker(tmp_path / "models")
    code = run_command(engine_cli, [command, str(path)])
    require_refusal(code, capsys.readouterr(), path, reason)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("case", CASES)
def test_fes_live_refuses(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    maker, reason = CASES[case]
    path = maker(tmp_path / "models")
    frames = tmp_path / "frames"
    frames.mkdir()
    cv2.imwrite(str(frames / "0.png"), np.zeros((8, 8, 3), np.uint8))
    code = run_command(live_cli, ["--source", str(frames), "--model", str(path)])
    require_refusal(code, capsys.readouterr(), path, reason)
