from pathlib import Path

import pytest

from engines.console import run_command
from offline.commands.report import report
from tests.offline.report.report_makers import write_loso, write_text, write_training


def test_the_command_writes_one_file_and_prints_its_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, out = write_loso(tmp_path / "run"), tmp_path / "pages" / "report.html"
    assert run_command(report, [str(run), "--out", str(out), "--title", "A < B"]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert [path.name for path in out.parent.iterdir()] == ["report.html"]
    assert "<h1>A &lt; B</h1>" in out.read_text(encoding="utf-8")


def test_several_runs_of_both_sorts_are_one_page(tmp_path: Path) -> None:
    runs = [write_loso(tmp_path / "a"), write_training(tmp_path / "b")]
    out = tmp_path / "report.html"
    assert run_command(report, [*map(str, runs), "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8").count("<html") == 1


def refused(argv: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert run_command(report, argv) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    (line,) = shown.err.splitlines()
    return line


def test_a_folder_that_is_no_run_ends_with_code_2_and_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.html"
    line = refused([str(tmp_path), "--out", str(out)], capsys)
    assert line == f"error: {tmp_path}: not a run folder, it has no config.json"
    assert not out.exists()


def test_a_damaged_run_ends_with_code_2_and_leaves_an_earlier_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, out = write_loso(tmp_path / "run"), tmp_path / "report.html"
    out.write_text("earlier")
    write_text(run / "folds" / "s1" / "scores" / "v1.npz", "no archive")
    assert "v1.npz" in refused([str(run), "--out", str(out)], capsys)
    assert out.read_text() == "earlier"


def test_a_place_that_cannot_be_written_ends_with_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = write_training(tmp_path / "run")
    (tmp_path / "file").write_text("")
    line = refused([str(run), "--out", str(tmp_path / "file" / "report.html")], capsys)
    assert "cannot be written" in line


def test_no_run_is_a_usage_error() -> None:
    assert run_command(report, ["--out", "report.html"]) == 2
