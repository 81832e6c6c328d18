"""One function over many arguments, in this process or in several."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import active_children, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final, TypeVar

from engines.errors import UsageError
from offline.work.worker import settle, work_unless_told

ONE_THREAD: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Threads of linear algebra, which wait by spinning: a tenth of a worker's time, for nothing."""

Job = TypeVar("Job")
Result = TypeVar("Result")


def run_jobs(
    work: Callable[[Job], Result], jobs: Sequence[Job], workers: int = 1, *, apart: bool = False
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
    apart
        Whether a single worker is a process of its own as well.

    Raises
    ------
    UsageError
        If there is no worker, or one was ended from outside. What a job raises is raised here,
        and jobs that have not begun are dropped.
    KeyboardInterrupt
        After an interrupt of this process or of a worker, once every worker has stopped as after
        an interrupt of its own; after a second one at once.
    """
    if workers < 1:
        raise UsageError("--workers is at least 1")
    if not apart and (workers == 1 or len(jobs) < 2):
        for job in jobs:
            yield work(job)
    elif jobs:
        with one_thread_each(), _worker_pool(min(workers, len(jobs))) as pool:
            tasks = [pool.submit(work_unless_told, work, job) for job in jobs]
            for task in as_completed(tasks):
                yield task.result()


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


@contextmanager
def _worker_pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Yield processes that share nothing with this one, and end with what is done with them."""
    others = active_children()
    # a forked process would inherit mediapipe's threads half-way through their work
    context = get_context("spawn")
    line, end = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(workers, context, initializer=settle, initargs=(line,))
    with line, end, pool:
        try:
            yield pool
        except BrokenProcessPool as error:
            raise UsageError(
                "a worker was ended from outside (too little memory?): use fewer --workers"
            ) from error
        except Exception:
            pool.shutdown(cancel_futures=True)
            raise
        except BaseException:
            # an interrupt, or nobody takes the results any more
            _stop(pool, end, others)
            raise


def _stop(pool: ProcessPoolExecutor, end: Connection, others: Sequence[BaseProcess]) -> None:
    """Tell workers to stop, and wait until they have; after a second interrupt, end them."""
    try:
        end.close()
        pool.shutdown(cancel_futures=True)
    except KeyboardInterrupt:
        for child in set(active_children()) - set(others):
            child.kill()
        raise
