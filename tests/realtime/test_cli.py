"""The options of ``fes-live``, before anything runs."""

import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from engines.console import run_command
from engines.registry import BACKENDS
from realtime import cli, live
from realtime.flow.extractor import FLOWS
from realtime.live import LiveOptions
from realtime.service import server
from tests.realtime.sources.source_videos import pictures

ROOT = Path(__file__).parents[2]
HEAVY = ("numpy", "cv2", "numba", "onnx", "onnxruntime", "av", "mediapipe", "websockets")


def test_the_names_it_shows_are_those_that_there_are() -> None:
    assert cli.BACKENDS == BACKENDS
    assert sorted(cli.FLOWS) == sorted(FLOWS)
    assert cli.DEFAULT_PORT == server.DEFAULT_PORT


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
