"""Head motion from the flow at rigid points."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from realtime.flow.kernels.expansion import expansion_of
from realtime.flow.kernels.rigid import fit, predict, texture_weights
from tests.realtime.flow.flow_makers import texture

Floats = NDArray[np.float32]

COUNT = 47
PX, RATE = st.floats(-12, 12), st.floats(-0.1, 0.1)
SURE = np.full(COUNT, 1e5)
"""Weights beside which the pull towards zero is nothing."""


def head() -> tuple[Floats, Floats]:
    rng = np.random.default_rng(5)
    points = rng.uniform((-55, -60), (55, 60), (COUNT, 2))
    depth = rng.uniform(-30, 30, COUNT)
    return (points - points.mean(axis=0)).astype(np.float32), depth.astype(np.float32)


def shifts_of(motion: NDArray[np.float64], points: Floats, depth: Floats) -> Floats:
    """The six-parameter motion written out as a matrix product."""
    x, y = points.T.astype(float)
    one, nil = np.ones(COUNT), np.zeros(COUNT)
    u = np.stack([one, nil, x, -y, depth, nil]).T @ motion
    v = np.stack([nil, one, y, x, nil, depth]).T @ motion
    return np.stack([u, v], axis=1).astype(np.float32)


@settings(deadline=None)
@given(st.tuples(PX, PX, RATE, RATE, RATE, RATE))
def test_six_known_parameters_are_recovered_from_exact_motion(truth: tuple[float, ...]) -> None:
    points, depth = head()
    motion = np.array(truth)
    found = fit(points, depth, shifts_of(motion, points, depth), SURE)
    assert found[:2] == pytest.approx(motion[:2], abs=2e-3)
    assert found[2:] == pytest.approx(motion[2:], abs=1e-4)


def test_two_points_that_deform_do_not_move_the_fit() -> None:
    points, depth = head()
    motion = np.array([2.0, -1.0, 0.02, -0.03, 0.01, 0.02])
    shifts = shifts_of(motion, points, depth)
    shifts[[3, 20]] += np.array([[0, 8], [6, -5]], np.float32)
    found = fit(points, depth, shifts, np.ones(COUNT))
    clean = fit(points, depth, shifts_of(motion, points, depth), np.ones(COUNT))
    for x, y, z in ((0, 0, 0), (48, 0, 0), (-48, 60, 20)):
        assert predict(found, x, y, z) == pytest.approx(predict(clean, x, y, z), abs=0.02)


def test_points_that_are_not_trusted_take_no_part() -> None:
    points, depth = head()
    motion = np.array([3.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    shifts = shifts_of(motion, points, depth)
    trust = SURE.copy()
    trust[::2] = 0
    shifts[::2] = 0
    assert fit(points, depth, shifts, trust)[:2] == pytest.approx((3, 1), abs=0.01)


def test_with_no_trust_in_any_point_the_head_is_still() -> None:
    points, depth = head()
    shifts = np.full((COUNT, 2), 5, np.float32)
    assert fit(points, depth, shifts, np.zeros(COUNT)).tolist() == [0] * 6


def test_noise_at_few_points_is_taken_for_less_of_a_turn_than_by_plain_least_squares() -> None:
    rng = np.random.default_rng(0)
    points, depth = (part[:5] for part in head())
    pulled, plain = 0.0, 0.0
    for _ in range(20):
        noise = rng.normal(0, 0.3, (5, 2)).astype(np.float32)
        x, y = points.T.astype(float)
        one, nil = np.ones(5), np.zeros(5)
        rows = np.vstack(
            [np.stack([one, nil, x, -y, depth, nil]).T, np.stack([nil, one, y, x, nil, depth]).T]
        )
        pulled += np.abs(fit(points, depth, noise, np.ones(5))[2:]).sum()
        plain += np.abs(np.linalg.lstsq(rows, noise.T.ravel(), rcond=None)[0][2:]).sum()
    assert pulled < 0.8 * plain


def test_texture_is_trusted_and_flat_skin_is_not() -> None:
    image = np.full((80, 160), 128, np.uint8)
    image[:, 80:] = texture((80, 80))
    points = np.array([[30, 40], [120, 40]], np.float32)
    flat, textured = texture_weights(expansion_of(image, 1.5), points, 7)
    assert flat < 1e-3
    assert 0.5 < textured < 1


def test_an_edge_is_trusted_less_than_a_corner() -> None:
    """Along an edge the displacement cannot be seen: the smaller eigenvalue says so."""
    image = np.full((60, 120), 60, np.uint8)
    image[:, 30:] = 180
    image[30:, 90:] = 60
    points = np.array([[30, 30], [90, 30]], np.float32)
    edge, corner = texture_weights(expansion_of(image, 1.5), points, 7)
    assert edge < 0.01 * corner


def test_points_beyond_the_border_are_weighed_at_it() -> None:
    expansion = expansion_of(texture((60, 60)), 1.5)
    beyond = np.array([[-50, -50], [500, 500]], np.float32)
    border = np.array([[7, 7], [52, 52]], np.float32)
    assert (texture_weights(expansion, beyond, 7) == texture_weights(expansion, border, 7)).all()
