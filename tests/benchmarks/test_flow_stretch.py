"""Stretches of crops, and the truth of rendered ones."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.flow_portraits import MEDIA
from benchmarks.flow_stretch import clip_stretch, film_stretch, stretch_of
from engines.errors import SourceError
from realtime.flow.parameters import EYE_DISTANCE_PX
from realtime.flow.sites import PATCH_LANDMARKS
from realtime.synthesis.render import RenderedFrame
from tests.realtime.flow.flow_makers import make_face, moved

EYES_PX = 60.0
IMAGE = np.zeros((240, 320, 3), np.uint8)


def frame(shift: tuple[float, float]) -> RenderedFrame:
    mesh = moved(make_face((160, 100), EYES_PX), shift).mesh
    return RenderedFrame(IMAGE, mesh, np.zeros((468, 2), np.float32))


def test_the_truth_is_the_landmarks_displacement_in_canonical_px() -> None:
    stretch = film_stretch("film", [frame((0, 0)), frame((1, 0)), frame((3, -6))])
    zoom = EYE_DISTANCE_PX / EYES_PX
    assert stretch.truth(0, 2) == pytest.approx(np.tile([3 * zoom, -6 * zoom], (10, 1)), abs=1e-3)
    assert stretch.truth(1, 2) == pytest.approx(np.tile([2 * zoom, -6 * zoom], (10, 1)), abs=1e-3)
    assert stretch.truth(1, 1) == pytest.approx(np.zeros((10, 2)))


def test_the_places_of_the_patches_are_those_of_their_landmarks() -> None:
    stretch = film_stretch("film", [frame((0, 0)), frame((1, 2))])
    assert stretch.places is not None
    assert stretch.places.shape == (2, len(PATCH_LANDMARKS), 2)
    for places, sites in zip(stretch.places, stretch.sites, strict=True):
        assert places == pytest.approx(sites.patches, abs=1e-3)


def test_no_window_opens_where_the_anchor_no_longer_holds() -> None:
    faces = [make_face(), moved(make_face(), (40, 0)), make_face()]
    stretch = stretch_of("film", [IMAGE] * 3, faces)
    assert stretch.opens == (True, False, True)


def test_the_truth_of_a_real_clip_is_not_known() -> None:
    stretch = stretch_of("clip", [IMAGE], [make_face()])
    with pytest.raises(ValueError, match="rendered faces only"):
        stretch.truth(0, 0)


def test_a_clip_without_a_face_throughout_is_refused_in_one_line(tmp_path: Path) -> None:
    for number in range(6):
        cv2.imwrite(str(tmp_path / f"{number:03d}.png"), IMAGE)
    with pytest.raises(SourceError, match="no 4 consecutive ticks with a face") as error:
        clip_stretch(tmp_path, 4)
    assert "\n" not in str(error.value)


@pytest.mark.media
def test_a_real_clip_gives_as_many_crops_as_asked_for() -> None:
    clip = MEDIA / "videos" / "evm_face2.mp4"
    if not clip.is_file():
        pytest.skip(f"no {clip.name} beside the project")
    stretch = clip_stretch(clip, 6)
    assert len(stretch.crops) == len(stretch.sites) == 6
    assert len({crop.tobytes() for crop in stretch.crops}) > 1
    assert stretch.opens[0]
