"""How long each stage of the frame path takes.

====== ==========================================================================================
wait   from the capture of a frame to the start of its tracking
faces  finding the faces; frames that no tick takes have none
queue  from the end of tracking to the start of the flow
flow   the flow of a frame's ticks; frames without a face have none
model  the model and the decoder; only frames that complete a window
publish  handing a frame's events to everyone who listens
total  from the capture of a frame to the last of its events being published; every frame
====== ==========================================================================================
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

import numpy as np

REMEMBERED: Final = 300
"""Latest measurements kept per stage: ten seconds of ticks."""

STAGES: Final = ("wait", "faces", "queue", "flow", "model", "publish", "total")
"""The stages in the order of a frame's way; at most one measurement each per frame."""

Listener = Callable[[str, float], None]


class Stopwatch:
    """Keeps the latest durations of every stage, in constant memory; any thread may add.

    Parameters
    ----------
    listener
        Called with the stage and its duration, ms, for every measurement, in the thread that
        measured; it must be quick.
    """

    def __init__(self, listener: Listener | None = None) -> None:
        self._listener = listener
        self._lock = Lock()
        self._stages: dict[str, deque[float]] = {}

    def sibling(self) -> "Stopwatch":
        """Return a stopwatch for another stream, with the same listener."""
        return Stopwatch(self._listener)

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Time what happens inside the ``with`` block."""
        start_s = time.monotonic()
        try:
            yield
        finally:
            self.add_since(stage, start_s)

    def add_since(self, stage: str, start_s: float) -> None:
        """Record the time from ``start_s``, s of ``time.monotonic``, to now."""
        self.add(stage, (time.monotonic() - start_s) * 1e3)

    def add(self, stage: str, duration_ms: float) -> None:
        """Record one duration, ms."""
        with self._lock:
            self._stages.setdefault(stage, deque(maxlen=REMEMBERED)).append(duration_ms)
        if self._listener is not None:
            self._listener(stage, duration_ms)

    def medians_ms(self) -> dict[str, float]:
        """Return the median of the latest durations of every stage, ms."""
        with self._lock:
            latest = {stage: list(values) for stage, values in self._stages.items()}
        return {stage: float(np.median(values)) for stage, values in latest.items()}
