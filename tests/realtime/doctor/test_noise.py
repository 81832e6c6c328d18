"""Noise of windows whose motion is known."""

import math

import numpy as np
import pytest

from realtime.doctor.noise import Noise, head_motion, measure_noise, there_and_back
from realtime.types import FLOW_NODES, NODES, WINDOW

LIDS = NODES.index("lids")
HEAD = NODES.index("head_shift")
BROW, MOUTH = FLOW_NODES.index("brow_left_0"), FLOW_NODES.index("mouth_top")


def still(count: int = 200, noise_px: float = 0.1) -> np.ndarray:
    rng = np.random.default_rng(0)
    windows = rng.normal(0, noise_px, (count, WINDOW, len(NODES), 2)).astype(np.float32)
    windows[:, 0] = 0
    windows[:, :, LIDS] = 0
    return windows


def bump(height_px: float) -> np.ndarray:
    """Up to the middle of a window and back."""
    half = np.linspace(0, height_px, WINDOW // 2 + 1)
    return np.concatenate([half, half[-2::-1]])


def test_there_and_back_is_measured_in_full_and_a_drift_not_at_all() -> None:
    windows = np.zeros((2, WINDOW, len(NODES), 2), np.float32)
    windows[0, :, BROW, 1] = bump(1.5)
    windows[1, :, BROW, 0] = np.linspace(0, 5, WINDOW)
    peaks = there_and_back(windows)
    assert peaks[0, BROW] == pytest.approx(1.5)
    assert peaks[1, BROW] == pytest.approx(0, abs=1e-6)


def test_the_noise_is_the_95th_percentile_of_the_worst_patch() -> None:
    windows = still()
    windows[:, :, MOUTH] *= 2
    found = measure_noise(windows)
    assert found is not None
    peaks = there_and_back(windows)
    assert found.mouth_px == pytest.approx(np.percentile(peaks[:, MOUTH], 95), rel=0.02)
    assert found.mouth_px > 1.7 * found.brows_px
    assert found.trusted_px == found.mouth_px
    assert (found.blinks, found.windows + found.moved) == (0, 200)


def test_an_expression_during_the_examination_is_not_taken_for_noise() -> None:
    calm = measure_noise(still())
    windows = still()
    windows[20:60, :, MOUTH, 1] += bump(6.0).astype(np.float32)
    found = measure_noise(windows)
    assert calm is not None
    assert found is not None
    assert found.moved >= 40
    assert found.mouth_px == pytest.approx(calm.mouth_px, rel=0.1)


def test_blinks_are_left_out() -> None:
    windows = still()
    windows[:30, :, LIDS, 1] = bump(8.0)
    windows[:30, :, BROW, 1] += bump(4.0).astype(np.float32)
    found = measure_noise(windows)
    assert found is not None
    assert found.blinks == 30
    assert found.brows_px < 0.5


@pytest.mark.parametrize("count", [0, 59])
def test_too_few_windows_say_nothing(count: int) -> None:
    assert measure_noise(still(count)) is None


def test_a_face_that_never_keeps_its_eyes_open_says_nothing() -> None:
    windows = still()
    windows[:150, :, LIDS, 1] = bump(8.0)
    assert measure_noise(windows) is None


@pytest.mark.parametrize(
    ("trusted_px", "share"),
    [(0.0, 1.0), (0.3, 1.0), (math.sqrt(0.3 * 2.5), 0.5), (2.5, 0.0), (9.0, 0.0)],
)
def test_the_share_of_micro_expressions_above_the_noise_is_of_their_logarithm(
    trusted_px: float, share: float
) -> None:
    noise = Noise(trusted_px, 0.0, 0.0, 100, 0, 0)
    assert noise.micro_share == pytest.approx(share, abs=1e-9)


def test_head_motion_is_that_of_the_head() -> None:
    windows = np.zeros((100, WINDOW, len(NODES), 2), np.float32)
    windows[:, :, HEAD, 0] = np.linspace(0, 3, WINDOW)
    windows[:, :, HEAD, 1] = np.linspace(0, 4, WINDOW)
    assert head_motion(windows) == pytest.approx((5.0, 5.0))
    assert head_motion(windows[:0]) is None
