"""Resident memory of a process that is known to grow."""

import gc
import time
from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.measure.resident import Growth, Sampler


def test_growth_of_known_samples() -> None:
    """2 MiB a minute: 20 in ten minutes."""
    growth = Growth.of([0.0, 60.0, 120.0, 180.0], [100.0, 102.0, 104.0, 106.0])
    assert growth is not None
    assert growth.per_ten_minutes == pytest.approx(20)
    assert (growth.samples, growth.seconds) == (4, 180.0)
    assert (growth.first, growth.last, growth.peak, growth.grown) == (100, 106, 106, 6)


def test_a_peak_in_the_middle_is_neither_first_nor_last() -> None:
    growth = Growth.of([0.0, 1.0, 2.0], [10.0, 30.0, 10.0])
    assert growth is not None
    assert (growth.peak, growth.grown) == (30, 0)
    assert growth.per_ten_minutes == pytest.approx(0)


def test_nothing_sampled_is_no_growth_and_one_sample_has_no_slope() -> None:
    assert Growth.of([], []) is None
    growth = Growth.of([3.0], [50.0])
    assert growth is not None
    assert growth.per_ten_minutes is None


def test_memory_that_is_taken_and_touched_is_seen() -> None:
    gc.collect()  # what other tests left must not go while this one looks
    with Sampler(0.01) as sampler:
        before = _until(sampler, lambda found: len(found) > 2)
        block = np.ones(64 * 1024 * 1024, np.uint8)
        taken = block.nbytes / 2**20
        during = _until(sampler, lambda found: found[-1] - before[-1] > taken - 8)
    assert during[-1] - before[-1] == pytest.approx(taken, abs=8)


def _until(sampler: Sampler, enough: Callable[[list[float]], bool]) -> list[float]:
    """Wait until the samples say something, on a machine that may be busy."""
    limit_s = time.monotonic() + 20
    found: list[float] = []
    while time.monotonic() < limit_s and not (found and enough(found)):
        time.sleep(0.02)
        times_s, found = sampler.between(0, time.monotonic())
        assert times_s == sorted(times_s)
    return found


def test_samples_outside_the_moments_are_left_out() -> None:
    with Sampler(0.01) as sampler:
        time.sleep(0.05)
    assert sampler.between(0, 1) == ([], [])
