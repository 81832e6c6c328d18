"""``fes-offline extract`` over several videos."""

import json
from pathlib import Path

import numpy as np
import pytest

from engines.console import run_command
from offline.cli import cli
from offline.data.store import load_folder
from tests.realtime.flow.film_files import write_film
from tests.realtime.flow.flow_makers import film


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    images = [shot.image for shot in film([], 12)]
    out = tmp_path / "videos"
    out.mkdir()
    write_film(out / "a.mkv", images)
    write_film(out / "empty.mkv", [np.zeros_like(images[0])] * 12)
    (out / "bad.mp4").write_text("no video")
    (out / "truth.csv").write_text("video,kind,onset,apex,offset,subject\na,micro,2,4,40,anna\n")
    return out


def test_the_summary_tells_what_became_of_every_video(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "features"
    arguments = ["extract", str(folder), "--out", str(out), "--workers", "2", "--json"]
    assert run_command(cli, arguments) == 0
    stdout, stderr = capfd.readouterr()
    document = json.loads(stdout)
    assert (document["videos"], document["extracted"], document["present"]) == (3, 2, 0)
    (failed,) = document["failed"]
    assert failed["video"] == "bad"
    assert "bad.mp4" in failed["reason"]
    assert document["face_lost"] == [{"video": "empty", "ticks": 12, "share": 1.0}]
    assert document["rejected_labels"] == [
        "a: micro label at frames 2 to 40, but the video has 12 frames"
    ]
    assert json.loads(document["settings"])["alignment"] == "rigid"
    assert "empty: no face in 100.0% of it" in stderr
    assert "2 of 3 videos" in stderr
    assert [(r.name, r.subject, int(r.scored.sum())) for r in load_folder(out)] == [
        ("a", "anna", 12), ("empty", "empty", 0)
    ]  # fmt: skip
    assert run_command(cli, arguments) == 0
    again = json.loads(capfd.readouterr().out)
    assert (again["extracted"], again["present"]) == (0, 2)
    assert again["face_lost"] == document["face_lost"]


def test_another_window_is_measured_and_one_that_cannot_be_is_refused(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "features"
    arguments = ["extract", str(folder / "a.mkv"), "--out", str(out), "--window"]
    assert run_command(cli, [*arguments, "8"]) == 2
    error = capfd.readouterr().err.strip()
    assert error == "error: --window: the ticks of a window must be odd, from 5 to 33, not 8"
    assert not out.exists()
    assert run_command(cli, [*arguments, "9", "--json"]) == 0
    assert json.loads(json.loads(capfd.readouterr().out)["settings"])["window"] == 9
    (record,) = load_folder(out, 9)
    assert record.features.shape[:2] == (12, 9)
    train = ["train", "--data", str(out), "--out", str(tmp_path / "run")]
    assert run_command(cli, train) == 2
    assert "windows of 9 ticks, not of 17; extract again with --window 17" in (
        capfd.readouterr().err
    )
