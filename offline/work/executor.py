"""One function over many arguments, wherever there are cores for it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from offline.parallel import run_jobs

Job = TypeVar("Job")
Result = TypeVar("Result")


class Executor(Protocol):
    """Something that works through jobs."""

    def run(self, work: Callable[[Job], Result], jobs: Sequence[Job]) -> Iterator[Result]:
        """Yield results as they come, in any order.

        Parameters
        ----------
        work
            A function of a module, or a partial of one. It may begin more than once for one job
            if what runs it is lost half-way, so that it goes on with what it finds on disk.
        jobs
            Its arguments; jobs and results can be pickled.

        Raises
        ------
        UsageError
            If the work cannot be done there. What a job raises is raised here.
        """
        ...


@dataclass(frozen=True, slots=True)
class LocalExecutor:
    """Processes of this machine.

    Attributes
    ----------
    workers
        How many; with one, the work is done in this process, in order.
    """

    workers: int = 1

    def run(self, work: Callable[[Job], Result], jobs: Sequence[Job]) -> Iterator[Result]:
        """Yield results (see :func:`offline.parallel.run_jobs`)."""
        return run_jobs(work, jobs, self.workers)
