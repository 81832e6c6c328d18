"""The 30 Hz clock against its definition over all timestamps at once."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from realtime.clock import REACH_S, TOLERANCE_S, Clock, Gap, Tick
from realtime.types import Frame

IMAGE = np.zeros((1, 1, 3), np.uint8)
RATES_HZ = (15, 24, 25, 30_000 / 1001, 30, 50, 60, 120, 200)


def frames(times: list[float]) -> list[Frame]:
    return [Frame(i, t, IMAGE) for i, t in enumerate(times)]


def run(times: list[float]) -> list[Tick | Gap]:
    clock = Clock()
    out = [item for frame in frames(times) for item in clock.push(frame)]
    return out + clock.finish()


def batch(times: list[float]) -> list[tuple[int, int | None]]:
    """Frame of every tick by looking at all frames, None where there is none."""
    stamps = np.array(times)
    steps = np.diff(stamps)
    spacing = np.array(
        [np.median(steps[max(0, i - 8) : i]) if i else 0.0 for i in range(len(times))]
    )
    ticks: list[tuple[int, int | None]] = []
    shown: int | None = None
    for tick in range(int((times[-1] - times[0]) * 30) + 3):
        ahead = times[0] + tick / 30 - stamps
        sure = (ahead > TOLERANCE_S) & (ahead <= REACH_S) & (ahead <= spacing / 2)
        if shown is not None:
            sure[shown] = False
        best = earliest(sure, earliest(np.abs(ahead) <= TOLERANCE_S, int(np.argmin(np.abs(ahead)))))
        near = bool(abs(ahead[best]) <= REACH_S)
        shown = best if near else shown
        ticks.append((tick, best if near else None))
    while ticks[-1][1] is None:
        ticks.pop()
    return ticks


def earliest(where: NDArray[np.bool_], otherwise: int) -> int:
    return int(np.argmax(where)) if where.any() else otherwise


def expected(times: list[float]) -> list[tuple[int, int, int | None, bool]]:
    """Rows of (first, last, frame, repeated) that the definition gives."""
    nearest = batch(times)
    rows: list[tuple[int, int, int | None, bool]] = []
    start = 0
    while start < len(nearest):
        end = start
        while nearest[start][1] is None and nearest[end + 1][1] is None:
            end += 1
        if nearest[start][1] is not None:
            rows.append((start, start, nearest[start][1], False))
        elif end == start:
            rows.append((start, start, nearest[start - 1][1], True))
        else:
            rows.append((start, end, None, False))
        start = end + 1
    return rows


def rows(out: list[Tick | Gap]) -> list[tuple[int, int, int | None, bool]]:
    return [
        (item.first, item.last, None, False)
        if isinstance(item, Gap)
        else (item.index, item.index, item.frame.index, item.repeated)
        for item in out
    ]


@st.composite
def timestamps(draw: st.DrawFn) -> list[float]:
    rate_hz = draw(st.sampled_from(RATES_HZ))
    count = draw(st.integers(1, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    jitter = draw(st.floats(0, 0.45))
    times = (np.arange(count) + rng.uniform(-jitter, jitter, count)) / rate_hz
    kept = rng.random(count) >= draw(st.floats(0, 0.7))
    kept[0] = True
    times = times[kept] + draw(st.floats(-10, 1e5))
    if draw(st.booleans()):
        times = np.unique(np.round(times, 3))
    return [float(t) for t in times]


@given(timestamps())
def test_the_streaming_clock_equals_the_definition_over_all_timestamps(times: list[float]) -> None:
    assert rows(run(times)) == expected(times)


@given(timestamps())
def test_ticks_strictly_increase_and_none_is_left_out(times: list[float]) -> None:
    next_tick = 0
    for first, last, _, _ in rows(run(times)):
        assert first == next_tick
        assert last >= first
        next_tick = last + 1


@given(timestamps())
def test_frames_are_given_out_in_order(times: list[float]) -> None:
    shown = [item.frame.index for item in run(times) if isinstance(item, Tick)]
    assert shown == sorted(shown)


@given(timestamps())
def test_repeated_counts_the_repeated_ticks(times: list[float]) -> None:
    clock = Clock()
    out = [item for frame in frames(times) for item in clock.push(frame)]
    assert clock.repeated == sum(isinstance(i, Tick) and i.repeated for i in out)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_regular_video_has_no_gap_at_any_rate(rate_hz: float) -> None:
    out = run([i / rate_hz for i in range(1000)])
    assert not [item for item in out if isinstance(item, Gap)]


@pytest.mark.parametrize("rate_hz", [24, 25, 30])
def test_millisecond_rounded_timestamps_give_no_gap(rate_hz: float) -> None:
    out = run([round(i / rate_hz, 3) for i in range(2000)])
    assert not [item for item in out if isinstance(item, Gap)]


@pytest.mark.parametrize("rate_hz", [30, 60, 120])
def test_multiples_of_the_clock_repeat_nothing(rate_hz: float) -> None:
    out = run([i / rate_hz for i in range(481)])
    step = rate_hz / 30
    assert len(out) == 480 / step + 1
    assert [i.frame.index for i in out if isinstance(i, Tick)] == [
        round(k * step) for k in range(len(out))
    ]


def test_half_the_rate_repeats_every_other_tick() -> None:
    out = run([i / 15 for i in range(4)])
    assert [i.repeated for i in out if isinstance(i, Tick)] == [False, True] * 3 + [False]


def test_one_lost_frame_repeats_the_one_before() -> None:
    assert rows(run([0, 1 / 30, 3 / 30])) == [
        (0, 0, 0, False),
        (1, 1, 1, False),
        (2, 2, 1, True),
        (3, 3, 2, False),
    ]


def test_two_lost_frames_are_a_gap() -> None:
    assert rows(run([0, 3 / 30])) == [(0, 0, 0, False), (1, 2, None, False), (3, 3, 1, False)]


def test_a_frame_on_its_tick_is_given_out_at_once() -> None:
    clock = Clock()
    assert [len(clock.push(frame)) for frame in frames([0, 0.033, 0.067, 0.1])] == [1, 1, 1, 1]


def test_a_frame_before_its_tick_is_given_out_at_once_where_the_next_is_expected_farther() -> None:
    clock = Clock()
    before, early = frames([0, 0.028])
    clock.push(before)
    assert clock.push(early) == [Tick(1, early)]


def test_a_frame_before_its_tick_waits_where_the_next_is_expected_nearer() -> None:
    clock = Clock()
    *before, early, nearer = frames([0, 0.011, 0.022, 0.033])
    for frame in before:
        clock.push(frame)
    assert clock.push(early) == []
    assert clock.push(nearer) == [Tick(1, nearer)]


def test_a_frame_that_serves_a_tick_serves_the_next_only_when_no_nearer_one_comes() -> None:
    """At 50 ms, halfway between ticks 1 and 2."""
    for last_s, serves in ((0.07, 2), (0.1, 1)):
        clock = Clock()
        first, halfway, last = frames([0, 0.05, last_s])
        clock.push(first)
        assert clock.push(halfway) == [Tick(1, halfway)]
        assert clock.push(last)[0] == Tick(2, (first, halfway, last)[serves])


@pytest.mark.parametrize("phase", [k / 20 for k in range(-8, 9)])
@pytest.mark.parametrize("rate_hz", [29.97, 30])
def test_at_a_steady_thirty_frames_a_second_no_tick_waits_wherever_the_frames_lie(
    rate_hz: float, phase: float
) -> None:
    clock = Clock()
    times = [0.0, *((k + phase) / rate_hz for k in range(1, 90))]
    waited = [
        frame.timestamp_s - item.frame.timestamp_s
        for frame in frames(times)
        for item in clock.push(frame)
        if isinstance(item, Tick) and not item.repeated
    ]
    assert len(waited) >= 88
    # the first interval is odd wherever the phase is: the second frame may wait
    assert max(waited[2:]) == 0


def test_the_last_frame_keeps_its_tick_at_the_end() -> None:
    clock = Clock()
    *before, early = frames([0, 0.011, 0.022])
    for frame in before:
        clock.push(frame)
    assert clock.push(early) == []
    assert clock.finish() == [Tick(1, early)]
    assert clock.finish() == []


def test_a_clock_without_frames_has_no_ticks() -> None:
    assert Clock().finish() == []


def test_a_stream_that_was_away_for_a_year_gives_one_gap() -> None:
    year_s = 365 * 86_400.0
    out = run([0, year_s])
    assert rows(out)[1:] == [(1, 30 * 31_536_000 - 1, None, False), (946_080_000,) * 2 + (1, False)]


@pytest.mark.parametrize("second", [0.0, -0.1])
def test_a_timestamp_that_does_not_increase_is_refused(second: float) -> None:
    clock = Clock()
    first, bad = frames([0, second])
    clock.push(first)
    with pytest.raises(ValueError, match="must increase"):
        clock.push(bad)


def test_time_s_counts_from_the_first_frame() -> None:
    clock = Clock()
    clock.push(Frame(0, 5.0, IMAGE))
    assert clock.time_s(15) == pytest.approx(5.5)


def test_the_clock_holds_two_frames_however_long_the_stream() -> None:
    clock = Clock()
    tracemalloc.start()
    for i in range(300):
        clock.push(Frame(i, i / 30, np.zeros((100, 100, 3), np.uint8)))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 5 * 30_000
