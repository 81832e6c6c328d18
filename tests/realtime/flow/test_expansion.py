"""The polynomial expansion (Farneback 2003, section 2)."""

import numpy as np
import pytest

from realtime.flow.kernels.expansion import RADIUS, expansion_of, expansion_weights

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
        assert out[REACH + dy, REACH + dx] == pytest.approx(here, abs=2e-3)


def test_a_flat_image_has_no_slope_and_no_curvature_up_to_its_border() -> None:
    out = expansion_of(np.full((17, 23), 200, np.uint8), SIGMA_PX)
    assert np.abs(out).max() < 1e-3


def test_the_weights_are_normalised_and_odd_where_they_should_be() -> None:
    weights = expansion_weights(SIGMA_PX)
    assert weights[0].sum() == pytest.approx(1, abs=1e-6)
    assert weights[1].sum() == pytest.approx(0, abs=1e-6)
    assert np.allclose(weights[0], weights[0, ::-1])
