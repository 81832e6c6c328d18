"""Work on a Ray cluster: the engine for more than one machine."""

import logging
import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar, cast

from engines.errors import UsageError

log = logging.getLogger(__name__)

LOCAL: Final = "local"
"""An address that starts a cluster of this machine alone, which ends with the command."""

AUTO: Final = "auto"
"""An address that means the cluster to which this machine belongs."""

ANSWER_S: Final = 10.0
"""How long a cluster's head may take to answer, s."""

STOP_S: Final = 60.0
"""How long jobs may take to stop after an interrupt, s; it goes on from their files next time."""

RETRIES: Final = 3
"""How often a job begins again after its worker was lost; one that needs too much memory loses
every worker."""

STORE_BYTES: Final = 200_000_000
"""Shared memory of a local cluster: jobs and results are small, everything else is on disk."""

Job = TypeVar("Job")
Result = TypeVar("Result")


class RayExecutor:
    """Works through jobs on a cluster; a context manager that connects and disconnects.

    A job whose worker or machine is lost begins again elsewhere and goes on with what it finds on
    disk: whatever it reads and writes lies on storage that all machines share, under one path.
    Where they share the folder in which the command was given, paths may be relative to it. The
    same version of this package is installed on each of them.

    Parameters
    ----------
    address
        ``HOST:PORT`` of the cluster's head, ``auto`` for the one this machine belongs to, or
        ``local``.
    cpus
        Cores that one job takes.
    gpus
        GPUs that one job takes.
    local_cpus
        Cores of a local cluster; all of the machine when None.
    """

    def __init__(
        self, address: str, cpus: int = 1, gpus: int = 0, local_cpus: int | None = None
    ) -> None:
        self._address = address
        self._cpus = cpus
        self._gpus = gpus
        self._local_cpus = local_cpus

    def __enter__(self) -> Self:
        """Connect.

        Raises
        ------
        UsageError
            If Ray is not installed, or there is no cluster at the address.
        """
        # what runs where is nobody else's business
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        try:
            import ray  # noqa: PLC0415 - an extra that few need
        except ImportError as error:
            raise UsageError(
                "--ray needs Ray, which is not installed here; install fes[cluster]"
            ) from error
        _require_answer(self._address)
        here = self._address == LOCAL
        try:
            ray.init(
                self._address,
                num_cpus=self._local_cpus if here else None,
                include_dashboard=False if here else None,
                object_store_memory=STORE_BYTES if here else None,
                log_to_driver=False,
                logging_level=logging.WARNING,
            )
        except (ConnectionError, ValueError, RuntimeError, OSError) as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else "no answer"
            raise UsageError(
                f"--ray {self._address}: no Ray cluster can be used there ({reason}); "
                "check the address, or start one with 'ray start --head'"
            ) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        import ray  # noqa: PLC0415

        # ends what is still at work; it goes on from its files next time
        ray.shutdown()

    def run(self, work: Callable[[Job], Result], jobs: Sequence[Job]) -> Iterator[Result]:
        """Yield results as they come (see :class:`offline.work.executor.Executor`).

        Raises
        ------
        UsageError
            When everything else is done, if jobs lost one worker after the other.
        KeyboardInterrupt
            After an interrupt, when the jobs at work have stopped as after one of their own.
        """
        import ray  # noqa: PLC0415

        task = ray.remote(num_cpus=self._cpus, num_gpus=self._gpus, max_retries=RETRIES)(_call)
        # sent to each machine once, not with each job
        shared = ray.put(cast(Callable[[object], object], work))
        here = str(Path.cwd())
        pending = [task.remote(shared, job, here) for job in jobs]
        lost = 0
        try:
            while pending:
                ready, pending = ray.wait(pending)
                try:
                    yield cast(Result, ray.get(ready[0]))
                except ray.exceptions.RayTaskError as error:
                    raise (error.cause or error) from None
                except ray.exceptions.RayError as error:
                    lost += 1
                    log.error("a job lost its worker %d times: %s", RETRIES + 1, _line(error))
        finally:
            # after an interrupt or an error; each of them saves what it has
            for one in pending:
                ray.cancel(one)
            if pending:
                ray.wait(pending, num_returns=len(pending), timeout=STOP_S)
        if lost:
            raise UsageError(
                f"{lost} jobs lost their workers again and again (too little memory?); "
                "the same command goes on with them"
            )


def _require_answer(address: str) -> None:
    """Knock at an address, for Ray itself would wait there for ever.

    Raises
    ------
    UsageError
        If it names no host with a port, or nothing answers.
    """
    if address in (LOCAL, AUTO):
        return
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not (host and colon and port.isdigit()):
        raise UsageError(f"--ray {address}: give HOST:PORT, {AUTO} or {LOCAL}")
    try:
        socket.create_connection((host, int(port)), timeout=ANSWER_S).close()
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"--ray {address}: nothing answers there ({_line(error)}); check the address, or "
            "start a cluster with 'ray start --head'"
        ) from error


def _call(work: Callable[[object], object], job: object, folder: str) -> object:
    # a machine that does not share the folder may do with absolute paths
    with suppress(OSError):
        os.chdir(folder)
    return work(job)


def _line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
