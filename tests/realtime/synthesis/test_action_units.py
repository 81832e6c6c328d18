"""Displacement fields of action units."""

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.synthesis.action_units import ACTIONS, BUMPS, unit_fields
from realtime.synthesis.render import Renderer

SMOOTH = [name for name in ACTIONS if BUMPS[name]]


@pytest.fixture(scope="module")
def fields(renderer: Renderer) -> NDArray[np.float32]:
    mesh = renderer.stage.mesh
    return unit_fields(mesh[:, :2], mesh)


@pytest.mark.parametrize("unit", SMOOTH)
def test_the_most_moved_mesh_point_of_a_unit_moves_by_one(
    fields: NDArray[np.float32], unit: str
) -> None:
    both = fields[ACTIONS.index(unit)].sum(axis=0)
    assert np.linalg.norm(both, axis=1).max() == pytest.approx(1, rel=1e-4)


def test_a_side_moves_its_own_half_of_the_face(
    renderer: Renderer, fields: NDArray[np.float32]
) -> None:
    mesh = renderer.stage.mesh
    middle, eyes = mesh[[33, 263, 1, 152], 0].mean(), renderer.stage.eyes_px
    far_right = mesh[:, 0] > middle + 0.35 * eyes
    left, right = np.abs(fields[:, 0, far_right]), np.abs(fields[:, 1, far_right])
    assert left.max() < 0.01
    assert right.max() > 0.5


@pytest.mark.parametrize(
    ("unit", "point", "direction"),
    [
        ("AU1", 107, (0, -1)),
        ("AU2", 105, (0, -1)),
        ("AU4", 107, (1, 1)),
        ("AU12", 61, (-1, -1)),
        ("AU15", 61, (0, 1)),
        ("AU17", 199, (0, -1)),
        ("AU18", 61, (1, 0)),
        ("AU20", 61, (-1, 0)),
        ("AU26", 199, (0, 1)),
    ],
)
def test_a_unit_pulls_its_muscle_the_way_that_facs_describes(
    fields: NDArray[np.float32], unit: str, point: int, direction: tuple[int, int]
) -> None:
    # seen in the picture: point 107 is the inner end of the brow on the left, 61 that lip corner
    moved = fields[ACTIONS.index(unit)].sum(axis=0)[point]
    for axis, sign in enumerate(direction):
        if sign:
            assert sign * moved[axis] > 0.3


def test_action_units_fade_to_nothing_outside_the_face(renderer: Renderer) -> None:
    corners = np.array([[0, 0], [639, 0], [0, 479]], np.float32)
    assert np.abs(unit_fields(corners, renderer.stage.mesh)).max() < 1e-3
