"""Real processes: one killed in mid-recording, one whose disk takes no more."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from engines.errors import SourceError
from realtime.events.telemetry import Telemetry
from realtime.recording.reader import Recorded
from realtime.recording.source import open_recorded
from realtime.types import Frame
from tests.realtime.recording.session_makers import PATIENCE_S, pictures

ROOT = Path(__file__).parents[3]
SCRIPT = Path(__file__).with_name("recording_script.py")


def start(*arguments: str | Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def read_video(folder: Path) -> list[Frame]:
    frames: list[Frame] = []
    with open_recorded(folder) as source:
        try:
            frames.extend(source)
        except SourceError as error:
            if "truncated" not in str(error):
                raise
    return frames


def test_a_kill_loses_at_most_the_last_second_of_events_and_of_video(tmp_path: Path) -> None:
    with start(tmp_path / "s") as process:
        assert process.stdout is not None
        for _ in range(150):
            last, told_s = process.stdout.readline().split()
        process.send_signal(signal.SIGKILL)
        rest = [line.split() for line in process.stdout.read().splitlines() if "." in line]
        assert process.wait(PATIENCE_S) == -signal.SIGKILL
    last, told_s = rest[-1] if rest and len(rest[-1]) == 2 else (last, told_s)
    recorded = Recorded(tmp_path / "s")
    records = list(recorded.records())
    reports = [r.envelope.data for r in records if isinstance(r.envelope.data, Telemetry)]
    assert [report.time_s for report in reports] == [float(n) for n in range(len(reports))]
    killed_s = float(told_s) - recorded.session.started_monotonic_s
    assert records[-1].elapsed_s >= killed_s - 1
    assert recorded.session.summary is None
    frames = read_video(tmp_path / "s")
    assert len(frames) >= len(reports) - 100
    expected = pictures(len(frames))
    assert all(
        (one.image == other.image).all() for one, other in zip(frames, expected, strict=True)
    )
    assert int(last) >= 149


def test_a_process_whose_disk_takes_no_more_says_so_once_and_lives_on(tmp_path: Path) -> None:
    with start(tmp_path / "s", 60_000) as process:
        out, err = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, err
    assert out.endswith("lives on\n")
    assert err.count("the recording has stopped") == 1
    assert "Traceback" not in err
    recorded = Recorded(tmp_path / "s")
    assert recorded.session.summary is not None
    assert recorded.session.summary.failure
    assert len(list(recorded.records())) > 1
    assert len(read_video(tmp_path / "s")) > 1
