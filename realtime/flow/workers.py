"""The threads that share the windows of a frame: none, unless the user asks for more than one."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np

from realtime.flow.kernels.windows import Scratch


class Workers:
    """Splits a number of windows between threads, each with room of its own.

    Parameters
    ----------
    threads
        1 does everything in the calling thread and starts none.

    Raises
    ------
    ValueError
        If there is not even one thread.
    """

    def __init__(self, threads: int = 1) -> None:
        if threads < 1:
            raise ValueError("the flow needs one thread at least")
        self._scratch = [Scratch.new() for _ in range(threads)]
        self._pool = ThreadPoolExecutor(threads - 1, "flow") if threads > 1 else None

    def split(self, work: Callable[[slice, Scratch], None], count: int) -> None:
        """Call ``work`` on slices that make up 0 to ``count``, at the same time."""
        if self._pool is None or count < 2:
            work(slice(0, count), self._scratch[0])
            return
        edges = np.linspace(0, count, len(self._scratch) + 1).round().astype(int)
        parts = [slice(a, b) for a, b in itertools.pairwise(edges)]
        jobs = [
            self._pool.submit(work, part, room)
            for part, room in zip(parts[1:], self._scratch[1:], strict=True)
        ]
        try:
            work(parts[0], self._scratch[0])
        finally:
            # whoever catches an error must find nobody at work
            wait(jobs)
        for job in jobs:
            job.result()

    def close(self) -> None:
        """Let the threads end."""
        if self._pool is not None:
            self._pool.shutdown()
