from pathlib import Path

import pytest

from engines.errors import UsageError
from engines.intervals import Kind
from offline.datasets.catalog import load_dataset
from offline.datasets.marks import Imputation
from offline.datasets.options import DatasetOptions
from offline.datasets.records import Dataset, DatasetVideo
from tests.offline.datasets.dataset_makers import (
    RULE1,
    RULE2,
    casme2_row,
    casme2_sheets,
    write_casme2,
    write_csv,
    write_frames,
    write_video,
    write_xls,
    write_xlsx,
)


def load(root: Path, **options: object) -> Dataset:
    return load_dataset("casme2", root, DatasetOptions(**options))


def only(dataset: Dataset) -> DatasetVideo:
    (video,) = dataset.videos
    return video


def test_the_naming_rules_lead_from_a_row_to_its_folder(tmp_path: Path) -> None:
    write_casme2(tmp_path, [casme2_row(1, "disgust1_2", 3, 5, 8)])
    frames = write_frames(tmp_path / "rawpic" / "s15" / "15_0101disgustingteeth", 12)
    video = only(load(tmp_path))
    assert (video.subject, video.name) == ("s15", "15_0101")
    assert (video.source, video.fps, video.frames) == (frames, 30.0, 12)
    (one,) = video.instances
    assert (one.kind, one.onset, one.apex, one.offset) == (Kind.MACRO, 2, 4, 7)
    assert (one.onset_s, one.apex_s, one.offset_s) == pytest.approx((2 / 30, 4 / 30, 7 / 30))
    assert one.where == "CASFEcode_final row 1"


@pytest.mark.parametrize(
    "holder", ["rawpic", "longVideoFaceCropped", "RAWPIC", "longvideofacecropped"]
)
@pytest.mark.parametrize("deeper", ["", "CAS(ME)2/data"])
def test_frames_are_found_in_every_variant_whatever_the_case(
    tmp_path: Path, holder: str, deeper: str
) -> None:
    write_casme2(tmp_path, [casme2_row()])
    frames = write_frames(tmp_path / deeper / holder / "S15" / "15_0101DisgustingTeeth", 9)
    assert only(load(tmp_path)).source == frames


def test_the_raw_videos_are_read_where_there_are_no_pictures(tmp_path: Path) -> None:
    write_casme2(tmp_path, [casme2_row()])
    path = tmp_path / "rawvideo" / "s15" / "15_0101disgustingteeth.avi"
    write_video(path, [n / 30 for n in range(12)])
    video = only(load(tmp_path))
    assert (video.source, video.fps, video.frames) == (path, 30.0, 12)


def test_raw_pictures_come_before_cropped_ones_and_short_clips_are_never_taken(
    tmp_path: Path,
) -> None:
    write_casme2(tmp_path, [casme2_row()])
    for holder in ("selectedpic", "longVideoFaceCropped", "rawpic"):
        write_frames(tmp_path / holder / "s15" / "15_0101disgustingteeth", 9)
    source = only(load(tmp_path)).source
    assert source is not None
    assert source.parts[-3] == "rawpic"


def test_the_root_may_be_the_folder_of_frames_itself(tmp_path: Path) -> None:
    book = write_xlsx(tmp_path / "b.xlsx", casme2_sheets([casme2_row()]))
    frames = write_frames(tmp_path / "cropped" / "s15" / "15_0101x", 9)
    assert only(load(tmp_path / "cropped", annotations=book)).source == frames


def test_a_code_is_matched_whole(tmp_path: Path) -> None:
    write_casme2(tmp_path, [casme2_row()])
    write_frames(tmp_path / "rawpic" / "s15" / "15_01012longer", 9)
    dataset = load(tmp_path)
    assert [video.name for video in dataset.videos] == ["15_0101", "15_1012"]
    assert [finding.where for finding in dataset.missing] == ["15_0101"]


def test_videos_and_subjects_without_any_expression_stay(tmp_path: Path) -> None:
    write_casme2(tmp_path, [casme2_row()])
    for folder in ("s15/15_0101a", "s15/15_0401b", "s40/40_0502c"):
        write_frames(tmp_path / "rawpic" / folder, 9)
    dataset = load(tmp_path)
    assert dataset.subjects == ("s15", "s40")
    assert [(v.name, len(v.instances)) for v in dataset.videos] == [
        ("15_0101", 1), ("15_0401", 0), ("40_0502", 0),
    ]  # fmt: skip


def test_annotations_alone_are_counted_and_every_folder_is_missing(tmp_path: Path) -> None:
    dataset = load(write_casme2(tmp_path, [casme2_row(), casme2_row(2, "anger1_1")]))
    assert dataset.count(Kind.MACRO) == 2
    assert [finding.where for finding in dataset.missing] == ["15_0101", "16_0502"]
    assert all(video.source is None and video.frames is None for video in dataset.videos)
    assert "annotations alone" in dataset.notes[0]


def test_an_empty_folder_of_frames_is_missing(tmp_path: Path) -> None:
    write_casme2(tmp_path, [casme2_row()])
    (tmp_path / "rawpic" / "s15" / "15_0101a").mkdir(parents=True)
    dataset = load(tmp_path)
    assert only(dataset).source is None
    assert "holds no image" in dataset.missing[0].reason


def test_a_folder_that_is_no_video_or_a_second_of_its_name_is_told(tmp_path: Path) -> None:
    write_casme2(tmp_path, [casme2_row()])
    for name in ("15_0101a", "15_0101b", "16_0101a", "notes"):
        write_frames(tmp_path / "rawpic" / "s15" / name, 9)
    dataset = load(tmp_path)
    assert len(dataset.videos) == 1
    assert [note.partition(":")[0] for note in dataset.notes] == [
        "rawpic/s15/15_0101b", "rawpic/s15/16_0101a", "rawpic/s15/notes",
    ]  # fmt: skip


def test_an_image_left_out_of_the_count_is_told(tmp_path: Path) -> None:
    write_casme2(tmp_path, [casme2_row()])
    folder = write_frames(tmp_path / "rawpic" / "s15" / "15_0101a", 12)
    (folder / "img4.png").unlink()
    (note,) = load(tmp_path).notes
    assert note.startswith("15_0101: 11 images, but their names count 1 to 12: labels that mean")


BAD_ROWS = [
    (casme2_row(23), "subject 23 is not in naming rule1"),
    (casme2_row("x"), "subject x is not in naming rule1"),
    (casme2_row(None), "subject is empty"),
    (casme2_row(video="joy1_1"), "video 'joy1_1' is not in naming rule2"),
    (casme2_row(video=""), "video is empty"),
    (casme2_row(onset=9), "15_0101: onset 9 is after offset 8"),
    (casme2_row(onset=None), "15_0101: onset is empty"),
    (casme2_row(offset="NaN"), "15_0101: offset 'NaN' is not a number"),
    (
        casme2_row(offset=13),
        "15_0101: offset 13 is past the end of the video, whose last frame is 12",
    ),
    (casme2_row(kind="smile"), "15_0101: kind 'smile' is neither macro nor micro"),
    (casme2_row(kind=None), "15_0101: kind is empty"),
    (casme2_row(onset=1, apex=2, offset=4), "15_0101: the same as CASFEcode_final row 1"),
]


@pytest.mark.parametrize(("row", "reason"), BAD_ROWS)
def test_a_row_that_cannot_be_right_is_rejected_by_name_and_the_others_count(
    tmp_path: Path, row: tuple[object, ...], reason: str
) -> None:
    write_casme2(tmp_path, [casme2_row(onset=1, apex=2, offset=4), row])
    write_frames(tmp_path / "rawpic" / "s15" / "15_0101a", 12)
    dataset = load(tmp_path)
    assert dataset.count(Kind.MACRO) == 1
    assert [(f.where, f.reason) for f in dataset.rejected] == [("CASFEcode_final row 2", reason)]


def test_the_same_frames_of_another_kind_are_no_duplicate(tmp_path: Path) -> None:
    write_casme2(tmp_path, [casme2_row(), casme2_row(kind="micro-expression")])
    dataset = load(tmp_path)
    assert dataset.rejected == ()
    assert (dataset.count(Kind.MACRO), dataset.count(Kind.MICRO)) == (1, 1)


def test_keys_and_kinds_may_hold_spaces_and_capitals(tmp_path: Path) -> None:
    write_casme2(tmp_path, [casme2_row(1.0, " Disgust1_2 ", kind=" Macro-Expression ")])
    assert load(tmp_path).count(Kind.MACRO) == 1


def whole_workbook() -> list[tuple[object, ...]]:
    """Return 357 rows as distributed: 300 macro, of which 44 have offset 0, and 57 micro."""
    keys = [key for _, key in RULE2]
    subjects = [number for _, _, number in RULE1]
    rows = []
    for n in range(357):
        start, key = 100 + 20 * n, f"{keys[n % 9]}_{n // 9 + 1}"
        kind = "micro-expression" if n >= 300 else "macro-expression"
        offset = 0 if n < 44 else start + 12
        apex = 0 if n == 350 else start + 6
        rows.append(casme2_row(subjects[n % 3], key, start, apex, offset, kind))
    return rows


@pytest.mark.parametrize(
    ("rule", "length"), [("2apex-onset", 13), ("apex", 7), ("apex+20", 27), ("onset+20", 21)]
)
def test_the_44_offsets_of_zero_are_imputed_by_the_named_rule(
    tmp_path: Path, rule: str, length: int
) -> None:
    write_casme2(tmp_path, whole_workbook())
    dataset = load(tmp_path, impute=Imputation(rule))
    assert (dataset.count(Kind.MACRO), dataset.count(Kind.MICRO)) == (300, 57)
    assert dataset.imputed == {rule: 44}
    imputed = [one for v in dataset.videos for one in v.instances if one.imputed]
    assert {one.offset - one.onset + 1 for one in imputed} == {length}
    assert sum(one.apex is None for v in dataset.videos for one in v.instances) == 1


def test_without_imputation_the_44_rows_are_rejected_by_name(tmp_path: Path) -> None:
    dataset = load(write_casme2(tmp_path, whole_workbook()), impute=Imputation.REJECT)
    assert dataset.count(Kind.MACRO) == 256
    assert len(dataset.rejected) == 44
    assert all("offset is missing" in finding.reason for finding in dataset.rejected)
    assert dataset.imputed == {}


@pytest.mark.parametrize("name", ["CASME_sq_gt.xlsx", "CAS(ME)²code_final.xlsx"])
def test_the_workbook_goes_by_any_of_its_names(tmp_path: Path, name: str) -> None:
    write_xlsx(tmp_path / "annotation" / name, casme2_sheets([casme2_row()]))
    assert load(tmp_path).count(Kind.MACRO) == 1


def test_an_old_workbook_and_csv_files_give_the_same_dataset(tmp_path: Path) -> None:
    sheets = casme2_sheets([casme2_row(), casme2_row(video="anger1_1", offset=0)])
    new = write_xlsx(tmp_path / "a" / "CASME_sq_gt.xlsx", sheets)
    old = write_xls(tmp_path / "b" / "CASME_sq_gt.xls", sheets)
    plain = write_csv(tmp_path / "c" / "annotations.csv", sheets["CASFEcode_final"])
    write_csv(tmp_path / "c" / "naming_rule1.csv", sheets["naming rule1"])
    write_csv(tmp_path / "c" / "naming_rule2.csv", sheets["naming rule2"])
    read = [load(path.parent, annotations=path) for path in (new, old, plain)]
    labels = [[video.labels for video in dataset.videos] for dataset in read]
    assert labels[0] == labels[1] == labels[2]
    assert [dataset.imputed for dataset in read] == [{"2apex-onset": 1}] * 3


def test_two_workbooks_are_never_guessed_between(tmp_path: Path) -> None:
    write_casme2(tmp_path, [casme2_row()])
    other = write_xlsx(tmp_path / "CASME_sq_gt.xlsx", casme2_sheets([casme2_row()]))
    with pytest.raises(UsageError, match="choose one of these with --annotations"):
        load(tmp_path)
    assert load(tmp_path, annotations=other).annotations == other


@pytest.mark.parametrize(
    ("sheets", "reason"),
    [
        ({"CASFEcode_final": [casme2_row()]}, "no sheet 'naming rule1'"),
        (casme2_sheets([casme2_row()], rule1=[("a", "b", "c")]), "no row of participant, folder"),
        (casme2_sheets([casme2_row()], rule2=[("a", "")]), "no row of code and key"),
        (casme2_sheets([(1, "disgust1_1", 3, 5)]), "no row of the 8 columns"),
        (casme2_sheets([]), "no row of the 8 columns"),
        (casme2_sheets([casme2_row(99)]), "none of its 1 rows can be used"),
    ],
)
def test_a_workbook_that_cannot_be_used_is_refused_in_one_line(
    tmp_path: Path, sheets: dict[str, list[tuple[object, ...]]], reason: str
) -> None:
    write_xlsx(tmp_path / "CASME_sq_gt.xlsx", sheets)
    with pytest.raises(UsageError) as caught:
        load(tmp_path)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_root_without_annotations_or_no_root_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--annotations FILE"):
        load(tmp_path)
    with pytest.raises(UsageError, match="not a folder"):
        load(tmp_path / "absent")
    with pytest.raises(UsageError, match="no such dataset"):
        load_dataset("casme4", tmp_path)


def test_a_table_that_a_program_wrote_with_decimal_points_is_the_same(tmp_path: Path) -> None:
    write_csv(tmp_path / "CASME_sq_gt.csv", [casme2_row("1.0", "disgust1_2", "3.0", "5.0", "8.0")])
    write_csv(tmp_path / "naming_rule1.csv", [("15.0", "s15", "1.0")])
    write_csv(tmp_path / "naming_rule2.csv", [("101.0", "disgust1")])
    dataset = load(tmp_path)
    assert dataset.rejected == ()
    assert only(dataset).name == "15_0101"
    assert [(one.onset, one.rounded) for one in only(dataset).instances] == [(2, False)]


def test_a_sheet_of_another_name_is_found_by_its_columns(tmp_path: Path) -> None:
    sheets = {"about": [("CAS(ME)2",)], "code": [casme2_row()]}
    rules = {"naming rule1": RULE1, "naming rule2": RULE2}
    write_xlsx(tmp_path / "CASME_sq_gt.xlsx", {**sheets, **rules})
    assert len(only(load(tmp_path)).instances) == 1
