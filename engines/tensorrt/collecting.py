"""No garbage collection while TensorRT works."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """Put Python's garbage collector off.

    TensorRT logs with a lock of its own held, and its log is written in Python. A collection that
    starts there and finds an older object of TensorRT ends it, which takes the same lock: the
    process would stand still.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
