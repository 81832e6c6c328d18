import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from engines.console import run_command
from offline.commands.dataset import dataset
from offline.datasets.catalog import NAMES
from tests.offline.datasets.dataset_makers import (
    casme2_row,
    samm_row,
    write_casme2,
    write_frames,
    write_samm,
)


def check(*arguments: object) -> int:
    return run_command(dataset, ["check", *(str(argument) for argument in arguments)])


@pytest.fixture
def casme2(tmp_path: Path) -> Path:
    rows = [
        casme2_row(offset=0),
        casme2_row(video="disgust1_2", onset=9, apex=10, offset=11, kind="micro-expression"),
        casme2_row(video="disgust1_3", onset=9, apex=2, offset=12),
        casme2_row(video="joy1_1"),
        casme2_row(2, "anger1_1"),
    ]
    write_casme2(tmp_path, rows)
    write_frames(tmp_path / "rawpic" / "s15" / "15_0101a", 12)
    write_frames(tmp_path / "rawpic" / "s15" / "15_0402b", 12)
    return tmp_path


def test_json_has_every_count_and_every_finding(
    casme2: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check("casme2", "--root", casme2, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["counts"] == {
        "macro": 3, "micro": 1, "ignored": 0, "subjects": 2, "videos": 3,
        "videos_with_instances": 2, "videos_without_instances": 1, "missing": 1, "rejected": 1,
        "mended": 1, "rounded": 0,
    }  # fmt: skip
    assert document["imputed"] == {"2apex-onset": 1}
    assert document["published"]["macro"] == {"least": 300, "most": 300, "differs": True}
    assert document["missing"][0]["where"] == "16_0502"
    assert document["rejected"][0]["where"] == "CASFEcode_final row 4"
    assert [video["name"] for video in document["videos"]] == ["15_0101", "15_0402", "16_0502"]
    assert (document["videos"][0]["macro"], document["videos"][0]["micro"]) == (2, 1)


def test_the_table_shows_published_counts_and_what_differs(
    casme2: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check("casme2", "--root", casme2) == 0
    out = capsys.readouterr().out
    lines = {line.strip().split("  ")[0]: line for line in out.splitlines()}
    assert lines["macro"].split() == ["macro", "3", "published", "300", "differs"]
    assert lines["offsets imputed"].split() == ["offsets", "imputed", "1", "by", "2apex-onset"]
    assert "missing: 16_0502: no folder" in out
    assert "rejected: CASFEcode_final row 4: video 'joy1_1' is not in naming rule2" in out
    assert "mended: CASFEcode_final row 3: 15_0101: apex 2 is outside" in out


def samm_rows() -> list[tuple[object, ...]]:
    """Return 343 macro and 159 micro in 147 videos of 30 people, the published counts."""
    rows = []
    for n in range(502):
        video, kind = n % 147, "Macro" if n < 343 else "Micro - 1/2"
        name, subject = f"{video % 30 + 6:03d}_{video // 30 + 1}", video % 30 + 6
        rows.append(samm_row(f"{name}_{n}", 10 * n + 1, -1, 10 * n + 5, kind, subject))
    return rows


def test_nothing_differs_where_the_counts_are_the_published_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_samm(tmp_path, samm_rows())
    assert check("samm-lv", "--root", tmp_path) == 0
    out = capsys.readouterr().out
    assert out.count("published") == 4
    assert "  differs" not in out
    assert "missing: and 127 more; --json lists them all" in out


def test_the_rule_of_imputation_can_be_chosen(
    casme2: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check("casme2", "--root", casme2, "--impute", "reject", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["imputed"] == {}
    assert document["rejected"][1]["reason"] == "15_0101: offset is missing"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("casme2", "--root", "absent"), "not a folder"),
        (("casme2", "--root", "."), "--annotations FILE"),
        (("casme2", "--root", ".", "--annotations", "absent.xlsx"), "absent.xlsx: cannot be read"),
        (("casme9", "--root", "."), "casme9"),
        (("folder", "--root", ".", "--rate", "0"), "rate"),
        (("folder", "--root", ".", "--first-frame", "2"), "2"),
        (("folder", "--root", ".", "--impute", "guess"), "guess"),
        (("folder",), "--root"),
    ],
)
def test_what_cannot_be_read_ends_with_exit_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...], reason: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert check(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert reason in err
    assert "Traceback" not in err


def test_help_names_the_datasets_and_shows_examples() -> None:
    text = CliRunner().invoke(dataset, ["check", "--help"]).output
    assert all(name in text for name in NAMES)
    assert "fes-offline dataset check casme2" in text


def test_what_is_assumed_of_frames_is_printed_with_the_option_that_overrides_it(
    casme2: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, first in (((), "1 assumed (--first-frame)"),
                             (("--first-frame", 0), "0 given by --first-frame")):  # fmt: skip
        assert check("casme2", "--root", casme2, *arguments) == 0
        lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
        assert f"first frame {first}" in lines
        assert "images, Hz 30 assumed (--rate)" in lines


def test_json_has_how_it_was_read_and_every_instance_in_frames_and_seconds(
    casme2: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check("casme2", "--root", casme2, "--rate", 60, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["read"] == {
        "first_frame": 1, "rate_hz": 60.0, "impute": "2apex-onset", "every": 1,
        "assumed": ["first_frame"],
    }  # fmt: skip
    first = document["videos"][0]["instances"][0]
    assert first == {
        "where": "CASFEcode_final row 1", "kind": "macro", "onset": 2, "apex": 4, "offset": 6,
        "onset_s": 2 / 60, "apex_s": 4 / 60, "offset_s": 6 / 60, "imputed": "2apex-onset",
    }  # fmt: skip


def test_notes_beyond_the_first_twenty_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_samm(tmp_path, [samm_row(onset=1, apex=1, offset=2)])
    for n in range(25):
        folder = write_frames(tmp_path / "SAMM_longvideos" / f"006_{n + 1}", 3)
        (folder / "img2.png").unlink()
    assert check("samm-lv", "--root", tmp_path) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("note: ") for line in lines) == 21
    assert lines[-1] == "note: and 5 more; --json lists them all"
