"""Resident memory of a process that is known to grow."""

import subprocess
import sys
import time

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


GROWS = """
import time
import numpy as np
from benchmarks.measure.resident import Sampler

with Sampler(0.01) as sampler:
    while len(before := sampler.between(0, time.monotonic())[1]) < 3:
        time.sleep(0.01)
    block = np.ones(64 * 1024 * 1024, np.uint8)
    limit_s, grown = time.monotonic() + 20, 0.0
    while time.monotonic() < limit_s and grown < 56:
        block += 1
        times_s, found = sampler.between(0, time.monotonic())
        grown = max(grown, found[-1] - before[-1])
assert times_s == sorted(times_s)
print(grown)
"""


def test_memory_that_is_taken_and_touched_is_seen() -> None:
    """In a small process of its own: the system may take back a large one's files meanwhile."""
    command = [sys.executable, "-c", GROWS]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert float(done.stdout) == pytest.approx(64, abs=8)


def test_samples_outside_the_moments_are_left_out() -> None:
    with Sampler(0.01) as sampler:
        time.sleep(0.05)
    assert sampler.between(0, 1) == ([], [])
