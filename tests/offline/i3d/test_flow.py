import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline.i3d.flow import FlowError, TvL1, as_input


def test_flow_is_clipped_to_20_px_and_scaled():
    given_px = np.array([0, 5, -10, 20, 21, -400], np.float32)
    expected = [0, 0.25, -0.5, 1, 1, -1]
    np.testing.assert_allclose(as_input(given_px), expected)
    assert as_input(given_px).dtype == np.float32


@given(st.floats(-1e6, 1e6, width=32))
def test_what_networks_see_lies_within_one(px):
    assert -1 <= as_input(np.array([px], np.float32))[0] <= 1


def test_a_shift_is_found_with_its_direction():
    """The second picture shows everything 2 px to the right and 1 px up."""
    rng = np.random.default_rng(3)
    large = cv2.GaussianBlur(rng.integers(0, 256, (80, 80), np.uint8), (0, 0), 2)
    large = cv2.normalize(large, None, 0, 255, cv2.NORM_MINMAX)
    first, second = large[8:72, 8:72], large[9:73, 6:70]
    flow = TvL1().between(np.ascontiguousarray(first), np.ascontiguousarray(second))
    assert flow.shape == (64, 64, 2)
    np.testing.assert_allclose(np.median(flow[8:-8, 8:-8], axis=(0, 1)), [2, -1], atol=0.1)


def test_pictures_that_do_not_fit_each_other_are_a_failed_flow():
    with pytest.raises(FlowError, match=r"\S") as caught:
        TvL1().between(np.zeros((32, 32), np.uint8), np.zeros((32, 40), np.uint8))
    assert "\n" not in str(caught.value)


def test_a_flow_that_is_not_finite_is_a_failed_flow(monkeypatch):
    class Broken:
        def calc(self, *pictures):
            return np.full_like(pictures[2], np.nan)

    solver = TvL1()
    monkeypatch.setattr(solver, "_solver", Broken())
    with pytest.raises(FlowError, match="not finite"):
        solver.between(np.zeros((32, 32), np.uint8), np.zeros((32, 32), np.uint8))
