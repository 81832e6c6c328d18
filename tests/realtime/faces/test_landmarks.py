"""The tables of mesh points."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from realtime.faces.landmarks import (
    EYE_CORNERS,
    LID_PAIRS,
    MESH_TO_68,
    lid_apertures,
    to_68,
)
from realtime.types import MESH_POINTS


def blank() -> NDArray[np.float32]:
    return np.zeros((MESH_POINTS, 3), np.float32)


@pytest.mark.parametrize("table", [MESH_TO_68, LID_PAIRS.ravel(), EYE_CORNERS.ravel()])
def test_a_table_names_each_mesh_point_once(
    table: NDArray[np.intp],
) -> None:
    assert len(set(table.tolist())) == len(table)
    assert table.min() >= 0
    assert table.max() < MESH_POINTS


def test_there_are_68_landmarks() -> None:
    assert MESH_TO_68.shape == (68,)


def test_the_tables_agree_on_the_eye_corners() -> None:
    assert MESH_TO_68[[36, 39, 42, 45]].tolist() == EYE_CORNERS.ravel().tolist()


@pytest.mark.parametrize("table", [MESH_TO_68, LID_PAIRS, EYE_CORNERS])
def test_tables_cannot_be_changed(table: NDArray[np.intp]) -> None:
    with pytest.raises(ValueError, match="read-only"):
        table[...] = 0


def test_to_68_picks_rows_and_drops_depth() -> None:
    mesh = np.arange(MESH_POINTS * 3, dtype=np.float32).reshape(MESH_POINTS, 3)
    landmarks = to_68(mesh)
    assert landmarks.dtype == np.float32
    assert landmarks[45].tolist() == [263 * 3, 263 * 3 + 1]


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 6.3))
def test_lid_apertures_are_the_mean_distances_at_any_head_roll(
    left: float, right: float, roll: float
) -> None:
    mesh = blank()
    for eye, opening in enumerate((left, right)):
        mesh[LID_PAIRS[eye, :, 1], 0] = opening * np.sin(roll)
        mesh[LID_PAIRS[eye, :, 1], 1] = opening * np.cos(roll)
    assert lid_apertures(mesh) == pytest.approx((left, right), rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("shape", [(478, 3), (468, 2), (0, 3)])
def test_another_mesh_is_refused(shape: tuple[int, int]) -> None:
    wrong = np.zeros(shape, np.float32)
    with pytest.raises(ValueError, match="a mesh is"):
        to_68(wrong)
    with pytest.raises(ValueError, match="a mesh is"):
        lid_apertures(wrong)
