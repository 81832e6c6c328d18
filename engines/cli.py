"""The ``fes-engine`` command: look at models, compile them, check and measure what runs them."""

import os
import sys
from typing import Final

import click

from engines.console import run_command
from engines.lazy_group import Entry, LazyGroup

COMMANDS: Final = {
    "list": Entry(
        "engines.commands.list:list_command", "List models, plans and backends of this machine."
    ),
    "inspect": Entry("engines.commands.inspect:inspect", "Show what a model or a plan is."),
    "build": Entry("engines.commands.build:build", "Compile a model for GPUs."),
    "verify": Entry(
        "engines.commands.verify:verify_command", "Compare a backend's answers with stored ones."
    ),
    "benchmark": Entry(
        "engines.commands.benchmark:benchmark", "Measure all usable backends side by side."
    ),
}

EXAMPLES: Final = """
\b
Examples:
  fes-engine list
  fes-engine inspect my-model.onnx
  fes-engine build my-model.onnx
  fes-engine verify --backend tensorrt-rtx my-model.onnx
  fes-engine benchmark
"""


@click.group(cls=LazyGroup, entries=COMMANDS, epilog=EXAMPLES)
def cli() -> None:
    """Look at model files, compile them, and check and measure what runs them.

    Where no MODEL is given, the one that comes with the package is meant.
    """


def main() -> None:
    """Run ``fes-engine``."""
    # as fes-live has it, and before NumPy is there: what is measured must be what runs
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(run_command(cli))
