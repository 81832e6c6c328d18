import json
from pathlib import Path

import pytest

from engines.console import run_command
from engines.intervals import Kind
from offline.cli import cli
from offline.points.points import Point, read_points

TRUTH = (
    "subject,video,onset,apex,offset,kind\n"
    "s1,a,10,15,20,micro\ns1,a,40,60,90,macro\ns2,b,5,,30,macro\ns2,b,50,,60,ignore\n"
)


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    path = tmp_path / "truth.csv"
    path.write_text(TRUTH)
    return path


def test_points_are_written_and_counted(
    truth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "points.csv"
    assert run_command(cli, ["points", "--truth", str(truth), "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "3 points for 3 instances (1 micro, 2 macro) in 2 videos" in shown
    assert "gaussian, sigma 0.1667 of the length, seed 0; 1 ignored labels have none" in shown
    assert [(p.video, p.kind) for p in read_points(out)] == [
        ("a", Kind.MICRO), ("a", Kind.MACRO), ("b", Kind.MACRO),
    ]  # fmt: skip


def test_json_has_the_counts(
    truth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "points.csv"
    options = ["--truth", str(truth), "--out", str(out), "--how", "apex", "--json"]
    assert run_command(cli, ["points", *options]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["points"], found["micro"], found["macro"], found["ignored"]) == (3, 1, 2, 1)
    assert read_points(out)[0] == Point("a", 15, Kind.MICRO)


def test_a_file_that_is_there_is_replaced_only_when_that_is_said(
    truth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "points.csv"
    out.write_text("by hand")
    options = ["points", "--truth", str(truth), "--out", str(out)]
    assert run_command(cli, options) == 2
    assert "--force" in capsys.readouterr().err
    assert out.read_text() == "by hand"
    assert run_command(cli, [*options, "--force"]) == 0
    assert len(read_points(out)) == 3


def test_a_bad_label_is_named(
    truth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth.write_text(TRUTH + "s1,a,30,,20,micro\n")
    out = tmp_path / "points.csv"
    assert run_command(cli, ["points", "--truth", str(truth), "--out", str(out)]) == 2
    assert "line 6: onset 30 is after offset 20" in capsys.readouterr().err
    assert not out.exists()
