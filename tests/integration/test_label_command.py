"""``fes-offline label`` as a user runs it: it ends when told to, and loses nothing if killed."""

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from engines.console import run_command
from engines.intervals import Kind
from offline.cli import cli
from offline.data.extraction import ExtractionOptions, extract_path
from offline.points.points import Point, read_points
from realtime.live import LiveOptions, load
from realtime.types import NODES, RATE_HZ
from tests.integration.live_runs import FILM_TICKS
from tests.offline.labelling.labelling_makers import hear, say, wait_until_read, write_numbered

TIMEOUT_S = 120.0


@contextmanager
def label(*arguments: str | Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Run the command; give the process and the address of its page's connection."""
    start = "from offline.cli import main; main()"
    options = [*map(str, arguments), "--no-browser", "--port", "0"]
    process = subprocess.Popen(
        [sys.executable, "-c", start, "label", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert line.startswith("label: http://127.0.0.1:"), line
        yield process, line.split()[1].replace("http", "ws") + "label"
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("seed", range(3))
def test_a_process_that_is_killed_amid_marks_loses_none_that_it_confirmed(
    tmp_path: Path, seed: int
) -> None:
    video, out = write_numbered(tmp_path / "a.mp4", 300), tmp_path / "points.csv"
    out.write_text("video,frame,kind\nolder,5,macro\n")
    confirmed: list[list[object]] = []
    asked = 0
    with label(video, "--out", out, "--no-scores") as (process, address):
        with connect(address, proxy=None) as client:
            wait_until_read(client)
            moment = time.monotonic() + random.Random(seed).uniform(0.02, 0.3)
            try:
                while asked < 300:
                    say(client, type="mark", video=0, frame=asked, kind="micro")
                    asked += 1
                    if time.monotonic() > moment:
                        process.send_signal(signal.SIGKILL)
                    confirmed = list(hear(client, "points")["points"])  # type: ignore[call-overload]
            except ConnectionClosed:
                pass
        process.kill()
        assert process.wait(TIMEOUT_S) == -signal.SIGKILL
    points = read_points(out)
    assert points[0] == Point("older", 5, Kind.MACRO)
    frames = [point.frame for point in points[1:]]
    assert frames == list(range(len(frames)))
    # the last one may have been written and not yet confirmed
    assert len(confirmed) <= len(frames) <= asked
    assert confirmed


def test_after_a_kill_the_next_session_goes_on_where_the_first_was(tmp_path: Path) -> None:
    video, out = write_numbered(tmp_path / "a.mp4", 30), tmp_path / "points.csv"
    partial = tmp_path / ".points.csv.0badcafe.partial"
    partial.write_text("video,fra")
    for frame in (3, 9):
        with label(video, "--out", out, "--no-scores") as (process, address):
            with connect(address, proxy=None) as client:
                wait_until_read(client)
                say(client, type="mark", video=0, frame=frame, kind="macro")
                hear(client, "points")
            process.send_signal(signal.SIGKILL)
    assert read_points(out) == [Point("a", 3, Kind.MACRO), Point("a", 9, Kind.MACRO)]
    assert not partial.exists()


def test_ctrl_c_ends_it_with_a_count_and_exit_code_130(tmp_path: Path) -> None:
    video, out = write_numbered(tmp_path / "a.mp4", 30), tmp_path / "points.csv"
    with (
        label(video, "--out", out, "--no-scores") as (process, address),
        connect(address, proxy=None) as client,
    ):
        wait_until_read(client)
        say(client, type="mark", video=0, frame=4, kind="macro")
        hear(client, "points")
        process.send_signal(signal.SIGINT)
        shown, _ = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode == 130
    assert shown == f"{out}: 1 points (0 micro, 1 macro) in 1 videos\n"


def test_a_file_is_labelled_by_one_session_at_a_time(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    video, out = write_numbered(tmp_path / "a.mp4", 5), tmp_path / "points.csv"
    arguments = [str(video), "--out", str(out), "--no-scores", "--no-browser", "--port", "0"]
    with label(video, "--out", out, "--no-scores"):
        assert run_command(cli, ["label", *arguments]) == 2
    assert "is being labelled by another fes-offline label" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["absent.mp4", "--out", "p.csv"], 3, "no such file"),
        (["a.mp4", "--out", "p.csv", "--model", "text.onnx"], 4, "text.onnx"),
        (["a.mp4", "--out", "bad.csv"], 2, "bad.csv: has no column video"),
        (["a.mp4"], 2, "--out"),
        (["a.mp4", "--out", "a.mp4/p.csv"], 2, "choose another place"),
    ],
)
def test_what_cannot_be_labelled_is_one_line_and_an_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str],
    arguments: list[str], code: int, text: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    write_numbered(tmp_path / "a.mp4", 5)
    (tmp_path / "text.onnx").write_text("no model")
    (tmp_path / "bad.csv").write_text("name,frame,kind\n")
    options = ["--no-browser", "--port", "0", "--no-scores"]
    assert run_command(cli, ["label", *arguments, *options]) == code
    assert text in capfd.readouterr().err


def test_the_curves_are_the_model_s_scores_of_the_features_that_train_it(
    film: Path, tmp_path: Path
) -> None:
    curves: dict[str, list[float]] = {"macro": [], "micro": []}
    times_s: list[float] = []
    with (
        label(film, "--out", tmp_path / "points.csv") as (_, address),
        connect(address, proxy=None) as client,
    ):
        say(client, type="watch", video=0)
        stage = ""
        while stage not in ("done", "failed"):
            news = json.loads(json.dumps(hear(client, "scores")))
            stage = news["stage"]
            times_s += news["times"]
            for name, values in news["curves"].items():
                curves[name] += values
    assert stage == "done"
    assert times_s == pytest.approx([tick / RATE_HZ for tick in range(FILM_TICKS)], abs=1e-4)
    windows = extract_path(film, ExtractionOptions()).windows
    model, backend = load(LiveOptions())
    with backend:
        nodes = [NODES.index(node) for node in model.manifest.input.nodes]
        scores = backend.run(np.stack([windows[t][:, nodes] for t in range(FILM_TICKS)]))
    for name, values in curves.items():
        assert values == pytest.approx(scores.values[f"{name}_apex"].tolist(), abs=1e-3)
