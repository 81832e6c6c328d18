"""``fes-offline spot`` and ``extract`` on a rendered film."""

import csv
import json
from pathlib import Path

import pytest

from engines.console import run_command
from engines.intervals import Interval, Kind
from offline.cli import cli
from offline.data.store import load_record
from tests.integration.live_runs import FILM_TICKS


def test_spot_prints_a_table_or_json_of_the_same_expressions(
    film: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run_command(cli, ["spot", str(film)]) == 0
    rows = list(csv.DictReader(capfd.readouterr().out.splitlines()))
    assert run_command(cli, ["spot", "--json", str(film)]) == 0
    (video,) = json.loads(capfd.readouterr().out)
    assert (video["frames"], video["ticks"]) == (FILM_TICKS, FILM_TICKS)
    assert len(rows) == len(video["expressions"]) > 0
    for row, expression in zip(rows, video["expressions"], strict=True):
        assert row["video"] == film.stem
        assert row["kind"] == expression["kind"]
        assert float(row["onset_s"]) == expression["onset_s"]


def test_spot_without_a_video_that_exists_is_a_source_error(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run_command(cli, ["spot", str(tmp_path / "absent.mp4")]) == 3
    assert capfd.readouterr().err.startswith("error: ")


def test_extract_writes_labelled_features_once(film: Path, tmp_path: Path) -> None:
    truth = tmp_path / "labels.csv"
    truth.write_text("video,kind,onset,apex,offset,subject\nsmile,macro,18,33,54,eileen\n")
    arguments = ["extract", str(film), "--truth", str(truth), "--out", str(tmp_path / "features")]
    assert run_command(cli, arguments) == 0
    path = tmp_path / "features" / "smile.npz"
    record = load_record(path)
    assert record.intervals == (Interval(Kind.MACRO, 18, 33, 54),)
    assert record.subject == "eileen"
    assert record.scored.all()
    written = path.stat().st_mtime_ns
    assert run_command(cli, arguments) == 0
    assert path.stat().st_mtime_ns == written


def test_extract_of_nothing_readable_says_so(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.mp4").write_text("no video")
    assert run_command(cli, ["extract", str(tmp_path / "bad.mp4"), "--out", str(tmp_path)]) == 2
    assert "no video could be read" in capfd.readouterr().err
