import click
import pytest
from click.testing import CliRunner

from engines.lazy_group import Entry, LazyGroup

ABSENT = Entry("no.such.module:command", "Does what is not there.")
THERE = Entry("engines.commands.list:list_command", "Lists.")


def group(**entries: Entry) -> LazyGroup:
    return LazyGroup(name="group", entries=entries)


def test_help_lists_commands_in_order_without_importing_them() -> None:
    shown = CliRunner().invoke(group(second=ABSENT, first=THERE), ["--help"])
    assert shown.exit_code == 0
    assert shown.output.index("second") < shown.output.index("first")
    assert "Does what is not there." in shown.output


def test_a_group_without_commands_has_help() -> None:
    assert CliRunner().invoke(group(), ["--help"]).exit_code == 0


def test_a_command_is_imported_when_it_is_used() -> None:
    assert isinstance(THERE.load(), click.Command)
    shown = CliRunner().invoke(group(first=THERE), ["first", "--help"])
    assert shown.exit_code == 0


def test_what_is_no_command_is_a_defect() -> None:
    with pytest.raises(TypeError, match="is not a command"):
        Entry("engines.errors:ModelError", "").load()


def test_commands_that_were_added_as_usual_are_listed_and_found_too() -> None:
    both = group(first=THERE)

    @both.command()
    def second() -> None:
        """Says so."""
        click.echo("second")

    shown = CliRunner().invoke(both, ["--help"])
    assert shown.output.index("first") < shown.output.index("second") < shown.output.index("Says")
    assert CliRunner().invoke(both, ["second"]).output == "second\n"
    assert CliRunner().invoke(both, ["third"]).exit_code == 2
