"""Ending a run from outside: Ctrl-C and SIGTERM."""

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self


class Stopper:
    """Turns the first SIGINT or SIGTERM into a request to stop; the second one interrupts.

    The handler itself only sets a flag: whatever it interrupts may hold a lock, so the source is
    closed by a thread that waits for the flag.

    Parameters
    ----------
    close
        Called once from another thread when a stop is asked for; it must end a blocked read.
    """

    def __init__(self, close: Callable[[], None]) -> None:
        self._close = close
        self._asked = threading.Event()
        self._done = threading.Event()
        self._previous: list[tuple[int, object]] = []
        self._thread = threading.Thread(target=self._watch, name="fes-stop", daemon=True)

    @property
    def stopped(self) -> bool:
        """True once a stop was asked for."""
        return self._asked.is_set()

    def wait(self, seconds: float) -> None:
        """Sleep, but wake at once when a stop is asked for."""
        self._asked.wait(seconds)

    def stop(self) -> None:
        """Ask for a stop."""
        self._asked.set()

    def _handle(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if self._asked.is_set():
            raise KeyboardInterrupt
        self._asked.set()

    def _watch(self) -> None:
        self._asked.wait()
        if not self._done.is_set():
            self._close()

    def __enter__(self) -> Self:
        self._thread.start()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._previous.append((number, signal.signal(number, self._handle)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._previous:
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._done.set()
        if not self._asked.is_set():
            self._asked.set()
        self._thread.join(1.0)
