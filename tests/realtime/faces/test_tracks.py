"""Identities of faces."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from realtime.faces.tracks import MEMORY_S, FaceTracks, inside, to_mesh
from realtime.types import MESH_POINTS, Frame

IMAGE = np.zeros((100, 200, 3), np.uint8)
SHAPE = np.random.default_rng(3).uniform(-0.5, 0.5, (MESH_POINTS, 3))


def face(x: float, y: float = 50, width: float = 20) -> NDArray[np.float32]:
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
