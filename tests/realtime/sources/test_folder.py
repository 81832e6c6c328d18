"""Folders of images."""

import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import SourceError, UsageError
from realtime.sources.folder import FolderSource, frame_number


def save(path: Path, value: int = 0, shape: tuple[int, ...] = (4, 6, 3)) -> None:
    assert cv2.imwrite(str(path), np.full(shape, value, np.uint8))


@given(st.lists(st.integers(0, 10**6), unique=True), st.sampled_from(["img", "006_1_", "reg img-"]))
def test_images_sort_by_the_last_number_of_their_name(numbers: list[int], prefix: str) -> None:
    paths = sorted((Path(f"{prefix}{n}.jpg") for n in numbers), key=frame_number)
    assert paths == [Path(f"{prefix}{n}.jpg") for n in sorted(numbers)]


def test_frames_come_in_natural_order_at_the_given_rate(tmp_path: Path) -> None:
    for number in (10, 9, 1, 2):
        save(tmp_path / f"img{number}.png", number)
    with FolderSource(tmp_path, 200) as source:
        frames = list(source)
    assert [int(f.image[0, 0, 0]) for f in frames] == [1, 2, 9, 10]
    assert [f.timestamp_s for f in frames] == [0, 0.005, 0.01, 0.015]
    assert [f.index for f in frames] == [0, 1, 2, 3]
    assert (source.info.width, source.info.height, source.info.frames) == (6, 4, 4)
    assert source.dropped == 0


def test_a_frame_is_captured_when_it_is_read(tmp_path: Path) -> None:
    save(tmp_path / "1.png")
    before_s = time.monotonic()
    with FolderSource(tmp_path) as source:
        (frame,) = source
    assert frame.captured_s is not None
    assert before_s <= frame.captured_s <= time.monotonic()


def test_the_rate_is_30_hz_unless_said_otherwise(tmp_path: Path) -> None:
    save(tmp_path / "1.png")
    assert FolderSource(tmp_path).info.rate_hz == 30


def test_red_is_the_first_channel(tmp_path: Path) -> None:
    bgr = np.zeros((4, 6, 3), np.uint8)
    bgr[..., 2] = 250
    cv2.imwrite(str(tmp_path / "1.png"), bgr)
    (frame,) = FolderSource(tmp_path)
    assert frame.image[0, 0].tolist() == [250, 0, 0]


@pytest.mark.parametrize(
    "image",
    [
        np.full((4, 6), 90, np.uint8),
        np.full((4, 6, 4), 90, np.uint8),
        np.full((4, 6, 3), 90 * 257, np.uint16),
    ],
    ids=["grey", "alpha", "16 bit"],
)
def test_any_png_becomes_8_bit_rgb(
    tmp_path: Path, image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
) -> None:
    cv2.imwrite(str(tmp_path / "1.png"), image)
    (frame,) = FolderSource(tmp_path)
    assert frame.image.shape == (4, 6, 3)
    assert (frame.image == 90).all()


def test_other_and_hidden_files_are_left_out(tmp_path: Path) -> None:
    save(tmp_path / "1.JPG")
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "._1.jpg").write_bytes(b"x")
    assert len(list(FolderSource(tmp_path))) == 1


def test_an_empty_folder_is_refused_and_told_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"holds no image: expected .*\.jpg"):
        FolderSource(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file or directory"):
        FolderSource(tmp_path / "no")


@pytest.mark.parametrize("content", [b"", b"no image", b"\x89PNG\r\n\x1a\n"])
def test_an_unreadable_image_is_named_after_the_frames_before_it(
    tmp_path: Path, content: bytes
) -> None:
    save(tmp_path / "1.png")
    (tmp_path / "2.png").write_bytes(content)
    frames = iter(FolderSource(tmp_path))
    assert next(frames).index == 0
    with pytest.raises(SourceError, match=r"2\.png: it is not an image"):
        next(frames)


def test_an_image_of_another_size_is_named(tmp_path: Path) -> None:
    save(tmp_path / "1.png")
    save(tmp_path / "2.png", shape=(8, 6, 3))
    frames = iter(FolderSource(tmp_path))
    next(frames)
    with pytest.raises(SourceError, match=r"2\.png is 6x8 px, .* 6x4"):
        next(frames)


@pytest.mark.parametrize("rate_hz", [0, -1, float("nan"), float("inf")])
def test_a_rate_that_is_not_positive_is_a_usage_error(tmp_path: Path, rate_hz: float) -> None:
    save(tmp_path / "1.png")
    with pytest.raises(UsageError, match="must be positive"):
        FolderSource(tmp_path, rate_hz)


def test_close_ends_the_iteration(tmp_path: Path) -> None:
    for number in range(3):
        save(tmp_path / f"{number}.png")
    source = FolderSource(tmp_path)
    frames = iter(source)
    next(frames)
    source.close()
    source.close()
    assert list(frames) == []
