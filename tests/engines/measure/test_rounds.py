from collections.abc import Iterator
from itertools import count

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.measure.rounds import LEAST_CALLS, ROUNDS, Figures, measure, some_windows
from engines.scores import Scores
from tests.engines.check_makers import FakeBackend

WINDOWS = some_windows(8, (17, 3, 2))


class Timed:
    """A clock that backends move on by the time that their calls take."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.calls: list[tuple[str, int]] = []

    def __call__(self) -> float:
        return self.now_s

    def backend(self, name: str, cost_s: Iterator[float]) -> FakeBackend:
        backend = FakeBackend(name)

        def run(windows: np.ndarray) -> Scores:
            self.calls.append((name, len(windows)))
            self.now_s += next(cost_s) * len(windows)
            return Scores({})

        backend.run = run
        return backend


def always(cost_s: float) -> Iterator[float]:
    return (cost_s for _ in count())


def test_percentiles_and_rate_are_those_of_the_definition() -> None:
    times_s = [0.001 * (k + 1) for k in range(101)]
    figures = Figures.of(times_s, 4)
    assert figures.calls == 101
    shown = (figures.p5_ms, figures.p50_ms, figures.p95_ms, figures.p99_ms)
    assert shown == pytest.approx((6, 51, 96, 100))
    assert figures.windows_per_s == pytest.approx(4 * 101 / sum(times_s))


@given(st.lists(st.floats(1e-6, 10), min_size=1, max_size=50))
def test_percentiles_are_in_order_and_within_what_was_measured(times_s: list[float]) -> None:
    figures = Figures.of(times_s, 1)
    shown = [figures.p5_ms, figures.p50_ms, figures.p95_ms, figures.p99_ms]
    assert shown == sorted(shown)
    assert min(times_s) * 1e3 * (1 - 1e-9) <= shown[0]
    assert shown[-1] <= max(times_s) * 1e3 * (1 + 1e-9)


def test_each_backend_is_measured_at_each_batch_with_its_own_cost() -> None:
    clock = Timed()
    backends = {
        "quick": clock.backend("quick", always(0.001)),
        "slow": clock.backend("slow", always(0.004)),
    }
    figures = measure(backends, WINDOWS, (1, 8), 1.0, clock=clock)
    assert list(figures) == [("quick", 1), ("slow", 1), ("quick", 8), ("slow", 8)]
    for (name, batch), own in figures.items():
        cost_ms = (1 if name == "quick" else 4) * batch
        assert own.p50_ms == pytest.approx(cost_ms)
        assert own.windows_per_s == pytest.approx(batch * 1000 / cost_ms)
        assert own.calls == pytest.approx(1000 / cost_ms, abs=ROUNDS * LEAST_CALLS)


def test_backends_take_turns_and_another_one_begins_each_round() -> None:
    clock = Timed()
    names = ("a", "b", "c")
    backends = {name: clock.backend(name, always(0.01)) for name in names}
    measure(backends, WINDOWS, (1,), 1.0, clock=clock)
    turns = [clock.calls[0][0]]
    for name, _ in clock.calls:
        if name != turns[-1]:
            turns.append(name)
    warm, rounds = turns[:3], turns[3:]
    assert tuple(warm) == names
    # rounds a b c, b c a, c a b, ...: no backend stands at the same place twice in a row
    expected = [names[(number + k) % 3] for number in range(ROUNDS) for k in range(3)]
    assert rounds == expected


def test_warm_up_and_the_first_call_of_a_turn_do_not_count() -> None:
    clock = Timed()
    costs = always(0.01)

    def cold_at_first() -> Iterator[float]:
        yield 99.0
        yield from costs

    figures = measure({"a": clock.backend("a", cold_at_first())}, WINDOWS, (1,), 0.5, clock=clock)
    assert figures["a", 1].p99_ms == pytest.approx(10)


def test_a_call_longer_than_the_time_is_still_measured() -> None:
    clock = Timed()
    figures = measure({"a": clock.backend("a", always(50.0))}, WINDOWS, (1,), 0.1, clock=clock)
    assert figures["a", 1].calls == ROUNDS * LEAST_CALLS


def test_progress_adds_up_to_the_time_asked_for() -> None:
    clock, steps = Timed(), []
    backends = {name: clock.backend(name, always(0.01)) for name in ("a", "b")}
    measure(backends, WINDOWS, (1, 2, 4), 0.5, steps.append, clock)
    assert sum(steps) == pytest.approx(0.5 * 2 * 3)


def test_windows_are_single_precision_start_at_zero_and_are_the_same_each_time() -> None:
    windows = some_windows(5, (17, 3, 2))
    assert (windows.shape, windows.dtype) == ((5, 17, 3, 2), np.float32)
    assert not windows[:, 0].any()
    assert 0.1 < windows[:, -1].std() < 10
    np.testing.assert_array_equal(windows, some_windows(5, (17, 3, 2)))
