"""The head's motion at every pixel, and sampling at any place."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.flow.headfield import depth_map, head_field, pixel_places, sampled, warped
from realtime.flow.kernels.rigid import DISTANCE, predict
from tests.realtime.flow.flow_makers import make_sites, texture

EYES_PX = 96.0
NUMBERS = st.tuples(*[st.floats(-20, 20)] * 2, *[st.floats(-0.2, 0.2)] * 4)


@settings(deadline=None)
@given(NUMBERS, st.floats(-80, 80), st.floats(-80, 80), st.floats(-40, 40))
def test_the_field_is_what_the_fit_predicts_point_by_point(
    numbers: tuple[float, ...], x: float, y: float, depth: float
) -> None:
    motion, centre = np.array(numbers), np.array([100, 120], np.float32)
    place = np.array([[x, y]], np.float32) + centre
    field = head_field(motion, place, centre, np.array([depth], np.float32), EYES_PX)
    expected = predict(motion, x, y, depth, DISTANCE * EYES_PX)
    assert field[0] == pytest.approx(expected, abs=1e-3)


def test_no_motion_is_no_field() -> None:
    places = pixel_places((20, 30))
    field = head_field(np.zeros(6), places, places[3, 4], np.ones((20, 30), np.float32), EYES_PX)
    assert field.shape == (20, 30, 2)
    assert (field == 0).all()


def test_places_are_x_then_y() -> None:
    places = pixel_places((3, 4))
    assert places.shape == (3, 4, 2)
    assert places[2, 1].tolist() == [1, 2]


def test_the_depth_of_a_plane_of_points_is_that_plane_and_of_one_point_its_own() -> None:
    y, x = np.mgrid[-40:140:6, -40:160:6].astype(np.float32)
    plane = np.stack([x, y, 0.2 * x - 0.1 * y], axis=-1).reshape(-1, 3)
    depth = depth_map(plane, (90, 110))
    rows, columns = np.mgrid[:90, :110]
    assert depth.shape == (90, 110)
    assert depth == pytest.approx(0.2 * columns - 0.1 * rows, abs=0.3)
    alone = depth_map(np.array([[5, 5, -12.5]], np.float32), (90, 110))
    assert alone == pytest.approx(-12.5)


def test_the_depth_near_a_mesh_point_is_near_its_own() -> None:
    mesh = make_sites().mesh
    depth = depth_map(mesh, (224, 208))
    inside = (mesh[:, :2] > 2).all(axis=1) & (mesh[:, :2] < (205, 221)).all(axis=1)
    points = mesh[inside]
    found = sampled(depth, points[:, :2])
    assert np.corrcoef(found, points[:, 2])[0, 1] > 0.97
    assert depth.min() >= mesh[:, 2].min()
    assert depth.max() <= mesh[:, 2].max()


def test_an_image_at_its_own_places_is_itself() -> None:
    image = texture((30, 40))
    assert warped(image, pixel_places(image.shape)) == pytest.approx(image.astype(float), abs=1e-3)


def test_an_image_at_shifted_places_is_the_image_shifted() -> None:
    """Against the texture's closed form; finer than a thirty-second of a px."""
    places = pixel_places((80, 80)) + np.array([0.53, -0.27], np.float32)
    inside = (slice(8, -8), slice(8, -8))
    found = warped(texture((80, 80)), places)[inside]
    expected = texture((80, 80), (-0.53, 0.27)).astype(float)[inside]
    # each picture is rounded to whole grey values, and cut at black and white in a few places
    assert np.quantile(np.abs(found - expected), 0.95) < 1


@pytest.mark.parametrize("where", [(-50, -50), (500, 500), (-1, 700)])
def test_beyond_the_border_the_border_is_repeated(where: tuple[float, float]) -> None:
    image = texture((30, 40))
    place = np.full((1, 1, 2), where, np.float32)
    x, y = np.clip(where, 0, (39, 29))
    assert warped(image, place)[0, 0] == pytest.approx(image[int(y), int(x)], abs=0.5)
    plane = image.astype(np.float32)
    assert sampled(plane, place)[0, 0] == pytest.approx(plane[int(y), int(x)])


def test_sampling_between_pixels_is_bilinear() -> None:
    plane = np.array([[0, 4], [8, 20]], np.float32)
    place = np.array([[0.5, 0.25], [1, 1]], np.float32)
    upper, lower = 2, 14
    assert sampled(plane, place).ravel() == pytest.approx([0.75 * upper + 0.25 * lower, 20])
