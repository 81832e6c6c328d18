"""Resident memory of a process that is known to grow."""

import time

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
    with Sampler(0.01) as sampler:
        time.sleep(0.1)
        before_s = time.monotonic()
        block = np.ones(64 * 1024 * 1024, np.uint8)
        time.sleep(0.1)
        after_s = time.monotonic()
    _, before = sampler.between(0, before_s)
    times_s, during = sampler.between(before_s, after_s)
    assert times_s == sorted(times_s)
    assert max(during) - before[-1] == pytest.approx(block.nbytes / 2**20, abs=8)


def test_samples_outside_the_moments_are_left_out() -> None:
    with Sampler(0.01) as sampler:
        time.sleep(0.05)
    assert sampler.between(0, 1) == ([], [])
