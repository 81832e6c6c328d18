"""Sensor and clock of the studio."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.synthesis.disturbances import STILL, Disturbances
from realtime.synthesis.sensor import NOISE_SIGMA, Sensor
from realtime.synthesis.state import Light
from realtime.synthesis.studio import frame_times

SIZE = (160, 120)
GREY = np.full((SIZE[1], SIZE[0], 3), 128, np.uint8)


def sensor(disturbances: Disturbances) -> Sensor:
    return Sensor(np.random.default_rng(1), SIZE, disturbances)


def test_a_perfect_sensor_changes_nothing() -> None:
    image = np.random.default_rng(0).integers(0, 256, GREY.shape, np.uint8)
    assert np.array_equal(sensor(STILL).expose(image, Light()), image)


@pytest.mark.parametrize("strength", [1.0, 2.0])
def test_noise_has_the_deviation_that_its_strength_says(strength: float) -> None:
    made = sensor(Disturbances(noise=strength)).expose(GREY, Light())
    # rounding to grey levels adds a variance of 1/12
    expected = ((NOISE_SIGMA * strength) ** 2 + 1 / 12) ** 0.5
    assert made.astype(float).std() == pytest.approx(expected, rel=0.1)
    assert made.astype(float).mean() == pytest.approx(128, abs=0.3)


def test_noise_differs_from_frame_to_frame() -> None:
    noisy = sensor(Disturbances(noise=1))
    first, second = noisy.expose(GREY, Light()), noisy.expose(GREY, Light())
    correlation = np.corrcoef(first.ravel(), second.ravel())[0, 1]
    assert abs(correlation) < 0.1


def test_light_scales_the_picture_warms_it_and_falls_off_sideways() -> None:
    brighter = sensor(STILL).expose(GREY, Light(gain=1.1))
    assert (brighter == round(128 * 1.1)).all()
    red, _, blue = sensor(STILL).expose(GREY, Light(warmth=0.05))[0, 0].tolist()
    assert (red, blue) == (round(128 * 1.05), round(128 * 0.95))
    row = sensor(STILL).expose(GREY, Light(gradient=0.2))[0, :, 0].astype(int)
    assert (np.diff(row) >= 0).all()
    assert (row[0], row[-1]) == (round(128 * 0.9), round(128 * 1.1))


def test_compression_loses_detail_and_keeps_the_picture() -> None:
    image = np.random.default_rng(0).integers(100, 156, GREY.shape, np.uint8)
    made = sensor(Disturbances(compression=1)).expose(image, Light())
    assert made.shape == image.shape
    assert not np.array_equal(made, image)
    assert abs(made.astype(float).mean() - image.mean()) < 2


def test_frames_come_at_exactly_the_rate() -> None:
    assert list(islice(frame_times(25.0), 4)) == [0, 1 / 25, 2 / 25, 3 / 25]


@given(st.integers(0, 2**31), st.floats(0, 0.9))
def test_a_jittered_clock_never_runs_back_and_keeps_within_its_jitter(
    seed: int, jitter: float
) -> None:
    times = np.array(list(islice(frame_times(30.0, jitter, np.random.default_rng(seed)), 60)))
    steps = np.diff(times) * 30
    assert times[0] == 0
    assert steps.min() >= 1 - jitter - 1e-9
    assert steps.max() <= 1 + jitter + 1e-9


def test_jitter_needs_a_generator_and_a_bound() -> None:
    with pytest.raises(ValueError, match="generator"):
        next(frame_times(30.0, 0.1))
    with pytest.raises(ValueError, match="jitter"):
        next(frame_times(30.0, 1.0, np.random.default_rng(0)))
