"""The ``fes-offline`` command."""

import sys
from typing import Final

import click

from engines.console import run_command
from engines.lazy_group import Entry, LazyGroup

SUMMARIES: Final = {
    "dataset": "Read datasets as they are distributed, and check them.",
    "synth": "Render videos of synthetic faces with known expressions.",
    "extract": "Read features from videos.",
    "points": "Draw one labelled frame from every expression of a table of labels.",
    "label": "Mark one frame of each expression in a video, in the browser.",
    "train": "Train a model and write a run folder.",
    "loso": "Train and test with each subject left out once.",
    "ablate": "Train networks that differ in one thing and compare them.",
    "report": "Write one HTML page about runs.",
    "export": "Write a trained model as ONNX, or a recorded session for another program.",
    "spot": "Find the expressions of a recorded video.",
    "evaluate": "Compare predicted expressions with labels, one to one.",
}
# torch alone takes seconds to load: a command is imported when it is used
COMMANDS: Final = {
    name: Entry(f"offline.commands.{name}:{name}", summary) for name, summary in SUMMARIES.items()
}


@click.group(
    cls=LazyGroup,
    entries=COMMANDS,
    epilog="""
    \b
    Examples:
      fes-offline synth --out data/faces --videos 8 --seconds 60
      fes-offline extract data/faces --out data/features
      fes-offline train --data simulated=0.7,data/features=0.3 --out runs/first
      fes-offline export runs/first --out first.onnx
      fes-offline spot --model first.onnx interview.mp4
    """,
)
def cli() -> None:
    """Train models that spot facial expressions, evaluate them, and use them on recordings."""


def main() -> None:
    """Entry point of ``fes-offline``."""
    sys.exit(run_command(cli))
