"""Work without end, and a program that has two workers do it."""

import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import click

from engines.console import run_command
from offline.parallel import run_jobs
from offline.training.interrupts import deferred_interrupt


def endless(folder: Path, job: str) -> None:
    """Job "saving" saves when it is interrupted, "plain" does nothing, "deaf" does not listen."""
    (folder / f"begun-{job}").touch()
    if job == "saving":
        with deferred_interrupt() as asked:
            while not asked.is_set():
                time.sleep(0.01)
            (folder / "saved").open("a").write("once\n")
            raise KeyboardInterrupt
    while True:
        if job == "plain":
            time.sleep(0.01)
        else:
            with suppress(KeyboardInterrupt):
                time.sleep(60)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("jobs", nargs=-1)
def cli(folder: Path, jobs: tuple[str, ...]) -> None:
    """Work until interrupted."""
    list(run_jobs(partial(endless, folder), jobs, workers=2))


if __name__ == "__main__":
    sys.exit(run_command(cli))
