"""Figures against values computed by hand, in closed form or another way."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.measure.figures import (
    PREFERRED,
    Bin,
    Spread,
    growth_per_ten_minutes,
    histogram,
    slowest_rate_hz,
)

durations = st.lists(st.floats(0, 1e6), min_size=1, max_size=60)


def test_percentiles_of_zero_to_a_hundred_are_their_own_numbers() -> None:
    assert Spread.of(range(101)) == Spread(101, 50.0, 95.0, 99.0, 100.0)


def test_percentiles_lie_between_neighbours() -> None:
    """Of 10 and 20, p95 is 95 % of the way."""
    assert Spread.of([20.0, 10.0]) == Spread(2, 15.0, 19.5, 19.9, 20.0)


def test_nothing_has_no_spread_and_one_value_is_all_of_it() -> None:
    assert Spread.of([]) is None
    assert Spread.of([7.0]) == Spread(1, 7.0, 7.0, 7.0, 7.0)


def test_values_fall_into_their_bins_and_a_bin_does_not_hold_its_upper_edge() -> None:
    assert histogram([1.0, 1.2, 1.25, 1.99, 2.0]) == (
        Bin(1.0, 1.25, 2),
        Bin(1.25, 1.6, 1),
        Bin(1.6, 2.0, 1),
        Bin(2.0, 2.5, 1),
    )


def test_empty_bins_between_are_shown() -> None:
    assert [bin_.count for bin_ in histogram([4.0, 9.0])] == [1, 0, 0, 1]


def test_the_shortest_durations_share_a_bin_that_begins_at_zero() -> None:
    assert histogram([0.0, 0.001, 0.012]) == (Bin(0.0, 0.0125, 3),)


def test_an_empty_series_has_no_bins() -> None:
    assert histogram([]) == ()


def test_a_wide_range_takes_wider_bins_whose_edges_stay_in_the_series() -> None:
    """0.5 to 900 spans 33 steps of ten to a decade: bins of two steps."""
    bins = histogram([0.5, 900.0])
    assert bins[0] == Bin(0.4, 0.63, 1)
    assert bins[-1] == Bin(630.0, 1000.0, 1)
    assert len(bins) == 17


@given(durations)
def test_every_value_is_in_exactly_one_bin(values: list[float]) -> None:
    bins = histogram(values)
    for bin_ in bins:
        assert bin_.count == sum(bin_.low <= value < bin_.high for value in values)
    assert sum(bin_.count for bin_ in bins) == len(values)
    assert 1 <= len(bins) <= 20
    assert bins[0].count
    assert bins[-1].count


@given(durations)
def test_bins_adjoin_and_their_edges_are_preferred_numbers(values: list[float]) -> None:
    bins = histogram(values)
    assert all(a.high == b.low for a, b in pairwise(bins))
    for edge in (bin_.high for bin_ in bins):
        mantissa = edge / 10 ** np.floor(np.log10(edge) + 1e-9)
        assert np.isclose(mantissa, PREFERRED).any()


def test_growth_of_a_line_is_its_slope_in_ten_minutes() -> None:
    """0.002 MiB a second make 1.2 MiB in 600 s."""
    times = [3.0, 4.0, 7.0, 20.0]
    assert growth_per_ten_minutes(times, [100 + 0.002 * t for t in times]) == pytest.approx(1.2)


def test_growth_is_least_squares() -> None:
    """Through (0, 0), (1, 0), (2, 3): the slope is 1.5."""
    assert growth_per_ten_minutes([0, 1, 2], [0, 0, 3]) == pytest.approx(900)


@pytest.mark.parametrize("times", [[], [5.0], [5.0, 5.0]])
def test_growth_needs_two_moments(times: list[float]) -> None:
    assert growth_per_ten_minutes(times, [1.0] * len(times)) is None


def test_the_slowest_stretch_is_found_in_the_middle() -> None:
    """Ten a second for 5 s, one a second for 4 s, ten a second for 5 s."""
    times = np.concatenate([np.arange(0, 5, 0.1), np.arange(5, 9), np.arange(9, 14, 0.1)])
    assert slowest_rate_hz(times, 2.0) == pytest.approx(1.0)


def test_an_even_series_has_its_own_rate_as_the_slowest() -> None:
    assert slowest_rate_hz(np.arange(400) / 32, 10.0) == pytest.approx(32.0)


def test_a_series_shorter_than_the_stretch_has_no_slowest_one() -> None:
    assert slowest_rate_hz(np.arange(100) / 10, 10.0) is None
    assert slowest_rate_hz([], 10.0) is None


@given(st.lists(st.integers(1, 30), min_size=5, max_size=40))
def test_no_stretch_is_slower_than_the_slowest(gaps: list[int]) -> None:
    """Against every stretch that begins on a grid of quarters; times are whole numbers."""
    times = np.cumsum(gaps).astype(float)
    stretch = 20.0
    slowest = slowest_rate_hz(times, stretch)
    starts = np.arange(times[0], times[-1] - stretch + 1e-9, 0.25)
    counts = [int(((times > s) & (times <= s + stretch)).sum()) for s in starts]
    assert (slowest is None) == (not counts)
    if slowest is not None:
        assert slowest * stretch == pytest.approx(min(counts))
