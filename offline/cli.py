"""The ``fes-offline`` command."""

import importlib
import sys
from typing import Final

import click

from engines.console import run_command

COMMANDS: Final = {
    "synth": "Render videos of synthetic faces with known expressions.",
    "extract": "Read features from videos.",
    "train": "Train a model and write a run folder.",
    "export": "Write a trained model as ONNX.",
    "spot": "Find the expressions of a recorded video.",
    "evaluate": "Compare predicted expressions with labels, one to one.",
}


class LazyGroup(click.Group):
    """Imports a command when it is used: torch alone takes seconds to load."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names in the order in which they are used."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(f"offline.commands.{cmd_name}"), cmd_name)
        if not isinstance(command, click.Command):
            raise TypeError(f"offline.commands.{cmd_name} has no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
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
