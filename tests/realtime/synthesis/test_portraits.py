"""Portraits: what is found in a picture, and what is refused in one line."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from engines.errors import UsageError
from realtime.synthesis.portraits import Portrait, find_portraits, load_portrait, portrait_of

STILLS = Path(__file__).parents[3].parent / "shared" / "media" / "stills"


def saved(path: Path, image: NDArray[np.uint8]) -> Path:
    cv2.imwrite(str(path), image)
    return path


def test_the_bundled_portrait_has_a_face_inside_its_outline(portrait: Portrait) -> None:
    height, width = portrait.image.shape[:2]
    assert portrait.mesh.shape == (468, 3)
    assert portrait.matte.shape == (height, width)
    assert 0 <= portrait.matte.min() <= portrait.matte.max() <= 1
    columns, rows = np.rint(portrait.mesh[:, :2].T).astype(int)
    assert portrait.matte[rows, columns].mean() > 0.95
    assert portrait.eyes_px > 40


def test_a_picture_without_a_face_is_refused_in_one_line(tmp_path: Path) -> None:
    path = saved(tmp_path / "wall.png", np.full((300, 300, 3), 128, np.uint8))
    with pytest.raises(UsageError, match="no face") as caught:
        load_portrait(path)
    assert "wall" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_face_too_small_to_animate_is_refused(portrait: Portrait) -> None:
    small = cv2.resize(portrait.image, (200, 200), interpolation=cv2.INTER_AREA)
    with pytest.raises(UsageError, match="px apart"):
        portrait_of("far", np.asarray(small, np.uint8))


@pytest.mark.parametrize("content", [b"", b"not a picture"])
def test_a_file_that_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"broken\.png"):
        load_portrait(path)


def test_pictures_of_a_folder_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.PNG", "a.jpg", "notes.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in find_portraits(tmp_path)] == ["a.jpg", "b.PNG"]


def test_a_folder_that_is_absent_or_has_no_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        find_portraits(tmp_path / "absent")
    with pytest.raises(UsageError, match="holds no picture"):
        find_portraits(tmp_path)


def test_mediapipe_writes_nothing_to_standard_error() -> None:
    code = "from realtime.synthesis.portraits import default_portrait; default_portrait()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout == ""


@pytest.mark.media
def test_a_photograph_of_a_stranger_becomes_a_portrait() -> None:
    pictures = sorted(STILLS.glob("*.png")) if STILLS.is_dir() else []
    if not pictures:
        pytest.skip("needs ../shared/media/stills")
    portrait = load_portrait(pictures[0])
    assert portrait.eyes_px > 40
    assert portrait.mesh[33, 0] < portrait.mesh[263, 0]
