"""A command group whose commands are imported when they are used, so that ``--help`` is quick."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass

import click


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command is defined, and what the group's help says of it.

    Attributes
    ----------
    place
        ``package.module:attribute`` of a :class:`click.Command`.
    summary
        One sentence.
    """

    place: str
    summary: str

    def load(self) -> click.Command:
        """Import the command.

        Raises
        ------
        TypeError
            If there is something else in its place.
        """
        module, _, attribute = self.place.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{self.place} is not a command")
        return command


class LazyGroup(click.Group):
    """Imports a command when it is used.

    Parameters
    ----------
    entries
        Commands by name, in the order in which help lists them.
    settings
        As of :class:`click.Group`.
    """

    def __init__(self, *, entries: Mapping[str, Entry], **settings: object) -> None:
        super().__init__(**settings)  # type: ignore[arg-type]  # click declares each by itself
        self._entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in order, then those of commands that were added as usual."""
        return [*self._entries, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        entry = self._entries.get(cmd_name)
        return super().get_command(ctx, cmd_name) if entry is None else entry.load()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        rows = [(name, entry.summary) for name, entry in self._entries.items()]
        rows += [(name, command.get_short_help_str()) for name, command in self.commands.items()]
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(rows)
