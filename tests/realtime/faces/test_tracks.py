"""Identities of faces."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from realtime.faces.identity import MEMORY_S
from realtime.faces.tracks import MIN_EYES_PX, FaceTracks, as_input, inside, to_mesh
from realtime.types import MESH_POINTS, Frame

IMAGE = np.zeros((100, 200, 3), np.uint8)
SHAPE = np.random.default_rng(3).uniform(-0.5, 0.5, (MESH_POINTS, 3))
OUTER_EYES = [33, 263]
SHAPE[OUTER_EYES] = (-0.5, 0, 0), (0.5, 0, 0)


def face(x: float, y: float = 50, width: float = 20) -> NDArray[np.float32]:
    """A mesh whose outer eye corners are ``width`` px apart."""
    return (SHAPE * width + (x, y, 0)).astype(np.float32)


def ids(tracks: FaceTracks, time_s: float, *meshes: NDArray[np.float32]) -> list[int]:
    return [f.track for f in tracks.faces(Frame(0, time_s, IMAGE), meshes)]


def test_a_frame_without_faces_gives_none() -> None:
    assert FaceTracks().faces(Frame(0, 0.0, IMAGE), []) == ()


def test_a_face_keeps_its_number_while_it_moves_across_the_frame() -> None:
    tracks = FaceTracks()
    assert [ids(tracks, i / 30, face(10 + 5 * i)) for i in range(30)] == [[0]] * 30


@given(st.permutations([30.0, 100.0, 170.0]))
def test_numbers_stay_with_their_faces_whatever_order_they_are_found_in(order: list[float]) -> None:
    tracks = FaceTracks()
    tracks.faces(Frame(0, 0.0, IMAGE), [face(30), face(100), face(170)])
    found = tracks.faces(Frame(1, 0.03, IMAGE), [face(x + 2) for x in order])
    assert [f.track for f in found] == [0, 1, 2]
    assert [round(float(f.landmarks[:, 0].mean()) / 70) for f in found] == [0, 1, 2]


def test_a_face_that_is_back_soon_and_near_is_the_same() -> None:
    tracks = FaceTracks()
    ids(tracks, 0.0, face(50))
    assert ids(tracks, 0.1) == []
    assert ids(tracks, MEMORY_S, face(52)) == [0]


def test_a_face_that_is_back_late_is_a_new_one() -> None:
    tracks = FaceTracks()
    ids(tracks, 0.0, face(50))
    assert ids(tracks, MEMORY_S + 0.1, face(50)) == [1]


def test_a_face_elsewhere_is_a_new_one_and_numbers_are_never_used_again() -> None:
    tracks = FaceTracks()
    assert ids(tracks, 0.0, face(20)) == [0]
    assert ids(tracks, 0.1, face(150)) == [1]
    assert ids(tracks, 5.0, face(20)) == [2]


def test_a_mesh_that_is_not_finite_is_left_out() -> None:
    broken = face(50)
    broken[7, 1] = np.nan
    (found,) = FaceTracks().faces(Frame(0, 0.0, IMAGE), [broken, face(120)])
    assert found.landmarks[:, 0].mean() == pytest.approx(120, abs=3)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_face_that_is_not_finite_counts_as_none_and_is_told_once(
    value: float, caplog: pytest.LogCaptureFixture
) -> None:
    tracks, broken = FaceTracks(), face(50)
    broken[100, 2] = value
    assert [ids(tracks, k / 30, broken) for k in range(3)] == [[]] * 3
    assert caplog.text.count("not finite") == 1
    assert ids(tracks, 0.1, face(50)) == [0]


@pytest.mark.parametrize("width", [0.0, 4.0, MIN_EYES_PX - 0.1])
def test_a_face_that_is_too_small_counts_as_none_and_is_told_once(
    width: float, caplog: pytest.LogCaptureFixture
) -> None:
    tracks = FaceTracks()
    assert [ids(tracks, k / 30, face(50, width=width)) for k in range(3)] == [[]] * 3
    assert caplog.text.count("too small") == 1
    assert ids(tracks, 0.1, face(50, width=MIN_EYES_PX + 0.1)) == [0]


def test_eyes_are_measured_across_a_tilted_face() -> None:
    tilted = face(50, width=30)[:, [1, 0, 2]]
    assert ids(FaceTracks(), 0.0, tilted) == [0]


@pytest.mark.parametrize("centre", [(-40, 50), (240, 50), (100, -40), (100, 140), (-1e6, 50)])
def test_a_face_outside_the_picture_counts_as_none(
    centre: tuple[float, float], caplog: pytest.LogCaptureFixture
) -> None:
    assert ids(FaceTracks(), 0.0, face(*centre)) == []
    assert "outside the picture" in caplog.text


def test_a_face_that_leaves_over_the_border_is_kept_while_any_of_it_is_inside() -> None:
    tracks = FaceTracks()
    seen = [ids(tracks, k / 30, face(150 + 2 * k, width=40)) for k in range(60)]
    assert seen[0] == [0]
    assert seen[-1] == []
    assert seen == sorted(seen, reverse=True)


def test_what_mediapipe_reads_is_the_picture_itself_where_it_can_be() -> None:
    image = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    given = as_input(image)
    assert np.shares_memory(given, image)
    assert not given.flags.writeable
    assert image.flags.writeable
    strided = as_input(image[:, ::2])
    assert strided.flags.c_contiguous
    np.testing.assert_array_equal(strided, image[:, ::2])


def test_the_score_is_the_share_of_the_mesh_inside_the_frame() -> None:
    mesh = face(100)
    mesh[: MESH_POINTS // 4, 0] = -1
    assert inside(mesh, 200, 100) == pytest.approx(0.75)
    (found,) = FaceTracks().faces(Frame(0, 0.0, IMAGE), [mesh])
    assert found.score == pytest.approx(0.75)


def test_to_mesh_scales_x_y_and_z_and_leaves_the_irises_out() -> None:
    points = [SimpleNamespace(x=0.5, y=0.5, z=-0.1)] * 478
    mesh = to_mesh(points, 200, 100)
    assert mesh.shape == (468, 3)
    assert mesh.dtype == np.float32
    assert mesh[467] == pytest.approx([100, 50, -20])
