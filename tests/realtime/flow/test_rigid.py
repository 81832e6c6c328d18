"""Head motion from the flow at rigid points."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from realtime.flow.kernels.block import share_of, structures_of
from realtime.flow.kernels.expansion import expansion_of
from realtime.flow.kernels.rigid import (
    DISTANCE,
    HALF_TEXTURE,
    PRIOR,
    fit,
    predict,
    texture_weights,
)
from tests.realtime.flow.flow_makers import texture

Floats = NDArray[np.float32]

COUNT = 47
EYES_PX = 96.0
PX, RATE = st.floats(-12, 12), st.floats(-0.1, 0.1)
SURE = np.full(COUNT, 1e5)
"""Weights beside which the pull towards zero is nothing."""


def head() -> tuple[Floats, Floats]:
    rng = np.random.default_rng(5)
    points = rng.uniform((-55, -60), (55, 60), (COUNT, 2))
    depth = rng.uniform(-30, 30, COUNT)
    return (points - points.mean(axis=0)).astype(np.float32), depth.astype(np.float32)


def design(points: Floats, depth: Floats, eyes_px: float = EYES_PX) -> NDArray[np.float64]:
    """The six-parameter motion written out as a matrix: first all rows of u, then all of v."""
    x, y, z = *points.T.astype(float), depth.astype(float)
    far = DISTANCE * eyes_px
    one, nil = np.ones_like(x), np.zeros_like(x)
    u = [one, nil, x, -y, z + x * x / far, x * y / far]
    v = [nil, one, y, x, x * y / far, z + y * y / far]
    return np.vstack([np.stack(u, axis=1), np.stack(v, axis=1)])


def shifts_of(
    motion: NDArray[np.float64], points: Floats, depth: Floats, eyes_px: float = EYES_PX
) -> Floats:
    return (design(points, depth, eyes_px) @ motion).reshape(2, -1).T.astype(np.float32)


@settings(deadline=None)
@given(st.tuples(PX, PX, RATE, RATE, RATE, RATE), st.sampled_from([24.0, 72.0, 96.0, 192.0]))
def test_six_known_parameters_are_recovered_from_exact_motion_at_any_size(
    truth: tuple[float, ...], eyes_px: float
) -> None:
    points, depth = (part * np.float32(eyes_px / EYES_PX) for part in head())
    motion = np.array(truth)
    motion[:2] *= eyes_px / EYES_PX
    found = fit(points, depth, shifts_of(motion, points, depth, eyes_px), SURE, eyes_px)
    assert found[:2] == pytest.approx(motion[:2], abs=2e-3 * max(1, eyes_px / EYES_PX))
    assert found[2:] == pytest.approx(motion[2:], abs=1e-4)


@pytest.mark.parametrize("angle_deg", [-8.0, 3.0, 8.0])
def test_a_turning_head_seen_by_a_camera_is_predicted_by_one_number(angle_deg: float) -> None:
    """Pinhole projection of points that turn about the vertical, at the fit's own distance.

    What six linear parameters leave of it is of second order in the angle.
    """
    points, depth = head()
    points, depth = points[np.abs(depth) < 15], depth[np.abs(depth) < 15]
    far, angle = DISTANCE * EYES_PX, np.radians(angle_deg)

    def seen(turn: float) -> NDArray[np.float64]:
        x, y, z = points[:, 0] * (1 + depth / far), points[:, 1] * (1 + depth / far), depth
        turned = np.cos(turn) * x + np.sin(turn) * z, -np.sin(turn) * x + np.cos(turn) * z
        plane = np.stack([turned[0], y], axis=1).astype(float)
        return np.asarray(plane / (1 + turned[1] / far)[:, None])

    shifts = (seen(angle) - seen(0)).astype(np.float32)
    motion = fit(points, depth, shifts, np.full(len(points), 1e5), EYES_PX)
    left = shifts - shifts_of(motion, points, depth)
    assert motion[4] == pytest.approx(np.sin(angle), rel=0.1)
    assert np.abs(motion[5]) < 0.01
    assert np.hypot(*left.T).max() < 0.6 * np.radians(abs(angle_deg)) ** 2 * EYES_PX / 2


def test_two_points_that_deform_do_not_move_the_fit() -> None:
    points, depth = head()
    motion = np.array([2.0, -1.0, 0.02, -0.03, 0.01, 0.02])
    shifts = shifts_of(motion, points, depth)
    shifts[[3, 20]] += np.array([[0, 8], [6, -5]], np.float32)
    found = fit(points, depth, shifts, np.ones(COUNT), EYES_PX)
    clean = fit(points, depth, shifts_of(motion, points, depth), np.ones(COUNT), EYES_PX)
    far = DISTANCE * EYES_PX
    for x, y, z in ((0.0, 0.0, 0.0), (48.0, 0.0, 0.0), (-48.0, 60.0, 20.0)):
        assert predict(found, x, y, z, far) == pytest.approx(predict(clean, x, y, z, far), abs=0.02)


def test_every_round_of_the_fit_takes_the_points_that_deform_for_less() -> None:
    points, depth = head()
    shifts = shifts_of(np.zeros(6), points, depth)
    shifts[:8] += np.array([0, 6], np.float32)
    error = [
        np.abs(shifts_of(fit(points, depth, shifts, SURE, EYES_PX, n), points, depth)).max()
        for n in (1, 2, 3, 5)
    ]
    assert error == sorted(error, reverse=True)
    assert error[-1] < 0.1 * error[0]


def test_one_round_is_least_squares_with_the_pull_towards_zero() -> None:
    rng = np.random.default_rng(1)
    points, depth = head()
    shifts = rng.normal(0, 2, (COUNT, 2)).astype(np.float32)
    trust = rng.uniform(0.2, 1, COUNT)
    rows = design(points, depth)
    pull = np.diag([0, 0, *[PRIOR * EYES_PX**2] * 4])
    normal = rows.T @ (rows * np.tile(trust, 2)[:, None]) + pull
    expected = np.linalg.solve(normal, rows.T @ (shifts.T.ravel() * np.tile(trust, 2)))
    found = fit(points, depth, shifts, trust, EYES_PX, 1)
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-7)


def test_points_that_are_not_trusted_take_no_part() -> None:
    points, depth = head()
    motion = np.array([3.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    shifts = shifts_of(motion, points, depth)
    trust = SURE.copy()
    trust[::2] = 0
    shifts[::2] = 0
    assert fit(points, depth, shifts, trust, EYES_PX)[:2] == pytest.approx((3, 1), abs=0.01)


def test_with_no_trust_in_any_point_the_head_is_still() -> None:
    points, depth = head()
    shifts = np.full((COUNT, 2), 5, np.float32)
    assert fit(points, depth, shifts, np.zeros(COUNT), EYES_PX).tolist() == [0] * 6


def test_points_that_lie_on_one_spot_tell_a_translation_and_nothing_else() -> None:
    nowhere = np.zeros((COUNT, 2), np.float32)
    shifts = np.full((COUNT, 2), 5, np.float32)
    found = fit(nowhere, np.zeros(COUNT, np.float32), shifts, np.ones(COUNT), EYES_PX)
    assert found == pytest.approx([5, 5, 0, 0, 0, 0], abs=1e-6)


def test_the_less_the_points_are_trusted_the_less_of_a_turn_is_made_of_noise() -> None:
    rng = np.random.default_rng(0)
    points, depth = (part[:5] for part in head())
    turns = []
    for trust in (1e4, 1.0, 0.1):
        noise = rng.normal(0, 0.3, (20, 5, 2)).astype(np.float32)
        found = [fit(points, depth, one, np.full(5, trust), EYES_PX)[2:] for one in noise]
        turns.append(np.abs(found).sum())
    assert turns[2] < 0.7 * turns[1] < 0.7 * turns[0]


def weights_of(image: NDArray[np.uint8], *points: tuple[float, float]) -> NDArray[np.float64]:
    """Texture weights at points (x, y) of an image."""
    structures = np.empty((len(points), 3), np.float32)
    structures_of(expansion_of(image, 1.5), np.array(points, np.float32), 15, structures)
    return np.asarray(texture_weights(structures, share_of(15)))


def test_a_weight_is_the_smaller_eigenvalue_against_that_of_half_a_texture() -> None:
    rng = np.random.default_rng(4)
    roots = rng.normal(0, 5, (COUNT, 2, 2))
    matrices = roots @ roots.transpose(0, 2, 1)
    sums = np.stack([matrices[:, 0, 0], matrices[:, 0, 1], matrices[:, 1, 1]], axis=1)
    smaller = np.linalg.eigvalsh(matrices)[:, 0] / 20
    found = texture_weights(sums.astype(np.float32), np.float32(1 / 20))
    assert found == pytest.approx(smaller / (smaller + HALF_TEXTURE), abs=1e-4)


def test_texture_is_trusted_and_flat_skin_is_not() -> None:
    image = np.full((80, 160), 128, np.uint8)
    image[:, 80:] = texture((80, 80))
    flat, textured = weights_of(image, (30, 40), (120, 40))
    assert flat < 1e-3
    assert 0.5 < textured < 1


def test_an_edge_is_trusted_less_than_a_corner() -> None:
    """Along an edge the displacement cannot be seen: the smaller eigenvalue says so."""
    image = np.full((60, 120), 60, np.uint8)
    image[:, 30:] = 180
    image[30:, 90:] = 60
    edge, corner = weights_of(image, (30, 30), (90, 30))
    assert edge < 0.01 * corner


@settings(deadline=None)
@given(st.floats(0, np.pi), st.floats(2, 30), st.floats(0, 6))
@example(0.5 * np.pi, 20.0, 0.0)
def test_stripes_in_any_direction_have_a_weight_that_is_not_negative(
    angle: float, wave: float, phase: float
) -> None:
    """One eigenvalue of theirs is zero, and rounding must not make it less."""
    y, x = np.mgrid[:60, :60]
    along = np.cos(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / wave + phase)
    image = np.round(127.5 + 127 * along).astype(np.uint8)
    weights = weights_of(image, *((x, y) for x in (10, 25, 40) for y in (12, 33)))
    assert ((weights >= 0) & (weights < 1)).all()


def test_points_beyond_the_border_are_weighed_at_it() -> None:
    image = texture((60, 60))
    beyond = weights_of(image, (-50, -50), (500, 500))
    border = weights_of(image, (7, 7), (52, 52))
    assert (beyond == border).all()


@pytest.mark.parametrize("far", [1e6, 1e9, 1e12, 1e15])
def test_points_on_one_spot_far_away_end_in_no_error(far: float) -> None:
    """Rounding leaves a pivot of zero or less, which may be neither divided by nor rooted."""
    spot, shifts = np.full((COUNT, 2), far, np.float32), np.full((COUNT, 2), 5, np.float32)
    for depth in (head()[1], np.zeros(COUNT, np.float32), spot[:, 0]):
        assert np.isfinite(fit(spot, depth, shifts, np.ones(COUNT), EYES_PX)).all()
