"""The options of ``fes-live``, before anything runs."""

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import pytest

from engines.console import run_command
from engines.registry import BACKENDS
from realtime import cli, live
from realtime.commands import serving
from realtime.flow.extractor import FLOWS
from realtime.live import LiveOptions
from realtime.service import server
from realtime.sources import open as sources
from realtime.sources.base import Source
from realtime.sources.latest import LOST_S
from tests.realtime.sources.source_videos import pictures

ROOT = Path(__file__).parents[2]
HEAVY = ("numpy", "cv2", "numba", "onnx", "onnxruntime", "av", "mediapipe", "websockets")


def test_the_names_it_shows_are_those_that_there_are() -> None:
    assert cli.BACKENDS == BACKENDS
    assert sorted(cli.FLOWS) == sorted(FLOWS)
    assert serving.DEFAULT_PORT == server.DEFAULT_PORT


def test_help_loads_nothing_that_it_does_not_show() -> None:
    code = (
        "import sys, runpy; sys.argv = ['fes-live', '--help']\n"
        "from realtime.cli import main\n"
        "try: main()\n"
        f"finally: print([n for n in {HEAVY} if n in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "--camera" in done.stdout
    assert done.stderr.strip() == "[]"


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[LiveOptions]:
    """What runs are asked for; the folder of pictures is read by none."""
    cv2.imwrite(str(tmp_path / "1.png"), pictures(1)[0])
    asked: list[LiveOptions] = []

    def run(source: object, options: LiveOptions, *_: object, **__: object) -> bool:
        asked.append(options)
        return True

    monkeypatch.setattr(live, "run", run)
    return asked


@pytest.mark.parametrize(("arguments", "threads"), [([], 1), (["--threads", "3"], 3)])
def test_threads_are_one_unless_asked_for(
    options: list[LiveOptions], tmp_path: Path, arguments: list[str], threads: int
) -> None:
    assert run_command(cli.cli, ["--source", str(tmp_path), *arguments]) == 0
    assert [one.threads for one in options] == [threads]


@pytest.mark.parametrize("threads", ["0", "-1", "two"])
def test_no_threads_are_a_usage_error(
    options: list[LiveOptions], tmp_path: Path, threads: str
) -> None:
    assert run_command(cli.cli, ["--source", str(tmp_path), "--threads", threads]) == 2
    assert options == []


@pytest.mark.parametrize(("arguments", "faces"), [([], 1), (["--max-faces", "4"], 4)])
def test_one_face_is_followed_unless_more_are_asked_for(
    options: list[LiveOptions], tmp_path: Path, arguments: list[str], faces: int
) -> None:
    assert run_command(cli.cli, ["--source", str(tmp_path), *arguments]) == 0
    assert [one.max_faces for one in options] == [faces]


@pytest.mark.parametrize(
    "arguments", [["--max-faces", "0"], ["--max-faces", "-1"], ["--patience", "-1"],
                  ["--patience", "long"], ["--patience", "nan"]],
)  # fmt: skip
def test_what_no_number_of_faces_or_seconds_can_be_is_a_usage_error(
    options: list[LiveOptions], tmp_path: Path, arguments: list[str]
) -> None:
    assert run_command(cli.cli, ["--source", str(tmp_path), *arguments]) == 2
    assert options == []


@pytest.mark.parametrize(
    ("arguments", "patience_s"), [([], LOST_S), (["--patience", "inf"], math.inf)]
)
def test_patience_reaches_the_sources(
    options: list[LiveOptions],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    arguments: list[str],
    patience_s: float,
) -> None:
    asked: list[float] = []
    whole = sources.open_all

    def opened(*given: Any) -> list[Source]:
        asked.append(given[-1])
        return whole(*given)

    monkeypatch.setattr(sources, "open_all", opened)
    assert run_command(cli.cli, ["--source", str(tmp_path), *arguments]) == 0
    assert asked == [patience_s]
    assert len(options) == 1
