"""Flicker of known size and frequency."""

import numpy as np
import pytest

from realtime.doctor.flicker import measure_flicker

TIMES_S = np.arange(300) / 30


def test_a_swing_has_its_size_and_its_frequency() -> None:
    """The standard deviation of a sine is its amplitude over the root of two: 6 of 120 is 3.5 %."""
    found = measure_flicker(TIMES_S, 120 + 6 * np.sin(2 * np.pi * 9.4 * TIMES_S))
    assert found is not None
    assert found.percent == pytest.approx(100 * 6 / 120 / np.sqrt(2), rel=0.03)
    assert found.frequency_hz == pytest.approx(9.4, abs=0.05)


def test_light_at_100_hz_appears_as_its_alias() -> None:
    """Sampled at 30 Hz, 100 Hz is 10 Hz."""
    found = measure_flicker(TIMES_S, 120 + 3 * np.sin(2 * np.pi * 100 * TIMES_S + 0.3))
    assert found is not None
    assert found.frequency_hz == pytest.approx(10, abs=0.1)


def test_frames_that_come_unevenly_hide_no_flicker() -> None:
    rng = np.random.default_rng(1)
    times_s = np.sort(TIMES_S + rng.uniform(-0.012, 0.012, len(TIMES_S)))
    found = measure_flicker(times_s, 120 + 3 * np.sin(2 * np.pi * 7.0 * times_s))
    assert found is not None
    assert found.frequency_hz == pytest.approx(7, abs=0.1)


def test_noise_has_no_frequency() -> None:
    found = measure_flicker(TIMES_S, 120 + np.random.default_rng(0).normal(0, 1.2, 300))
    assert found is not None
    assert found.percent == pytest.approx(1.0, rel=0.15)
    assert found.frequency_hz is None


def test_a_slow_change_is_no_flicker() -> None:
    found = measure_flicker(TIMES_S, 120 + 2 * TIMES_S)
    assert found is not None
    assert found.percent < 0.2


def test_steady_light_does_not_flicker() -> None:
    found = measure_flicker(TIMES_S, np.full(300, 90.0))
    assert found is not None
    assert (found.percent, found.frequency_hz) == (0.0, None)


@pytest.mark.parametrize("brightness", [np.full(20, 90.0), np.zeros(300)])
def test_too_few_samples_or_no_light_say_nothing(brightness: np.ndarray) -> None:
    assert measure_flicker(TIMES_S[: len(brightness)], brightness) is None
