"""Places on the crop, against numpy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from realtime.flow.kernels.places import (
    box_around,
    crop_mesh,
    crop_points,
    gathered,
    mean_point,
)

SEEDS = st.integers(0, 2**32 - 1)


def mesh_of(seed: int) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    return rng.uniform(-50, 700, (468, 3)).astype(np.float32), rng.normal(0, 1, (2, 3))


@settings(deadline=None)
@given(SEEDS)
def test_points_go_through_the_matrix(seed: int) -> None:
    mesh, matrix = mesh_of(seed)
    for points in (mesh[:, :2], mesh, mesh[:, :2].astype(np.float64)):
        out = crop_points(points, matrix)
        wanted = points[:, :2].astype(np.float64) @ matrix[:, :2].T + matrix[:, 2]
        assert out.dtype == np.float32
        np.testing.assert_allclose(out, wanted, rtol=1e-6, atol=1e-3)


def test_no_points_are_no_points() -> None:
    assert crop_points(np.empty((0, 2), np.float32), np.eye(2, 3)).shape == (0, 2)


@settings(deadline=None)
@given(SEEDS)
def test_a_mesh_has_its_depth_scaled_from_its_middle(seed: int) -> None:
    mesh, matrix = mesh_of(seed)
    out = crop_mesh(mesh, matrix, np.float32(0.7), np.float32(12.5))
    np.testing.assert_array_equal(out[:, :2], crop_points(mesh, matrix))
    np.testing.assert_allclose(out[:, 2], mesh[:, 2] * 0.7 - 12.5, rtol=1e-5, atol=1e-3)


def test_rows_are_gathered_in_the_order_asked_for() -> None:
    mesh, _ = mesh_of(1)
    chosen = np.array([467, 3, 3, 0])
    places, depth = gathered(mesh, chosen)
    np.testing.assert_array_equal(places, mesh[chosen, :2])
    np.testing.assert_array_equal(depth, mesh[chosen, 2])


@settings(deadline=None)
@given(SEEDS, st.floats(0, 2))
def test_a_box_is_the_extent_of_its_points_and_a_margin_by_two_others(
    seed: int, margin: float
) -> None:
    landmarks = mesh_of(seed)[0][:68, :2]
    chosen, wide = np.array([29, 30, 5]), np.array([39, 42])
    box = box_around(landmarks, chosen, wide, margin)
    room = margin * np.linalg.norm(landmarks[42] - landmarks[39]) / 2
    wanted = [*(landmarks[chosen].min(axis=0) - room), *(landmarks[chosen].max(axis=0) + room)]
    assert box == pytest.approx(wanted, rel=1e-5, abs=1e-3)


@settings(deadline=None)
@given(SEEDS, st.integers(1, 60))
def test_the_mean_point_is_the_mean_in_single_precision(seed: int, count: int) -> None:
    points = np.ascontiguousarray(mesh_of(seed)[0][:count, :2])
    np.testing.assert_array_equal(mean_point(points), points.mean(axis=0, dtype=np.float32))
