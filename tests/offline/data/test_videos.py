"""Which videos are meant, and what is known of them."""

from pathlib import Path

import pytest

from engines.errors import SourceError, UsageError
from engines.intervals import Kind
from offline.data.videos import find_videos

HEADER = "video,kind,onset,apex,offset,subject\n"


def touch(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()


def test_a_folder_means_its_videos_at_any_depth_in_order(tmp_path: Path) -> None:
    touch(tmp_path, "b.mp4", "a.MKV", "notes.txt", "c.jpg")
    touch(tmp_path / "deep", "d.avi")
    names = [video.path.name for video in find_videos([tmp_path])]
    assert names == ["a.MKV", "b.mp4", "d.avi"]


def test_a_folder_without_videos_is_itself_the_video(tmp_path: Path) -> None:
    touch(tmp_path / "frames", "0001.png")
    (video,) = find_videos([tmp_path / "frames"])
    assert (video.path, video.name) == (tmp_path / "frames", "frames")


def test_a_file_is_taken_whatever_it_is_called(tmp_path: Path) -> None:
    touch(tmp_path, "clip.bin")
    (video,) = find_videos([tmp_path / "clip.bin"])
    assert (video.name, video.subject, video.labels, video.ignored) == ("clip", "clip", (), ())


def test_a_missing_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="absent"):
        find_videos([tmp_path / "absent"])


def test_labels_beside_the_videos_go_to_theirs_by_name_with_or_without_suffix(
    tmp_path: Path,
) -> None:
    touch(tmp_path, "a.mp4", "b.mp4", "c.mp4")
    rows = "a,micro,3,5,9,anna\nb.mp4,macro,10,20,40,ben\na,ignore,50,,60,anna\n"
    (tmp_path / "truth.csv").write_text(HEADER + rows)
    a, b, c = find_videos([tmp_path])
    assert [(label.kind, label.onset, label.offset) for label in a.labels] == [(Kind.MICRO, 3, 9)]
    assert [(label.onset, label.offset) for label in a.ignored] == [(50, 60)]
    assert [(label.kind, label.apex) for label in b.labels] == [(Kind.MACRO, 20)]
    assert c.labels == ()
    assert [video.subject for video in (a, b, c)] == ["anna", "ben", "c"]


def test_a_video_without_labels_shows_whom_the_list_of_videos_names(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "b.mp4", "c.mp4")
    (tmp_path / "truth.csv").write_text(HEADER + "a,micro,3,5,9,anna\n")
    (tmp_path / "videos.csv").write_text("subject,video,fps\nanna,a,30\nanna,b.mp4,30\n")
    assert [video.subject for video in find_videos([tmp_path])] == ["anna", "anna", "c"]


def test_a_named_table_is_used_in_place_of_the_one_beside_the_videos(tmp_path: Path) -> None:
    touch(tmp_path / "videos", "a.mp4")
    (tmp_path / "videos" / "truth.csv").write_text(HEADER + "a,micro,3,5,9,anna\n")
    other = tmp_path / "other.csv"
    other.write_text(HEADER + "a,macro,30,35,99,otto\n")
    (video,) = find_videos([tmp_path / "videos"], other)
    assert [label.kind for label in video.labels] == [Kind.MACRO]
    assert video.subject == "otto"


def test_a_named_table_that_is_missing_is_a_usage_error(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4")
    with pytest.raises(UsageError, match=r"absent\.csv"):
        find_videos([tmp_path], tmp_path / "absent.csv")


def test_two_videos_of_one_name_are_refused_since_labels_go_by_name(tmp_path: Path) -> None:
    touch(tmp_path / "one", "a.mp4")
    touch(tmp_path / "two", "a.mkv")
    with pytest.raises(UsageError, match="two videos are called a"):
        find_videos([tmp_path / "one", tmp_path / "two"])


def test_nothing_asked_for_is_nothing_found() -> None:
    assert find_videos([]) == []
