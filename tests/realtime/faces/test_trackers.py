"""MediaPipe's trackers on the portrait that scikit-image bundles, and on real clips."""

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray

from engines.errors import ModelError
from realtime.faces.landmarks import lid_apertures
from realtime.faces.tracker import FaceTracker, open_tracker
from realtime.sources.file import open_file
from realtime.types import Face, Frame

SHARED = Path(__file__).parents[3].parent / "shared"
Openers = list[Callable[[], FaceTracker]]


def portrait() -> NDArray[np.uint8]:
    return np.ascontiguousarray(skimage.data.astronaut()[:240, 120:360])


def drifting(count: int) -> list[Frame]:
    """The portrait, moved by one more pixel in each frame."""
    image = portrait()
    return [Frame(i, i / 30, np.roll(image, i, axis=1)) for i in range(count)]


def shared(path: str) -> Path:
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"needs ../shared/{path}")
    return found


def track(tracker: FaceTracker, frames: list[Frame]) -> list[Face | None]:
    return [next(iter(tracker.track(frame)), None) for frame in frames]


@pytest.fixture(scope="module")
def face() -> Face:
    with open_tracker() as tracker:
        (found,) = tracker.track(Frame(0, 0.0, portrait()))
    return found


def test_the_landmarks_lie_where_the_68_point_scheme_has_them(face: Face) -> None:
    x, y = face.landmarks.T
    assert x[17] < x[19] < x[21] < x[22] < x[24] < x[26]
    assert x[36] < x[39] < x[42] < x[45]
    assert x[0] < x[48] < x[51] < x[54] < x[16]
    assert x[31] < x[33] < x[35]
    assert y[17:27].max() < y[36:48].min()
    assert y[27] < y[28] < y[29] < y[30] < y[33] < y[51] < y[62] < y[66] < y[57] < y[8]
    assert (np.diff(y[:9]) > 0).all()
    assert (np.diff(y[8:17]) < 0).all()


def test_upper_lids_lie_above_lower_ones(face: Face) -> None:
    y = face.landmarks[:, 1]
    assert y[[37, 38]].max() < y[[40, 41]].min()
    assert y[[43, 44]].max() < y[[46, 47]].min()
    left, right = lid_apertures(face.mesh)
    eye_px = np.linalg.norm(face.landmarks[36] - face.landmarks[39])
    assert 0.1 < left / eye_px < 0.6
    assert 0.1 < right / eye_px < 0.6


def test_pupils_lie_between_the_corners_of_their_eyes(face: Face) -> None:
    # the darkest part of each eye, found in the picture itself, not by MediaPipe
    grey = portrait().mean(axis=2)
    for corners in ((36, 39), (42, 45)):
        (x0, y0), (x1, y1) = face.landmarks[list(corners)]
        middle = round(float(y0 + y1) / 2)
        window = grey[middle - 3 : middle + 3, round(float(x0)) - 6 : round(float(x1)) + 6]
        darkest = round(float(x0)) - 6 + int(np.argmin(window.mean(axis=0)))
        assert x0 < darkest < x1


def test_landmarks_follow_a_face_that_moves() -> None:
    with open_tracker() as tracker:
        faces = track(tracker, drifting(12))
    first, last = faces[0], faces[-1]
    assert first is not None
    assert last is not None
    assert first.track == last.track == 0
    moved = (last.landmarks - first.landmarks).mean(axis=0)
    assert moved == pytest.approx([11, 0], abs=1.0)


def test_two_runs_over_the_same_frames_give_the_same_meshes_to_the_bit() -> None:
    frames = drifting(6)
    runs = []
    for _ in range(2):
        with open_tracker() as tracker:
            runs.append(track(tracker, frames))
    for one, two in zip(*runs, strict=True):
        assert one is not None
        assert two is not None
        np.testing.assert_array_equal(one.mesh, two.mesh)


def test_a_picture_without_a_face_gives_none() -> None:
    with open_tracker() as tracker:
        assert tracker.track(Frame(0, 0.0, np.zeros((120, 160, 3), np.uint8))) == ()


def test_two_faces_are_tracked_when_asked_for() -> None:
    image = np.concatenate([portrait(), portrait()], axis=1)
    with open_tracker(max_faces=2) as tracker:
        faces = [tracker.track(Frame(i, i / 30, image)) for i in range(4)][-1]
    assert [face.track for face in faces] == [0, 1]
    apart = abs(float((faces[0].landmarks - faces[1].landmarks)[:, 0].mean()))
    assert apart == pytest.approx(240, abs=5)


def placed(size: tuple[int, int], corner: tuple[int, int], scale: float = 1.0) -> NDArray[np.uint8]:
    """The portrait, scaled, in a grey picture of a size (w, h); what lies beyond is cut off."""
    shift = np.array([[scale, 0, corner[0]], [0, scale, corner[1]]], np.float32)
    grey = (120, 120, 120)
    return np.asarray(
        cv2.warpAffine(portrait(), shift, size, flags=cv2.INTER_AREA, borderValue=grey), np.uint8
    )


def test_a_face_in_a_picture_of_fifteen_megapixels_is_found_where_it_is() -> None:
    image = placed((5000, 3000), (1500, 400), 8.0)
    with open_tracker() as tracker:
        faces = track(tracker, [Frame(i, i / 30, image) for i in range(3)])
    assert faces[-1] is not None
    with open_tracker() as tracker:
        (small,) = tracker.track(Frame(0, 0.0, placed((625, 375), (187, 50))))
    error = faces[-1].landmarks / 8 - small.landmarks
    assert np.abs(error).mean() < 2


def test_a_face_of_four_pixels_is_no_face() -> None:
    image = placed((640, 480), (320, 240), 4 / 100)
    with open_tracker() as tracker:
        assert track(tracker, [Frame(i, i / 30, image) for i in range(4)]) == [None] * 4


def test_a_face_that_walks_out_of_the_picture_is_lost() -> None:
    frames = [Frame(i, i / 30, placed((320, 240), (12 * i, 0))) for i in range(32)]
    with open_tracker() as tracker:
        faces = track(tracker, frames)
    assert faces[0] is not None
    assert faces[-1] is None
    assert all(f is None or np.isfinite(f.mesh).all() for f in faces)


def test_a_picture_that_changes_its_size_is_followed() -> None:
    sizes = [(320, 240)] * 3 + [(640, 480)] * 3 + [(240, 320)] * 3
    with open_tracker() as tracker:
        faces = track(
            tracker, [Frame(i, i / 30, placed(size, (0, 0))) for i, size in enumerate(sizes)]
        )
    # a change may cost a frame or two, until the face is found anew
    first, *later = faces[2::3]
    assert first is not None
    for face in later:
        assert face is not None
        assert np.abs(face.landmarks - first.landmarks).mean() < 6


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2)])
def test_a_picture_too_small_for_a_face_has_none(size: tuple[int, int]) -> None:
    image = np.zeros((size[1], size[0], 3), np.uint8)
    with open_tracker() as tracker:
        assert track(tracker, [Frame(i, i / 30, image) for i in range(2)]) == [None] * 2


@pytest.mark.parametrize("max_faces", [0, -1])
def test_no_faces_at_most_is_refused(max_faces: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        open_tracker(max_faces=max_faces)


def test_close_may_be_repeated() -> None:
    tracker = open_tracker()
    tracker.close()
    tracker.close()


@pytest.mark.parametrize("content", [None, b"", b"not a task file"])
def test_what_is_no_face_model_is_refused_in_one_line(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "face.task"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"face\.task") as caught:
        open_tracker(path)
    assert caught.value.exit_code == 4
    assert "\n" not in str(caught.value)


SILENT = """
import numpy as np, skimage.data, sys
from pathlib import Path
from realtime.faces.tracker import open_tracker
from realtime.types import Frame
image = np.ascontiguousarray(skimage.data.astronaut()[:240, 120:380])
with open_tracker(Path(sys.argv[1]) if len(sys.argv) > 1 else None) as tracker:
    found = [tracker.track(Frame(i, i / 30, image)) for i in range(3)]
assert all(found)
print("said", file=sys.stderr)
"""


def chatter(*arguments: str) -> tuple[str, str]:
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", SILENT, *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    return done.stdout, done.stderr


def test_mediapipe_writes_nothing_and_what_the_program_says_arrives() -> None:
    assert chatter() == ("", "said\n")


@pytest.mark.media
def test_a_task_file_is_as_silent() -> None:
    assert chatter(str(shared("models/face_landmarker.task"))) == ("", "said\n")


@pytest.mark.media
def test_a_task_file_agrees_with_the_bundled_mesh(face: Face) -> None:
    with open_tracker(shared("models/face_landmarker.task")) as tracker:
        found = track(tracker, [Frame(i, i / 30, portrait()) for i in range(3)])[-1]
    assert found is not None
    eyes_px = np.linalg.norm(face.landmarks[36] - face.landmarks[45])
    apart = np.linalg.norm(found.landmarks[17:] - face.landmarks[17:], axis=1)
    assert apart.mean() < 0.05 * eyes_px


@pytest.mark.media
def test_a_task_file_takes_frames_closer_than_a_millisecond() -> None:
    with open_tracker(shared("models/face_landmarker.task")) as tracker:
        assert all(track(tracker, [Frame(i, i / 5000, portrait()) for i in range(4)]))


@pytest.mark.media
def test_a_face_that_leaves_half_way_is_lost_and_stays_lost() -> None:
    with (
        open_file(shared("media/videos/pf_face_noface.mov")) as source,
        open_tracker() as tracker,
    ):
        seen = [bool(tracker.track(frame)) for frame in source]
    assert all(seen[:70])
    assert not any(seen[80:])


@pytest.mark.media
@pytest.mark.parametrize(
    ("name", "width_px"), [("in_sorry.mkv", 64), ("lp_d0.mp4", 227), ("clm_cap13_edit2.mp4", 90)]
)
def test_one_face_is_followed_through_real_clips(name: str, width_px: float) -> None:
    with open_file(shared(f"media/videos/{name}")) as source, open_tracker() as tracker:
        faces = [face for frame in islice(source, 60) for face in tracker.track(frame)]
    assert len(faces) == 60
    assert {face.track for face in faces} == {0}
    widths = [np.ptp(face.mesh[:, 0]) for face in faces]
    assert np.median(widths) == pytest.approx(width_px, rel=0.2)


@pytest.mark.media
def test_blinks_close_the_lids() -> None:
    with open_file(shared("media/videos/lp_d14.mp4")) as source, open_tracker() as tracker:
        faces = [face for frame in islice(source, 150) for face in tracker.track(frame)]
    openings = [sum(lid_apertures(face.mesh)) for face in faces]
    assert min(openings) < 0.3 * float(np.median(openings))
