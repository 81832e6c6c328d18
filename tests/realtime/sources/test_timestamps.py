"""Stream time strictly increases whatever containers and networks say."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.sources.timestamps import Arrival, Presentation

MS = Fraction(1, 1000)


@given(st.lists(st.none() | st.integers(-10_000, 10_000)))
def test_stamps_strictly_increase_and_every_oddity_is_counted(pts: list[int | None]) -> None:
    clock = Presentation(MS, Fraction(30))
    stamps = [stamp for p in pts if (stamp := clock.stamp(p)) is not None]
    assert all(a < b for a, b in pairwise(stamps))
    assert len(pts) - len(stamps) <= clock.irregular <= len(pts)


@given(st.lists(st.integers(-(2**40), 2**40), min_size=1, unique=True).map(sorted))
def test_good_timestamps_are_kept_to_the_last_bit(pts: list[int]) -> None:
    clock = Presentation(Fraction(1, 90_000), Fraction(30))
    assert [clock.stamp(p) for p in pts] == [(p - pts[0]) / 90_000 for p in pts]
    assert clock.irregular == 0


def test_a_frame_without_a_timestamp_follows_by_one_period() -> None:
    clock = Presentation(MS, Fraction(25))
    assert [clock.stamp(p) for p in (None, None, None)] == [0.0, 0.04, 0.08]
    assert clock.irregular == 3


def test_a_timestamp_that_does_not_increase_is_left_out() -> None:
    clock = Presentation(MS, Fraction(25))
    assert [clock.stamp(p) for p in (0, 40, 40, 30, 80)] == [0.0, 0.04, None, None, 0.08]
    assert clock.irregular == 2


def test_time_goes_on_where_a_joined_recording_counts_anew() -> None:
    clock = Presentation(MS, Fraction(25))
    assert [clock.stamp(p) for p in (5000, 6200, 0, 40)] == [0.0, 1.2, 1.24, 1.28]
    assert clock.irregular == 1


def test_a_stream_keeps_its_own_spacing_when_the_network_bursts() -> None:
    arrival = Arrival()
    stamps = [arrival.stamp(100 + late, own) for late, own in ((0, 7.0), (0.3, 7.04), (0.3, 7.08))]
    assert stamps == pytest.approx([100, 100.04, 100.08])


def test_a_stream_whose_count_jumps_is_laid_on_the_local_clock_again() -> None:
    arrival = Arrival()
    arrival.stamp(100.0, 7.0)
    assert arrival.stamp(100.1, 900.0) == pytest.approx(100.1)


def test_a_stream_without_time_of_its_own_uses_its_arrival() -> None:
    assert Arrival().stamp(12.5, None) == 12.5
