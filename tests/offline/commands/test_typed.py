"""The command as it was typed."""

import shlex

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.console import run_command
from offline.commands.typed import TypedCommand, typed_command

told: list[str] = []


@click.command(cls=TypedCommand)
@click.option("--set", "sets", multiple=True)
@click.argument("rest", nargs=-1)
def loso(sets: tuple[str, ...], rest: tuple[str, ...]) -> None:
    """Note the command."""
    told.append(typed_command())


@click.group()
def cli() -> None:
    """Hold it."""


cli.add_command(loso)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"))))
def test_a_shell_reads_the_same_arguments_again(texts: list[str]) -> None:
    argv = [part for text in texts for part in ("--set", text)]
    assert run_command(loso, argv) == 0
    assert shlex.split(told.pop()) == ["fes-offline", "loso", *argv]


@pytest.mark.parametrize("prefix", [[], ["loso"]])
def test_nothing_is_resolved_or_added(prefix: list[str]) -> None:
    typed = ["CAS(ME)^2", "--set=a.b=1", "--", "../x", "$HOME"]
    assert run_command(cli if prefix else loso, [*prefix, *typed]) == 0
    assert told.pop() == "fes-offline loso 'CAS(ME)^2' --set=a.b=1 -- ../x '$HOME'"


def test_outside_a_command_nothing_was_typed() -> None:
    assert typed_command() == ""
