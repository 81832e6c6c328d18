"""The polynomial expansion (Farneback 2003, section 2)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from realtime.flow.kernels.expansion import RADIUS, expansion_filters, expansion_of, pad

SIGMA_PX = 1.5
REACH = 10


@pytest.mark.parametrize(
    ("bx", "by", "axx", "ayy", "axy2"),
    [
        (0, 0, 0, 0, 0),
        (3, 0, 0, 0, 0),
        (0, -4, 0, 0, 0),
        (0, 0, 1, 0, 0),
        (0, 0, 0, -1, 0),
        (0, 0, 0, 0, 1),
        (2, -1, 1, -1, 0),
    ],
)
def test_a_quadratic_image_gives_its_own_coefficients(
    bx: int, by: int, axx: int, ayy: int, axy2: int
) -> None:
    y, x = np.mgrid[-REACH : REACH + 1, -REACH : REACH + 1]
    image = 120 + bx * x + by * y + axx * x**2 + ayy * y**2 + axy2 * x * y
    assert image.min() >= 0
    assert image.max() <= 255
    out = expansion_of(image.astype(np.uint8), SIGMA_PX)
    for dx, dy in ((0, 0), (REACH - RADIUS, 0), (-3, 4), (RADIUS, -RADIUS)):
        here = (bx + 2 * axx * dx + axy2 * dy, by + 2 * ayy * dy + axy2 * dx, axx, ayy, axy2)
        assert out[:, REACH + dy, REACH + dx] == pytest.approx(here, abs=2e-3)


def fitted(image: NDArray[np.uint8], x: int, y: int, sigma_px: float) -> NDArray[np.float64]:
    """The weighted least squares of the definition, at one pixel, by a library."""
    dy, dx = np.mgrid[-RADIUS : RADIUS + 1, -RADIUS : RADIUS + 1]
    rows = np.clip(y + dy, 0, image.shape[0] - 1)
    columns = np.clip(x + dx, 0, image.shape[1] - 1)
    root = np.exp(-(dx**2 + dy**2) / (4 * sigma_px**2)).ravel()
    basis = np.stack([np.ones_like(dx), dx, dy, dx**2, dy**2, dx * dy], axis=-1).reshape(-1, 6)
    values = image[rows, columns].ravel() * root
    found = np.linalg.lstsq(basis * root[:, None], values, rcond=None)[0]
    return np.asarray(found[1:])


@settings(deadline=None, max_examples=30)
@given(
    st.integers(0, 2**32 - 1), st.integers(0, 24), st.integers(0, 18), st.sampled_from([1.2, 1.5])
)
def test_any_image_is_fitted_by_weighted_least_squares_up_to_its_border(
    seed: int, x: int, y: int, sigma_px: float
) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (19, 25)).astype(np.uint8)
    found = expansion_of(image, sigma_px)[:, y, x]
    assert found == pytest.approx(fitted(image, x, y, sigma_px), abs=5e-3)


@pytest.mark.parametrize("shape", [(17, 23), (1, 1), (2, 40)])
def test_a_flat_image_has_no_slope_and_no_curvature_up_to_its_border(
    shape: tuple[int, int],
) -> None:
    out = expansion_of(np.full(shape, 200, np.uint8), SIGMA_PX)
    assert out.shape == (5, *shape)
    assert np.abs(out).max() < 1e-3


@pytest.mark.parametrize("shape", [(1, 1), (3, 8), (20, 14)])
def test_a_padded_image_repeats_its_border(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(2).integers(0, 256, shape).astype(np.uint8)
    out = np.empty((shape[0] + 2 * RADIUS, shape[1] + 2 * RADIUS), np.float32)
    pad(image, out)
    assert (out == np.pad(image, RADIUS, mode="edge")).all()


def test_the_weight_sums_to_one_and_the_second_derivative_to_nothing() -> None:
    weight, _, second, _ = expansion_filters(SIGMA_PX)
    assert 2 * weight.sum() - weight[0] == pytest.approx(1, abs=1e-6)
    assert 2 * second.sum() - second[0] == pytest.approx(0, abs=1e-6)


def test_the_first_derivative_of_a_ramp_is_its_slope() -> None:
    _, odd, _, gains = expansion_filters(SIGMA_PX)
    assert odd[0] == 0
    assert gains[0] * 2 * (odd * np.arange(RADIUS + 1)).sum() == pytest.approx(1, abs=1e-5)
