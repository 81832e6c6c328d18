"""The ``fes-bench`` command: how fast, how late and how large a live run is, on this machine."""

import os
import sys

import click

from engines.console import run_command

EXAMPLES = """
\b
Examples:
  fes-bench latency --histogram
  fes-bench throughput --source interview.mp4
  fes-bench memory --minutes 10
  fes-bench delay --json
"""


@click.group(epilog=EXAMPLES)
def cli() -> None:
    """Measure a live run on this machine: how fast, how late, how large.

    Every command runs what fes-live runs. Figures go to standard output, progress to standard
    error; Ctrl-C ends a run early and prints what was measured up to there.
    """


def whole() -> click.Group:
    """Return the command with its parts, which import all that a run needs."""
    from benchmarks.commands.delay import delay  # noqa: PLC0415
    from benchmarks.commands.latency import latency  # noqa: PLC0415
    from benchmarks.commands.memory import memory  # noqa: PLC0415
    from benchmarks.commands.throughput import throughput  # noqa: PLC0415

    for command in (latency, throughput, memory, delay):
        cli.add_command(command)
    return cli


def main() -> None:
    """Entry point of ``fes-bench``."""
    # as fes-live has it, and before NumPy is there: what is measured must be what runs
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(run_command(whole()))
