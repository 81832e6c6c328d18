from pathlib import Path

import pytest

from engines.errors import UsageError
from engines.intervals import Kind
from offline.datasets.catalog import load_dataset
from offline.datasets.frames import open_video
from offline.datasets.options import DatasetOptions
from offline.datasets.records import Dataset
from offline.synth_tables import Labelled, VideoTruth, write_tables
from tests.offline.datasets.dataset_makers import write_csv, write_frames, write_video, write_xls

HEADER = ("subject", "video", "onset", "apex", "offset", "kind")
STEADY = [n / 30 for n in range(12)]


def write(root: Path, *rows: tuple[object, ...], header: tuple[str, ...] = HEADER) -> Path:
    write_csv(root / "truth.csv", [header, *rows])
    return root


def load(root: Path, **options: object) -> Dataset:
    return load_dataset("folder", root, DatasetOptions(**options))


def test_frames_count_from_zero_unless_asked_otherwise(tmp_path: Path) -> None:
    write(tmp_path, ("anna", "clip", 2, 4, 7, "macro"))
    write_video(tmp_path / "clip.mp4", STEADY)
    for first, onset in ((None, 2), (0, 2), (1, 1)):
        (video,) = load(tmp_path, first_frame=first).videos
        assert (video.subject, video.name, video.frames) == ("anna", "clip", 12)
        assert video.fps == pytest.approx(30)
        (one,) = video.instances
        assert (one.onset, one.offset) == (onset, onset + 5)
        assert one.onset_s == pytest.approx(onset / 30)


@pytest.mark.parametrize(
    "called", ["clip", "clip.mp4", "day1/clip", "day1/clip.mp4", "day1\\CLIP.mp4"]
)
def test_a_video_is_named_by_its_name_or_path_with_suffix_or_without(
    tmp_path: Path, called: str
) -> None:
    write(tmp_path, ("anna", called, 2, 4, 7, "macro"))
    path = write_video(tmp_path / "day1" / "clip.mp4", STEADY)
    dataset = load(tmp_path)
    assert [video.source for video in dataset.videos] == [path]
    assert dataset.missing == ()


def test_two_videos_of_one_name_must_be_told_apart(tmp_path: Path) -> None:
    for place in ("a/clip.mp4", "b/clip.mp4"):
        write_video(tmp_path / place, STEADY)
    write(tmp_path, ("anna", "a/clip", 2, 4, 7, "macro"), ("ben", "clip", 2, 4, 7, "micro"))
    dataset = load(tmp_path)
    assert [video.name for video in dataset.videos] == ["a/clip", "b/clip"]
    (finding,) = dataset.rejected
    assert finding.reason == "video 'clip' may be a/clip or b/clip: give its path"


def test_files_that_differ_in_suffix_alone_and_a_folder_of_images_all_have_names(
    tmp_path: Path,
) -> None:
    write_video(tmp_path / "clip.mp4", STEADY)
    write_video(tmp_path / "clip.avi", STEADY)
    write_frames(tmp_path / "clip", 9)
    write(tmp_path, ("anna", "clip.avi", 2, 4, 7, "macro"))
    videos = load(tmp_path).videos
    assert sorted(video.name for video in videos) == ["clip", "clip.avi", "clip.mp4"]
    assert [video.name for video in videos if video.instances] == ["clip.avi"]


def test_folders_of_images_are_shown_at_the_rate_that_is_given(tmp_path: Path) -> None:
    write(tmp_path, ("anna", "clip", 2, 4, 7, "macro"))
    write_frames(tmp_path / "anna" / "clip", 9)
    (video,) = load(tmp_path, rate_hz=100.0).videos
    assert video.instances[0].offset_s == pytest.approx(0.07)
    with open_video(video) as source:
        assert [f.timestamp_s for f in source] == pytest.approx([n / 100 for n in range(9)])
    assert load(tmp_path, rate_hz=100.0, first_frame=0).notes == ()
    assert "30 Hz (--rate)" in load(tmp_path).notes[0]


def test_seconds_of_a_varying_rate_are_the_files_own(tmp_path: Path) -> None:
    times = [0.0, 0.03, 0.07, 0.2, 0.21, 0.3, 0.4, 0.5, 0.55, 0.6]
    write_video(tmp_path / "clip.mp4", times)
    write(tmp_path, ("anna", "clip", 1, 3, 8, "macro"))
    (video,) = load(tmp_path).videos
    (one,) = video.instances
    assert (one.onset_s, one.apex_s, one.offset_s) == pytest.approx((0.03, 0.2, 0.55), abs=1e-3)
    assert video.frames == 10


def test_columns_are_found_by_name_and_a_workbook_will_do(tmp_path: Path) -> None:
    rows = [("KIND", "Offset", "note", "Onset", "Apex", "Video", "Subject"),
            ("micro", 7, "x", 2, "", "clip", "anna")]  # fmt: skip
    path = write_xls(tmp_path / "labels.xls", {"sheet": rows})
    (video,) = load(tmp_path).videos
    assert (video.subject, video.labels[0].onset, video.labels[0].apex) == ("anna", 2, None)
    assert load(tmp_path).annotations == path


def test_what_is_to_be_ignored_counts_neither_way(tmp_path: Path) -> None:
    write(tmp_path, ("anna", "clip", 2, 4, 7, "macro"), ("anna", "clip", 9, "", 12, "ignore"))
    (video,) = load(tmp_path).videos
    assert len(video.instances) == len(video.ignored) == 1
    assert video.ignored_labels[0].kind is None


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((None, "clip", 2, 4, 7, "macro"), "subject is empty"),
        (("anna", "", 2, 4, 7, "macro"), "video is empty"),
        (
            ("ben", "clip", 2, 4, 7, "macro"),
            "clip shows ben, but by truth.csv line 2 it shows anna",
        ),
        (("anna", "clip", 8, 4, 7, "macro"), "clip: onset 8 is after offset 7"),
        (("anna", "clip", 2, 4, 12, "macro"), "clip: offset 12 is past the end of the video"),
        (("anna", "clip", 2, 4, 7, "smile"), "clip: kind 'smile' is neither"),
        (("anna", "clip", "", 4, 7, "macro"), "clip: onset is empty"),
        (("anna", "clip", 2, "nan", 7, "macro"), "clip: apex 'nan' is not a number"),
        (("anna", "clip", 0, 1, 3, "macro"), "clip: the same as truth.csv line 2"),
    ],
)
def test_a_row_that_cannot_be_right_is_rejected_by_name(
    tmp_path: Path, row: tuple[object, ...], reason: str
) -> None:
    write(tmp_path, ("anna", "clip", 0, 1, 3, "macro"), row)
    write_video(tmp_path / "clip.mp4", STEADY)
    (finding,) = load(tmp_path).rejected
    assert finding.where == "truth.csv line 3"
    assert finding.reason.startswith(reason)


def test_a_list_of_videos_names_the_people_in_those_without_expressions(tmp_path: Path) -> None:
    write_csv(
        tmp_path / "videos.csv", [("subject", "video"), ("ben", "b"), ("cleo", "gone"), ("", "c")]
    )
    write(tmp_path, ("anna", "a", 2, 4, 7, "macro"), ("anna", "b", 2, 4, 7, "macro"))
    for name in "abc":
        write_video(tmp_path / name / f"{name}.mp4", STEADY)
    dataset = load(tmp_path)
    assert [(v.subject, v.name) for v in dataset.videos] == [
        ("anna", "a"), ("ben", "b"), ("c", "c"), ("cleo", "gone"),
    ]  # fmt: skip
    assert [finding.where for finding in dataset.missing] == ["gone"]
    assert [finding.reason for finding in dataset.rejected] == [
        "subject is empty", "b shows anna, but by videos.csv line 2 it shows ben",
    ]  # fmt: skip


def test_an_unnamed_video_shows_its_neighbours_only_if_they_agree(tmp_path: Path) -> None:
    write(tmp_path, ("anna", "a1", 2, 4, 7, "macro"), ("ben", "b1", 2, 4, 7, "macro"),
          ("ben", "x1", 2, 4, 7, "macro"), ("anna", "x2", 2, 4, 7, "macro"))  # fmt: skip
    for place in ("a/a1", "a/a2", "x/x1", "x/x2", "x/x3", "b1"):
        write_video(tmp_path / f"{place}.mp4", STEADY)
    dataset = load(tmp_path)
    people = {video.name: video.subject for video in dataset.videos}
    assert (people["a2"], people["x3"]) == ("anna", "x3")
    assert any("a2" in note and "videos.csv" in note for note in dataset.notes)


def test_a_table_without_rows_is_a_dataset_without_expressions(tmp_path: Path) -> None:
    write_video(write(tmp_path) / "clip.mp4", STEADY)
    dataset = load(tmp_path)
    assert [len(video.instances) for video in dataset.videos] == [0]
    assert dataset.subjects == ("clip",)


def test_a_damaged_video_is_missing_and_the_counts_still_come(tmp_path: Path) -> None:
    write(tmp_path, ("anna", "clip", 2, 4, 7, "macro"))
    (tmp_path / "clip.mp4").write_bytes(b"no video")
    dataset = load(tmp_path)
    assert dataset.count(Kind.MACRO) == 1
    assert dataset.missing[0].where == "clip"


@pytest.mark.parametrize("missing", HEADER)
def test_a_changed_header_names_the_missing_column(tmp_path: Path, missing: str) -> None:
    header = tuple("renamed" if name == missing else name for name in HEADER)
    write(tmp_path, ("anna", "clip", 2, 4, 7, "macro"), header=header)
    with pytest.raises(UsageError, match=f"has no column {missing}"):
        load(tmp_path)


def synth(root: Path) -> Path:
    """Write what ``fes-offline synth`` writes: two videos of one person, the second at rest."""
    shown = (Labelled("micro", 2, 4, 6, "12", "happiness", 1.5),
             Labelled("macro", 7, 8, 10, "4", "anger", 3.0))  # fmt: skip
    videos = [
        VideoTruth("01_0101", 1, "astronaut", 0, 25.0, 12, shown, ()),
        VideoTruth("01_0102", 1, "astronaut", 1, 25.0, 12, (), ()),
    ]
    write_tables(root, videos)
    for video in videos:
        write_video(root / "rawvideo" / "s01" / f"{video.video}.mp4", [n / 25 for n in range(12)])
    (root / "dataset.json").write_text("{}", encoding="utf-8")
    return root


def test_both_tables_of_a_synthetic_dataset_give_the_same_records(tmp_path: Path) -> None:
    own = load_dataset("folder", synth(tmp_path))
    casme = load_dataset("casme2", tmp_path)
    assert [(v.subject, v.name, v.source, v.frames) for v in own.videos] == [
        (v.subject, v.name, v.source, v.frames) for v in casme.videos
    ]
    assert [v.labels for v in own.videos] == [v.labels for v in casme.videos]
    assert [len(v.instances) for v in own.videos] == [2, 0]
    assert own.subjects == ("s01",)
    for dataset in (own, casme):
        assert (dataset.missing, dataset.rejected, dataset.notes) == ((), (), ())
        assert dataset.videos[0].fps == pytest.approx(25)
        assert dataset.videos[0].instances[0].onset_s == pytest.approx(2 / 25)


def test_a_link_to_a_folder_above_makes_no_further_videos(tmp_path: Path) -> None:
    write_video(tmp_path / "day" / "clip.mp4", STEADY)
    (tmp_path / "day" / "back").symlink_to(tmp_path, target_is_directory=True)
    write(tmp_path, ("anna", "clip", 2, 4, 7, "macro"))
    dataset = load(tmp_path)
    assert [video.name for video in dataset.videos] == ["clip"]
    assert dataset.rejected == ()


def test_a_linked_folder_of_videos_is_read(tmp_path: Path) -> None:
    write_video(tmp_path / "elsewhere" / "clip.mp4", STEADY)
    root = tmp_path / "CAS(ME)² [copy] of mine"
    root.mkdir()
    (root / "day").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    write(root, ("anna", "clip", 2, 4, 7, "macro"))
    assert [video.frames for video in load(root).videos] == [12]
