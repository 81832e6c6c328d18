"""How long each stage of the frame path takes."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np

REMEMBERED: Final = 300
"""Latest measurements kept per stage: ten seconds of ticks."""


class Stopwatch:
    """Keeps the latest durations of every stage, in constant memory."""

    def __init__(self) -> None:
        self._stages: dict[str, deque[float]] = {}

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Time what happens inside the ``with`` block."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.add(stage, (time.perf_counter() - start) * 1e3)

    def add(self, stage: str, duration_ms: float) -> None:
        """Record one duration, ms."""
        self._stages.setdefault(stage, deque(maxlen=REMEMBERED)).append(duration_ms)

    def medians_ms(self) -> dict[str, float]:
        """Return the median of the latest durations of every stage, ms."""
        return {stage: float(np.median(values)) for stage, values in self._stages.items()}
