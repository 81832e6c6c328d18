"""Ctrl-C that lets the step in hand finish."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_deferring: list[threading.Event] = []
"""Of the steps in hand that an interrupt lets finish; one of the main thread, or none."""


@contextmanager
def deferred_interrupt() -> Iterator[threading.Event]:
    """Yield an event that the first interrupt sets; a second interrupt acts at once.

    Outside the main thread, where signals cannot be taken, the event is never set.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def ask(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - signal's signature
        asked.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, ask)
    _deferring.append(asked)
    try:
        yield asked
    finally:
        _deferring.remove(asked)
        signal.signal(signal.SIGINT, before)


def ask_to_stop() -> bool:
    """Do from any thread what an interrupt does where it is deferred; repeated, it does no more.

    Returns
    -------
    bool
        False where no interrupt is deferred, and so nothing is done.
    """
    deferring = list(_deferring)
    for asked in deferring:
        asked.set()
    return bool(deferring)
