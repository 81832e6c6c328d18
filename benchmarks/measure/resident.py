"""Resident memory of this process, sampled through a run."""

import threading
import time
from array import array
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import psutil

from benchmarks.measure.figures import growth_per_ten_minutes
from benchmarks.measure.machine import MIB

MOST_SAMPLES: Final = 100_000
"""More than a day at one a second."""


class Sampler:
    """Samples resident memory in a thread of its own while it is entered.

    Its samples lie in memory that is taken at the start: what watches growth must not grow.

    Parameters
    ----------
    every_s
        Time between two samples, s.
    """

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._process = psutil.Process()
        self._times_s = array("d", bytes(8 * MOST_SAMPLES))
        self._mib = array("d", bytes(8 * MOST_SAMPLES))
        self._taken = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="memory", daemon=True)

    def between(self, first_s: float, last_s: float) -> tuple[list[float], list[float]]:
        """Return times and MiB of the samples between two moments of ``time.monotonic``."""
        chosen = [k for k in range(self._taken) if first_s <= self._times_s[k] <= last_s]
        return [self._times_s[k] for k in chosen], [self._mib[k] for k in chosen]

    def _run(self) -> None:
        while self._taken < MOST_SAMPLES:
            self._times_s[self._taken] = time.monotonic()
            self._mib[self._taken] = self._process.memory_info().rss / MIB
            self._taken += 1
            if self._done.wait(self._every_s):
                return

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()


@dataclass(frozen=True, slots=True)
class Growth:
    """How resident memory developed, MiB.

    Attributes
    ----------
    samples
        How many were taken after the warm-up.
    seconds
        Time between the first and the last of them.
    first, last, peak
        The first, last and highest sample.
    per_ten_minutes
        Slope of the least-squares line; None with fewer than two samples.
    """

    samples: int
    seconds: float
    first: float
    last: float
    peak: float
    per_ten_minutes: float | None

    @classmethod
    def of(cls, times_s: list[float], mib: list[float]) -> Self | None:
        """Return the growth over some samples, or None without any."""
        if not mib:
            return None
        slope = growth_per_ten_minutes(times_s, mib)
        return cls(len(mib), times_s[-1] - times_s[0], mib[0], mib[-1], max(mib), slope)

    @property
    def grown(self) -> float:
        """Last minus first."""
        return self.last - self.first
