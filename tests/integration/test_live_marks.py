"""``fes-live --marks`` as a user runs it."""

import json
import signal
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest
from websockets.sync.client import connect

from engines.intervals import Kind
from offline.points.points import read_points
from tests.integration.live_runs import command, fes_live

WAIT_S = 120.0


def test_marks_are_on_disk_when_they_are_told_and_a_kill_loses_none(
    film: Path, tmp_path: Path
) -> None:
    path = tmp_path / "marks.csv"
    process = subprocess.Popen(
        command("--source", film, "--pace", "--marks", path, "--port", "0"),
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stderr is not None
        address = next(line for line in process.stderr if line.startswith("dashboard: "))
        url = address.split()[1].replace("http", "ws") + "events"
        told: list[dict[str, float]] = []
        with connect(url, proxy=None) as client:
            while len(told) < 3:
                event = json.loads(client.recv(timeout=WAIT_S))
                if event["type"] == "fes.hello":
                    assert event["data"]["marks"] is True
                if event["type"] == "fes.telemetry":
                    mark = {"type": "fes.mark", "kind": "macro", "time_s": event["data"]["time_s"]}
                    client.send(json.dumps(mark))
                if event["type"] == "fes.mark":
                    told.append(event["data"])
                    # each is in the file before any client hears of it
                    assert len(path.read_text().splitlines()) >= 1 + len(told)
        process.send_signal(signal.SIGKILL)
        process.wait(WAIT_S)
    finally:
        process.kill()
        process.communicate()
    points = read_points(path)
    assert [(p.video, p.frame, p.kind) for p in points][:3] == [
        ("smile", mark["frame"], Kind.MACRO) for mark in told
    ]
    # this film has a frame for each tick
    assert [mark["frame"] for mark in told] == [round(30 * mark["time_s"]) for mark in told]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--marks", "absent/marks.csv"], "cannot write absent/marks.csv"),
        (["--marks", "marks.csv", "--no-serve"], "leave out --no-serve"),
    ],
)
def test_marks_that_cannot_be_are_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], text: str
) -> None:
    cv2.imwrite(str(tmp_path / "1.png"), np.zeros((48, 64, 3), np.uint8))
    done = fes_live("--source", tmp_path, "--port", "0", *options)
    assert done.returncode == 2
    assert done.stderr.startswith("error: --marks")
    assert text in done.stderr
