from pathlib import Path

import pytest

from offline.datasets.media import Media, probe
from offline.datasets.numbering import remarks
from tests.offline.datasets.dataset_makers import write_frames


def folder(first: int | None, remark: str = "") -> Media:
    return Media(Path("v"), 30.0, 9, remark=remark, first_number=first)


def test_nothing_is_said_where_images_begin_with_the_tables_first_frame() -> None:
    assert list(remarks({"a": folder(1), "b": folder(None)}, 1)) == []
    assert list(remarks({}, 1)) == []


def test_nothing_is_said_of_numbers_where_somebody_said_what_the_first_frame_is() -> None:
    assert list(remarks({"a": folder(0)}, None)) == []


def test_images_from_0_under_a_table_from_1_are_told_with_the_option_that_moves_it() -> None:
    (note,) = remarks({"a": folder(0), "b": folder(0)}, 1)
    assert "2 of 2 videos are not numbered from 1, those of a from 0" in note
    assert note.endswith(": give --first-frame 0 if the table means these numbers")


@pytest.mark.parametrize("first", [(0, 1), (100, 100)])
def test_no_option_is_advised_where_it_would_not_fit_every_video(first: tuple[int, int]) -> None:
    (note,) = remarks({"a": folder(first[0]), "b": folder(first[1])}, 1)
    assert "--first-frame" not in note


def test_what_is_odd_about_one_video_comes_with_its_name() -> None:
    assert list(remarks({"a": folder(1, "is odd")}, 1)) == ["a: is odd"]


def test_a_folder_says_which_number_its_images_begin_with(tmp_path: Path) -> None:
    media = probe(write_frames(tmp_path, 5, "006_1_", first=3), 200.0)
    assert (media.first_number, media.remark) == (3, "")


def test_images_without_numbers_are_counted(tmp_path: Path) -> None:
    write_frames(tmp_path, 2)
    (tmp_path / "img1.png").rename(tmp_path / "cover.png")
    media = probe(tmp_path, 30.0)
    assert (media.frames, media.first_number) == (2, 2)
    assert media.remark == "1 of 2 images have no number in their names and come last"
    (tmp_path / "img2.png").unlink()
    assert probe(tmp_path, 30.0).first_number is None
