"""Where the user wants work done: in processes of this machine, or on a cluster."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import click

from engines.errors import UsageError

if TYPE_CHECKING:
    from offline.work.executor import Executor

Command = TypeVar("Command", bound=Callable[..., object])


def option_ray(command: Command) -> Command:
    """Add ``--ray`` to a command."""
    return click.option(
        "--ray",
        metavar="ADDRESS",
        help="Work on a Ray cluster: 'auto', HOST:PORT, or 'local'. All files lie on storage that "
        "its machines share.",
    )(command)


@contextmanager
def chosen_executor(
    workers: int, ray: str | None, cpus: int = 1, gpus: int = 0
) -> "Iterator[Executor]":
    """Yield where the work is done.

    Parameters
    ----------
    workers
        Value of ``--workers``.
    ray
        Value of ``--ray``; None for this machine.
    cpus, gpus
        Of a cluster, what one job takes.

    Raises
    ------
    UsageError
        If both are asked for, or there is no cluster.
    """
    # Imported here: --help need not wait.
    from offline.work.cluster import RayExecutor  # noqa: PLC0415
    from offline.work.executor import LocalExecutor  # noqa: PLC0415

    if ray is None:
        yield LocalExecutor(workers)
        return
    if workers > 1:
        raise UsageError("--workers is of this machine; a cluster decides by its own cores")
    with RayExecutor(ray, cpus, gpus) as executor:
        yield executor
