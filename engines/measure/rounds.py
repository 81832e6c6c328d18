"""Calls of several backends, timed in turns, so that a busy machine slows all of them alike."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.backend import Backend, Windows

ROUNDS: Final = 10
WARM_UP_S: Final = 0.1
"""Each backend is called at each batch size before anything counts: it allocates, chooses its
kernels, and the processor reaches its clock."""

LEAST_CALLS: Final = 3
"""Calls that count in a turn, however long they take."""

Clock = Callable[[], float]
Key = tuple[str, int]
"""A contestant's label and a batch size."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How long the calls of one backend took at one batch size.

    Attributes
    ----------
    calls
        How many counted.
    p5_ms, p50_ms, p95_ms, p99_ms
        Percentiles of the time of one call, ms, interpolated linearly.
    windows_per_s
        All windows over the time of all calls.
    """

    calls: int
    p5_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    windows_per_s: float

    @classmethod
    def of(cls, times_s: Sequence[float], batch: int) -> "Figures":
        """Summarise calls.

        Parameters
        ----------
        times_s
            Duration of each, s; at least one.
        batch
            Windows in each.
        """
        p5, p50, p95, p99 = np.percentile(times_s, [5, 50, 95, 99]) * 1e3
        rate = batch * len(times_s) / sum(times_s)
        return cls(len(times_s), float(p5), float(p50), float(p95), float(p99), rate)


def measure(
    backends: Mapping[str, Backend],
    windows: Windows,
    batches: Sequence[int],
    seconds: float,
    advance: Callable[[float], object] = lambda _: None,
    clock: Clock = time.perf_counter,
) -> dict[Key, Figures]:
    """Time calls in rounds; in each, every backend has a turn at every batch size.

    The backend that begins changes from round to round. The first call of a turn does not count:
    the caches hold what ran before it.

    Parameters
    ----------
    backends
        What to measure, by label.
    windows
        float32 (N, window, nodes, 2), px, N at least the largest batch.
    batches
        Windows per call.
    seconds
        How long each backend is called at each batch size, warm-up aside.
    advance
        Told after each turn for how many of the seconds it stood.
    clock
        Time in s.

    Returns
    -------
    dict
        Figures by label and batch size.
    """
    inputs = {batch: np.ascontiguousarray(windows[:batch]) for batch in batches}
    for backend in backends.values():
        for batch in batches:
            _turn(backend, inputs[batch], WARM_UP_S, clock)
    times: dict[Key, list[float]] = {(name, b): [] for b in batches for name in backends}
    labels = list(backends)
    for number in range(ROUNDS):
        first = number % len(labels)
        for batch in batches:
            for label in [*labels[first:], *labels[:first]]:
                taken = _turn(backends[label], inputs[batch], seconds / ROUNDS, clock)
                times[label, batch] += taken
                advance(seconds / ROUNDS)
    return {key: Figures.of(taken, key[1]) for key, taken in times.items()}


def _turn(backend: Backend, windows: Windows, seconds: float, clock: Clock) -> list[float]:
    """Call a backend for a while; return the duration of each call but the first, s."""
    times: list[float] = []
    backend.run(windows)
    begun = clock()
    while True:
        start = clock()
        backend.run(windows)
        end = clock()
        times.append(end - start)
        if end - begun >= seconds and len(times) >= LEAST_CALLS:
            return times


def some_windows(count: int, row: Sequence[int]) -> NDArray[np.float32]:
    """Return smooth motions of about a pixel, or features of about one, float32 (count, *row).

    How long a network takes does not depend on what it sees.
    """
    steps = np.random.default_rng(0).normal(size=(count, *row))
    steps[:, 0] = 0.0
    return np.asarray(np.cumsum(steps, axis=1) / row[0] ** 0.5, np.float32)
