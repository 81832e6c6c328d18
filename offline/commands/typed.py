"""The command as it was typed, for what it writes."""

import shlex
from typing import Final

import click

PROGRAM: Final = "fes-offline"
_TYPED: Final = "offline.commands.typed"


class TypedCommand(click.Command):
    """A command that keeps its arguments as they were typed."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the arguments, then read them."""
        ctx.meta[_TYPED] = shlex.join([PROGRAM, self.name or "", *args])
        return super().parse_args(ctx, args)


def typed_command() -> str:
    """Return the command that runs now, quoted so that a shell reads the same arguments again.

    Nothing is resolved: a relative path stays one, and variables of the environment are not told.
    """
    context = click.get_current_context(silent=True)
    return "" if context is None else str(context.meta.get(_TYPED, ""))
