"""The canonical face and the places on it."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.flow.canonical import (
    EYE_CENTRE,
    MAX_DRIFT_PX,
    MAX_ROLL_RAD,
    MAX_SCALE_RATIO,
    OUTER_EYES,
    Anchor,
)
from realtime.flow.parameters import EYE_DISTANCE_PX, FlowParameters
from realtime.flow.sites import Sites, canonical_lids
from tests.realtime.flow.flow_makers import make_face, moved, texture

CROP_SIZE = FlowParameters().crop_size
ZOOMS = st.sampled_from([0.5, 0.75, 1.0, 1.5])
SIZES = st.floats(4, 900)
PLACES = st.tuples(st.floats(-200, 800), st.floats(-200, 800))
ROLLS = st.floats(-1.5, 1.5)


@given(PLACES, SIZES, ROLLS, ZOOMS)
def test_the_outer_eye_corners_come_to_their_canonical_places(
    centre: tuple[float, float], eyes_px: float, roll: float, zoom: float
) -> None:
    face = make_face(centre, eyes_px, roll)
    anchor = Anchor.of(face.landmarks, FlowParameters(zoom=zoom))
    corners = anchor.to_crop(face.landmarks[list(OUTER_EYES)])
    x, y = EYE_CENTRE
    half = EYE_DISTANCE_PX / 2
    assert corners == pytest.approx(zoom * np.array([[x - half, y], [x + half, y]]), abs=0.1)


@given(PLACES, SIZES, ROLLS)
def test_a_face_has_the_same_sites_near_far_and_tilted(
    centre: tuple[float, float], eyes_px: float, roll: float
) -> None:
    face, upright = make_face(centre, eyes_px, roll), make_face()
    sites = Sites.of(face, Anchor.of(face.landmarks))
    expected = Sites.of(upright, Anchor.of(upright.landmarks))
    for name in ("patches", "rigid", "rigid_depth", "patch_depth"):
        assert getattr(sites, name) == pytest.approx(getattr(expected, name), abs=0.2), name
    assert sites.to_canonical * FlowParameters().zoom == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("zoom", [0.5, 0.75, 1.0, 2.0])
def test_a_crop_of_any_zoom_has_sites_in_proportion_and_the_same_canonical_px(zoom: float) -> None:
    face = make_face(roll=0.1)
    plain = Sites.of(face, Anchor.of(face.landmarks, FlowParameters(zoom=1.0)))
    zoomed = Sites.of(face, Anchor.of(face.landmarks, FlowParameters(zoom=zoom)))
    for name in ("patches", "nose", "rigid", "rigid_depth", "patch_depth", "mesh"):
        expected = zoom * getattr(plain, name)
        assert getattr(zoomed, name) == pytest.approx(expected, abs=1e-2), name
    assert zoomed.to_canonical == pytest.approx(1 / zoom, rel=1e-4)


@pytest.mark.parametrize("zoom", [0.5, 1.0, 2.0])
def test_an_anchor_holds_until_the_face_has_drifted_grown_or_tilted_too_far(zoom: float) -> None:
    face = make_face(eyes_px=EYE_DISTANCE_PX)
    anchor = Anchor.of(face.landmarks, FlowParameters(zoom=zoom))
    assert anchor.holds(face.landmarks)
    for share, holds in ((0.98, True), (1.02, False)):
        assert anchor.holds(moved(face, (share * MAX_DRIFT_PX, 0)).landmarks) is holds
        tilted = make_face(eyes_px=EYE_DISTANCE_PX, roll=share * MAX_ROLL_RAD)
        assert anchor.holds(tilted.landmarks) is holds
        for size in (MAX_SCALE_RATIO, 1 / MAX_SCALE_RATIO):
            grown = make_face(eyes_px=EYE_DISTANCE_PX * size**share)
            assert anchor.holds(grown.landmarks) is holds


def test_a_lean_under_an_old_anchor_still_gives_canonical_px() -> None:
    """The face grew by 5 %: crop px are 5 % too many, and ``to_canonical`` says so."""
    anchor = Anchor.of(make_face(eyes_px=60).landmarks)
    sites = Sites.of(make_face(eyes_px=63), anchor)
    assert sites.to_canonical * FlowParameters().zoom == pytest.approx(1 / 1.05, rel=1e-4)


@pytest.mark.parametrize("eyes_px", [40.0, 96.0, 150.0, 250.0, 480.0])
def test_a_crop_shows_a_spot_where_the_sites_say_at_any_reduction(eyes_px: float) -> None:
    """Averaging blocks of pixels before a strong reduction must not shift the picture."""
    face = make_face(centre=(551.3, 447.8), eyes_px=eyes_px)
    anchor = Anchor.of(face.landmarks)
    tip = face.landmarks[30]
    rows, columns = np.mgrid[:1100, :1100]
    square = (columns - tip[0]) ** 2 + (rows - tip[1]) ** 2
    grey = np.round(255 * np.exp(-square / (2 * (eyes_px / 16) ** 2))).astype(np.uint8)
    crop = anchor.crop(grey).astype(float)
    rows, columns = np.mgrid[: CROP_SIZE[0], : CROP_SIZE[1]]
    found = np.array([(columns * crop).sum(), (rows * crop).sum()]) / crop.sum()
    assert found == pytest.approx(anchor.to_crop(tip[None])[0], abs=0.05)


@pytest.mark.parametrize(
    ("centre", "eyes_px"),
    [
        ((0, 0), 60),
        ((319, 239), 60),
        ((-400, 100), 60),
        ((2000, 2000), 60),
        ((160, 120), 4),
        ((160, 120), 900),
        ((0, 0), 900),
        ((-5000, 0), 900),
    ],
)
def test_a_crop_at_the_border_of_the_frame_or_of_any_size_is_a_crop(
    centre: tuple[float, float], eyes_px: float
) -> None:
    crop = Anchor.of(make_face(centre, eyes_px).landmarks).crop(texture((240, 320)))
    assert crop.shape == CROP_SIZE
    assert crop.dtype == np.uint8


@pytest.mark.parametrize("centre", [(160, 120), (20, 30), (310, 235)])
@pytest.mark.parametrize("roll", [0.0, 0.3, -1.2, 3.0])
def test_a_crop_of_the_part_that_is_read_is_that_of_the_whole_frame(
    centre: tuple[float, float], roll: float
) -> None:
    frame = texture((240, 320))
    anchor = Anchor.of(make_face(centre, 80, roll).landmarks)
    whole = cv2.warpAffine(
        frame, anchor.matrix, CROP_SIZE[::-1], flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    # OpenCV samples at 1/32 px from a corner of its own
    assert np.abs(anchor.crop(frame).astype(int) - whole).max() <= 2


@pytest.mark.parametrize("eyes_px", [20.0, 96.0, 400.0])
def test_lid_apertures_are_in_canonical_px(eyes_px: float) -> None:
    lids = canonical_lids(make_face(eyes_px=eyes_px, lid=0.1))
    assert lids == pytest.approx(0.1 * EYE_DISTANCE_PX, rel=1e-3)
