"""Waiting for what other processes do."""

import threading
import time
from collections.abc import Callable

import psutil


def wait_for(holds: Callable[[], bool], timeout_s: float = 120.0) -> None:
    """Return once something holds; fail where it never does."""
    end = time.monotonic() + timeout_s
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    assert holds()


def in_background(do: Callable[[], None]) -> threading.Thread:
    """Begin something beside the test."""
    thread = threading.Thread(target=do, daemon=True)
    thread.start()
    return thread


def busy_workers() -> list[psutil.Process]:
    """Return the processes of a local Ray that are at a job."""
    return [p for p in psutil.Process().children(recursive=True) if _is_task(p)]


def _is_task(process: psutil.Process) -> bool:
    try:
        return process.name().startswith("ray::_call")
    except psutil.NoSuchProcess:
        return False
