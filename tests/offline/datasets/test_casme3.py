from pathlib import Path

import pytest

from engines.errors import UsageError
from engines.intervals import Kind
from offline.datasets.catalog import load_dataset
from offline.datasets.options import DatasetOptions
from tests.offline.datasets.dataset_makers import (
    CASME3_HEADER,
    casme3_row,
    casme3_sheets,
    write_casme3,
    write_frames,
    write_xls,
)

DEEP = Path("part_A", "data", "part_A")


def test_a_row_of_the_old_workbook_leads_to_the_colour_frames(tmp_path: Path) -> None:
    write_casme3(tmp_path, [casme3_row(), casme3_row(kind="Micro-expression", onset=4)])
    frames = write_frames(tmp_path / DEEP / "spNO.1" / "a" / "color", 12)
    write_frames(tmp_path / DEEP / "spNO.1" / "a" / "depth", 12)
    dataset = load_dataset("casme3", tmp_path)
    (video,) = dataset.videos
    assert (video.subject, video.name, video.source) == ("spNO.1", "spNO.1_a", frames)
    assert (video.fps, video.frames) == (30.0, 12)
    assert [(one.kind, one.onset) for one in video.instances] == [
        (Kind.MACRO, 2), (Kind.MICRO, 3),
    ]  # fmt: skip


def test_blinks_are_not_truth(tmp_path: Path) -> None:
    dataset = load_dataset("casme3", write_casme3(tmp_path, [casme3_row()]))
    assert [one.onset for video in dataset.videos for one in video.instances] == [2]


def test_parts_b_and_c_are_other_datasets(tmp_path: Path) -> None:
    write_casme3(tmp_path, [casme3_row()])
    write_frames(tmp_path / "part_B" / "spNO.9" / "a" / "color", 9)
    write_frames(tmp_path / DEEP / "spNO.1" / "a" / "color", 9)
    assert load_dataset("casme3", tmp_path).subjects == ("spNO.1",)


@pytest.mark.parametrize("root", ["", "part_A"])
def test_names_in_any_case_and_roots_at_any_level_are_known(tmp_path: Path, root: str) -> None:
    write_casme3(tmp_path, [casme3_row("SPNO.1", "A")])
    frames = write_frames(tmp_path / DEEP / "spno.1" / "A" / "Color", 9)
    (video,) = load_dataset("casme3", tmp_path / root).videos
    assert (video.subject, video.name, video.source) == ("spNO.1", "spNO.1_a", frames)


def test_unlabelled_videos_stay_and_a_letter_without_colour_is_told(tmp_path: Path) -> None:
    write_casme3(tmp_path, [casme3_row()])
    for place in ("spNO.1/a/color", "spNO.1/b/color", "spNO.2/a/color", "spNO.2/b/depth"):
        write_frames(tmp_path / DEEP / place, 9)
    dataset = load_dataset("casme3", tmp_path)
    assert [video.name for video in dataset.videos] == ["spNO.1_a", "spNO.1_b", "spNO.2_a"]
    assert dataset.notes == (f"{DEEP / 'spNO.2' / 'b'}: has no folder color, not read",)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (casme3_row("NO.1"), "subject 'NO.1' is no spNO.number"),
        (casme3_row(None), "subject is empty"),
        (casme3_row(video=None), "file name is empty"),
        (casme3_row(onset=20), "spNO.1_a: onset 20 is after offset 8"),
        (casme3_row(kind="Macro/Micro"), "spNO.1_a: kind 'Macro/Micro' is neither"),
    ],
)
def test_a_row_that_cannot_be_right_is_rejected_by_name(
    tmp_path: Path, row: tuple[object, ...], reason: str
) -> None:
    write_casme3(tmp_path, [casme3_row(), row])
    (finding,) = load_dataset("casme3", tmp_path).rejected
    assert finding.where == "AU+Emotion row 3"
    assert finding.reason.startswith(reason)


def test_a_changed_header_names_the_missing_column(tmp_path: Path) -> None:
    header = [name.replace("Expression type", "Class") for name in CASME3_HEADER]
    write_xls(tmp_path / "CAS(ME)3_part_A_v2.xls", casme3_sheets([casme3_row()], header))
    with pytest.raises(UsageError, match="row 1 has no column Expression type"):
        load_dataset("casme3", tmp_path)


def test_frames_count_from_1_unless_asked_otherwise_and_a_row_at_0_says_how(
    tmp_path: Path,
) -> None:
    write_casme3(tmp_path, [casme3_row(onset=0, apex=2, offset=5), casme3_row()])
    write_frames(tmp_path / DEEP / "spNO.1" / "a" / "color", 12, "", first=0)
    dataset = load_dataset("casme3", tmp_path)
    assert dataset.reading.counting.first_frame == 1
    assert "first_frame" in dataset.reading.assumed
    (finding,) = dataset.rejected
    assert finding.reason.endswith("--first-frame 0 if the table counts from 0")
    (note,) = dataset.notes
    assert "give --first-frame 0" in note
    dataset = load_dataset("casme3", tmp_path, DatasetOptions(first_frame=0))
    assert [one.onset for one in dataset.videos[0].instances] == [0, 3]
    assert (dataset.rejected, dataset.notes) == ((), ())
    assert dataset.reading.assumed == ("rate_hz",)
