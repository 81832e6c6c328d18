"""A process that works for another one, and stops when that one says so or is no more."""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from types import FrameType
from typing import Final, TypeVar

import cv2

from engines.console import EXIT_INTERRUPTED
from offline.training.interrupts import ask_to_stop

POLL_S: Final = 0.05

Job = TypeVar("Job")
Result = TypeVar("Result")

_told = threading.Event()
"""Whether this worker is to stop; the process that gives the work never sets it."""

_busy = threading.Event()
"""Whether it is at a job."""


def settle(line: Connection) -> None:
    """Prepare a worker: one thread, and an ear for its parent.

    Parameters
    ----------
    line
        Of a pipe to which nothing is written. When its other end is closed, by the parent or by
        its end, the worker stops as after an interrupt of its own.
    """
    cv2.setNumThreads(1)
    signal.signal(signal.SIGINT, _interrupted)
    threading.Thread(target=_listen, args=(line,), name="parent", daemon=True).start()


def work_unless_told(work: Callable[[Job], Result], job: Job) -> Result:
    """Do one job; a worker that is to stop refuses what is left in its queue.

    Raises
    ------
    KeyboardInterrupt
        If it is to stop, at once or after the step in hand.
    """
    try:
        _busy.set()
        if _told.is_set():
            raise KeyboardInterrupt
        return work(job)
    except KeyboardInterrupt:
        _told.set()
        raise
    finally:
        _busy.clear()


def _interrupted(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - signal's signature
    # between two jobs there is nothing to interrupt, and while one ends the second says no more
    if _told.is_set() or not _busy.is_set():
        _told.set()
        return
    _told.set()
    raise KeyboardInterrupt


def _listen(line: Connection) -> None:
    with suppress(EOFError, OSError):
        line.recv_bytes()
    _stop()
    if (parent := parent_process()) is not None:
        parent.join()
    while _busy.is_set():
        time.sleep(POLL_S)
    # nobody is left who could be given a result
    os._exit(EXIT_INTERRUPTED)


def _stop() -> None:
    """Interrupt the job in hand, once: a terminal may have told this process already."""
    if ask_to_stop() or _told.is_set():
        return
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)
