from pathlib import Path

import pytest

from engines.errors import UsageError
from engines.intervals import Kind
from offline.datasets.catalog import load_dataset
from offline.datasets.frames import open_video
from offline.datasets.options import DatasetOptions
from offline.datasets.records import Dataset
from offline.datasets.sampling import Sampling
from tests.offline.datasets.dataset_makers import (
    SAMM_HEADER,
    samm_row,
    samm_sheets,
    write_frames,
    write_samm,
    write_xlsx,
)


def load(root: Path, **options: object) -> Dataset:
    return load_dataset("samm-lv", root, DatasetOptions(**options))


def test_a_row_below_nine_lines_of_preamble_leads_to_its_folder(tmp_path: Path) -> None:
    write_samm(tmp_path, [samm_row("006_1_3", 3, 5, 8, "Micro - 1/2")])
    frames = write_frames(tmp_path / "SAMM_longvideos" / "006_1", 12, "006_1_")
    (video,) = load(tmp_path).videos
    assert (video.subject, video.name, video.source) == ("006", "006_1", frames)
    assert (video.fps, video.frames) == (200.0, 12)
    (one,) = video.instances
    assert (one.kind, one.onset, one.apex, one.offset) == (Kind.MICRO, 2, 4, 7)
    assert one.offset_s == pytest.approx(7 / 200)
    assert one.where == "FACS_Movement_Only row 11"


@pytest.mark.parametrize("version", ["V1", "V2", "V3"])
@pytest.mark.parametrize("holder", ["SAMM_longvideos", "SAMM_LongVideos"])
def test_every_release_is_found(tmp_path: Path, version: str, holder: str) -> None:
    path = tmp_path / f"SAMM_LongVideos_{version}_Release.xlsx"
    write_xlsx(path, samm_sheets([samm_row()]))
    write_frames(tmp_path / holder / "006_1", 9)
    dataset = load(tmp_path)
    assert dataset.annotations == path
    assert dataset.missing == ()


def test_frames_come_in_the_order_of_the_last_number_of_their_names(tmp_path: Path) -> None:
    write_samm(tmp_path, [samm_row()])
    write_frames(tmp_path / "SAMM_longvideos" / "006_1", 12, "006_1_")
    (video,) = load(tmp_path).videos
    with open_video(video) as source:
        frames = list(source)
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [10 * n for n in range(12)]
    assert [frame.timestamp_s for frame in frames] == pytest.approx([n / 200 for n in range(12)])


def test_subjects_written_as_numbers_are_the_same_people(tmp_path: Path) -> None:
    write_samm(tmp_path, [samm_row(subject=6), samm_row("006_1_2", 20, 22, 30, subject=" 006 ")])
    dataset = load(tmp_path)
    assert dataset.subjects == ("006",)
    assert dataset.count(Kind.MACRO) == 2


def test_fractions_of_a_frame_are_rounded_and_counted(tmp_path: Path) -> None:
    write_samm(tmp_path, [samm_row(onset=566.4, apex=600.5, offset="743.6"),
                          samm_row("006_1_2", 900, 910, 920)])  # fmt: skip
    dataset = load(tmp_path)
    first = dataset.videos[0].instances[0]
    assert (first.onset + 1, first.apex, first.offset + 1) == (566, 600, 744)
    assert dataset.rounded == 1


def test_a_missing_apex_of_minus_one_is_unknown(tmp_path: Path) -> None:
    dataset = load(write_samm(tmp_path, [samm_row(apex=-1)]))
    assert dataset.videos[0].instances[0].apex is None
    assert dataset.mended == ()


def test_an_apex_outside_its_interval_is_named_and_the_instance_counts(tmp_path: Path) -> None:
    # rows of this sort are among the 502 that are published
    dataset = load(write_samm(tmp_path, [samm_row("010_1_1", 89, 721, 209, subject="010")]))
    assert dataset.count(Kind.MACRO) == 1
    assert dataset.videos[0].labels[0].apex is None
    (finding,) = dataset.mended
    assert finding.reason == "010_1: apex 721 is outside its interval, not used"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (samm_row("006"), "file name '006' is no subject_video_instance"),
        (samm_row(None), "file name is empty"),
        (samm_row("006_1_2", subject="007"), "subject 007 is not that of file name '006_1_2'"),
        (samm_row("006_1_2", subject=None), "subject is empty"),
        (samm_row("006_1_2", onset=30), "006_1: onset 30 is after offset 8"),
        (samm_row("006_1_2", onset="  "), "006_1: onset is empty"),
        (samm_row("006_1_2", offset=13), "006_1: offset 13 is past the end"),
        (samm_row("006_1_2", kind="Other"), "006_1: kind 'Other' is neither"),
        (samm_row("006_1_2", 1, 2, 4), "006_1: the same as FACS_Movement_Only row 11"),
    ],
)
def test_a_row_that_cannot_be_right_is_rejected_by_name(
    tmp_path: Path, row: tuple[object, ...], reason: str
) -> None:
    write_samm(tmp_path, [samm_row(onset=1, apex=2, offset=4), row])
    write_frames(tmp_path / "SAMM_longvideos" / "006_1", 12)
    (finding,) = load(tmp_path).rejected
    assert finding.where == "FACS_Movement_Only row 12"
    assert finding.reason.startswith(reason)


@pytest.mark.parametrize("missing", ["Subject", "Filename", "Onset", "Apex", "Offset", "Type"])
def test_a_changed_header_names_the_missing_column(tmp_path: Path, missing: str) -> None:
    header = ["Renamed" if name == missing else name for name in SAMM_HEADER]
    write_xlsx(tmp_path / "SAMM_LongVideos_V1_Release.xlsx", samm_sheets([samm_row()], header))
    with pytest.raises(UsageError, match=f"row 10 has no column {missing}"):
        load(tmp_path)


def test_every_seventh_frame_moves_instances_as_the_released_code_does(tmp_path: Path) -> None:
    write_samm(tmp_path, [samm_row(onset=5, apex=12, offset=40)])
    write_frames(tmp_path / "SAMM_longvideos" / "006_1", 50)
    (video,) = load(tmp_path, sampling=Sampling(7)).videos
    (one,) = video.instances
    # round((onset - 1) / 7)
    assert (one.onset, one.apex, one.offset) == (1, 2, 6)
    assert (one.onset_s, one.apex_s, one.offset_s) == pytest.approx((1 / 30, 2 / 30, 6 / 30))
    assert (video.fps, video.frames, video.read_fps, video.read_frames) == (200.0, 50, 30.0, 8)
    with open_video(video) as source:
        frames = list(source)
    assert [frame.index for frame in frames] == list(range(8))
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [0, 70, 140, 210, 255, 255, 255, 255]
    assert [frame.timestamp_s for frame in frames] == pytest.approx([n / 30 for n in range(8)])


def test_subjects_with_a_decimal_point_are_the_same_people(tmp_path: Path) -> None:
    rows = [samm_row(subject="6.0"), samm_row("006_1_2", 20, 22, 30, subject="006")]
    write_samm(tmp_path, rows)
    dataset = load(tmp_path)
    assert (dataset.subjects, dataset.rejected) == (("006",), ())
