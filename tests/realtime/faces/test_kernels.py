"""What is asked of every mesh, against numpy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.faces.kernels import scaled, survey
from realtime.types import MESH_POINTS


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 2000), st.integers(1, 2000))
def test_a_survey_tells_what_numpy_tells(seed: int, width: int, height: int) -> None:
    rng = np.random.default_rng(seed)
    mesh = rng.uniform(-300, 2300, (MESH_POINTS, 3)).astype(np.float32)
    finite, eyes, inside, *box = survey(mesh, width, height, 33, 263)
    points = mesh[:, :2]
    assert finite
    assert eyes == pytest.approx(np.linalg.norm(points[263] - points[33]), rel=1e-5)
    assert inside == ((points >= 0) & (points < (width, height))).all(axis=1).mean()
    assert box == [*points.min(axis=0), *points.max(axis=0)]


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [(0, 0), (200, 1), (MESH_POINTS - 1, 2)])
def test_a_single_number_that_is_not_finite_is_seen(number: float, place: tuple[int, int]) -> None:
    mesh = np.ones((MESH_POINTS, 3), np.float32)
    mesh[place] = number
    assert not survey(mesh, 10, 10, 33, 263)[0]


def test_a_border_belongs_to_the_frame_at_its_beginning_only() -> None:
    mesh = np.zeros((MESH_POINTS, 3), np.float32)
    assert survey(mesh, 10, 20, 33, 263)[2] == 1
    mesh[:, 0] = 10
    assert survey(mesh, 10, 20, 33, 263)[2] == 0


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5000), st.integers(1, 5000))
def test_points_are_scaled_in_double_precision(seed: int, width: int, height: int) -> None:
    points = np.random.default_rng(seed).normal(0, 1, (478, 3)).astype(np.float32)
    out = scaled(points, (float(width), float(height), float(width)), MESH_POINTS)
    wanted = points[:MESH_POINTS].astype(np.float64) * (width, height, width)
    np.testing.assert_array_equal(out, wanted.astype(np.float32))
