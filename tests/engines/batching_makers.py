"""A model whose calls wait for a word, and callers in threads of their own."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from engines.backend import Windows
from engines.batching import BatchingBackend
from engines.precision import Precision
from engines.scores import Scores
from tests.engines.conftest import NODES, WINDOW

PATIENCE_S: Final = 20.0


def windows_of(values: Iterable[float]) -> Windows:
    """One window per value, which it holds everywhere."""
    column = np.array(list(values), np.float32)[:, None, None, None]
    return np.broadcast_to(column, (len(column), WINDOW, len(NODES), 2)).copy()


class Gated:
    """Answers every window with the value that it holds, and half of it; remembers its calls.

    Parameters
    ----------
    open_
        Calls run at once; otherwise each waits until :meth:`release`.
    failures
        What the n-th call raises.
    """

    name = "gated"
    precision: Precision = "fp16"

    def __init__(
        self, open_: bool = False, failures: dict[int, BaseException] | None = None
    ) -> None:
        self.calls: list[list[float]] = []
        self.running = 0
        self.overlaps = 0
        self.closed_times = 0
        self.closed_while_running = False
        self._failures = failures or {}
        self._gate = threading.Event()
        if open_:
            self._gate.set()

    def release(self) -> None:
        """Let this call and every later one run."""
        self._gate.set()

    def run(self, windows: Windows) -> Scores:
        self.running += 1
        self.overlaps += self.running > 1
        number = len(self.calls)
        values: NDArray[np.float32] = windows[:, 0, 0, 0].copy()
        self.calls.append(values.tolist())
        try:
            if not self._gate.wait(PATIENCE_S):
                raise TimeoutError("nobody released the call")
            if number in self._failures:
                raise self._failures[number]
            return Scores({"whole": values, "half": values / 2})
        finally:
            self.running -= 1

    def close(self) -> None:
        self.closed_times += 1
        self.closed_while_running |= self.running > 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Caller(threading.Thread):
    """One call of a shared backend, and how it ended."""

    def __init__(self, shared: BatchingBackend, values: Iterable[float]) -> None:
        super().__init__(daemon=True)
        self.values = list(values)
        self._shared = shared
        self._scores: Scores | None = None
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._scores = self._shared.run(windows_of(self.values))
        except BaseException as error:  # an interrupt as well
            self.error = error

    def scores(self) -> Scores:
        """Wait for the answer."""
        error = self.wait()
        assert self._scores is not None, error
        return self._scores

    def wait(self) -> BaseException | None:
        """Wait for the end, and return the error."""
        self.join(PATIENCE_S)
        assert not self.is_alive(), "a caller waits for ever"
        return self.error


def queue_up(
    backend: Gated, shared: BatchingBackend, groups: Iterable[Iterable[float]]
) -> list[Caller]:
    """Start callers so that they wait in this order, behind a call that is held up."""
    return [_queue_up(backend, shared, group) for group in groups]


def _queue_up(backend: Gated, shared: BatchingBackend, group: Iterable[float]) -> Caller:
    there = len(shared._callers)
    caller = Caller(shared, group)
    until(lambda: len(shared._callers) > there and len(backend.calls) > 0)
    return caller


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread is about to do."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "it never came to pass"
        time.sleep(0.0005)
