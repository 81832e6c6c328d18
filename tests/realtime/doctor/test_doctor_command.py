"""``fes-live doctor``, as it is typed."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from engines.console import run_command
from realtime.commands.doctor import doctor

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def wall(tmp_path: Path) -> Path:
    """Four seconds of a wall."""
    for number in range(120):
        cv2.imwrite(str(tmp_path / f"{number:03}.png"), np.full((48, 64, 3), 90, np.uint8))
    return tmp_path


def test_a_picture_without_a_face_is_said_to_have_none(wall: Path, capsys: Captured) -> None:
    assert run_command(doctor, ["--source", str(wall)]) == 0
    shown = capsys.readouterr()
    assert "face     on 0% of ticks" in shown.out
    assert "micro-expressions: cannot be told" in shown.out
    assert "change: a face was seen in 0% of the time" in shown.out
    assert "keep still" in shown.err


def test_json_holds_figures_and_answer(wall: Path, capsys: Captured) -> None:
    assert run_command(doctor, ["--source", str(wall), "--json", "--seconds", "3"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["figures"]["pace"]["rate_hz"] == pytest.approx(30)
    assert told["answer"]["micro"] == "cannot be told"


@pytest.mark.parametrize("given", [[], ["--camera", "0", "--source", "x.mp4"]])
def test_one_source_is_asked_for(given: list[str], capsys: Captured) -> None:
    assert run_command(doctor, given) == 2
    assert "give one source" in capsys.readouterr().err


def test_a_source_that_is_not_there_is_exit_code_3(tmp_path: Path, capsys: Captured) -> None:
    assert run_command(doctor, ["--source", str(tmp_path / "none.mp4")]) == 3
    assert "there is no such file" in capsys.readouterr().err
