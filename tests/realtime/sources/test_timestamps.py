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
    assert stamps == pytest.approx([100, 100.04, 100.08], abs=1e-3)


def test_a_stream_whose_count_jumps_is_laid_on_the_local_clock_again() -> None:
    arrival = Arrival()
    arrival.stamp(100.0, 7.0)
    assert arrival.stamp(100.1, 900.0) == pytest.approx(100.1)


def test_no_frame_was_captured_after_it_arrived() -> None:
    """A server that first sends what it has kept: two seconds of pictures in a tenth."""
    arrival = Arrival()
    for number in range(60):
        came_s = 100 + number * 0.002
        assert arrival.stamp(came_s, 7 + number / 30) <= came_s


def test_a_stream_whose_clock_runs_faster_or_slower_stays_on_the_local_one() -> None:
    """A day at 100 parts per million is 8.6 s."""
    for rate in (1 + 1e-4, 1 - 1e-4):
        arrival, late = Arrival(), []
        for second in range(86_400):
            late.append(100 + second - arrival.stamp(100 + second, 7 + second * rate))
            assert arrival.leap_s is None
        assert max(map(abs, late)) < 0.01


@pytest.mark.parametrize("leap_s", [-3600.0, -0.5, 1.5, 3.0, 86_400.0])
def test_a_clock_that_leaps_is_told_of_once_and_time_goes_on(leap_s: float) -> None:
    arrival = Arrival()
    stamps, told = [], []
    for number in range(20):
        own_s = number / 30 + (leap_s if number >= 10 else 0)
        stamps.append(arrival.stamp(100 + number / 30, own_s))
        told.append(arrival.leap_s)
    assert stamps == pytest.approx([100 + number / 30 for number in range(20)], abs=1e-3)
    assert [one for one in told if one is not None] == [pytest.approx(leap_s, abs=1e-6)]
    assert told[10] is not None


@pytest.mark.parametrize("lost_s", [0.5, 4.0, 30.0])
def test_pictures_that_are_lost_on_the_way_are_no_leap(lost_s: float) -> None:
    arrival = Arrival()
    for number in range(20):
        since_s = number / 30 + (lost_s if number >= 10 else 0)
        assert arrival.stamp(100 + since_s, 7 + since_s) == pytest.approx(100 + since_s, abs=0.02)
        assert arrival.leap_s is None


def test_a_network_that_halts_is_no_leap_and_its_pictures_keep_their_times() -> None:
    """For three seconds nothing comes; then all that was sent meanwhile comes at once."""
    arrival = Arrival()
    for number in range(120):
        sent_s = number / 30
        came_s = max(sent_s, 3.0) if sent_s > 0.1 else sent_s
        assert arrival.stamp(100 + came_s, sent_s) == pytest.approx(100 + sent_s, abs=0.003)
        assert arrival.leap_s is None


@pytest.mark.parametrize("own_s", [float("nan"), float("inf"), -float("inf")])
def test_a_time_that_is_no_number_counts_as_none(own_s: float) -> None:
    arrival = Arrival()
    arrival.stamp(100.0, 7.0)
    assert arrival.stamp(100.1, own_s) == 100.1
    assert arrival.stamp(100.2, 7.2) == pytest.approx(100.2, abs=1e-3)


def test_a_stream_without_time_of_its_own_uses_its_arrival() -> None:
    assert Arrival().stamp(12.5, None) == 12.5
