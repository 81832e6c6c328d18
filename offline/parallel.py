"""One function over many arguments, in this process or in several."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Final, TypeVar

import cv2

from engines.errors import UsageError

ONE_THREAD: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Threads of linear algebra, which wait by spinning: a tenth of a worker's time, for nothing."""

Job = TypeVar("Job")
Result = TypeVar("Result")


def run_jobs(
    work: Callable[[Job], Result], jobs: Sequence[Job], workers: int = 1
) -> Iterator[Result]:
    """Yield results as they come: in order with one worker, else as they are finished.

    Parameters
    ----------
    work
        Called once for each job. With more than one worker it is a function of a module, and
        jobs and results can be pickled.
    jobs
        Its arguments.
    workers
        Processes. Each of them takes one job after the other, so that what the first job loads
        (models, compiled kernels) serves the others.

    Raises
    ------
    UsageError
        If there is no worker, or one was ended from outside. What a job raises is raised here,
        and jobs that have not begun are dropped.
    """
    if workers < 1:
        raise UsageError("--workers is at least 1")
    if workers == 1 or len(jobs) < 2:
        for job in jobs:
            yield work(job)
        return
    with one_thread_each(), worker_pool(min(workers, len(jobs))) as pool:
        tasks = [pool.submit(work, job) for job in jobs]
        try:
            for task in as_completed(tasks):
                yield task.result()
        except BrokenProcessPool as error:
            raise UsageError(
                "a worker was ended from outside (too little memory?): use fewer --workers"
            ) from error
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def worker_pool(workers: int) -> ProcessPoolExecutor:
    """Return a pool of processes that share nothing with this one."""
    # a forked process would inherit mediapipe's threads half-way through their work
    return ProcessPoolExecutor(workers, get_context("spawn"), initializer=_settle)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Let processes that start meanwhile calculate in one thread, unless the user says more."""
    added = [name for name in ONE_THREAD if name not in os.environ]
    os.environ.update(dict.fromkeys(added, "1"))
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


def _settle() -> None:
    """Prepare a worker: one thread each, and an interrupt ends it without a word."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    cv2.setNumThreads(1)
