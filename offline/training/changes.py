"""What differs between a run on disk and what is asked for now, and who asked for it."""

import json
from collections.abc import Mapping
from typing import Final

COMMANDS: Final = "commands"
"""Key of a configuration under which the commands that made the run are kept, as typed."""

JsonObject = Mapping[str, object]


def changed_settings(before: JsonObject, now: JsonObject, defaults: JsonObject) -> list[str]:
    """Return the names of the settings or sections that differ, sorted.

    A key that one of them lacks counts as having its default, at any depth, so that a run that was
    begun before a version had that setting can go on: a new setting's default changes nothing.
    A key without a default is missing where it is missing. The commands are no setting.

    Parameters
    ----------
    before, now
        Settings as JSON holds them, or as they are written to it.
    defaults
        Of any settings, those of a section in an object of their own.
    """
    filled = [_filled(_plain(one), _plain(defaults)) for one in (before, now)]
    keys = (filled[0].keys() | filled[1].keys()) - {COMMANDS}
    return sorted(key for key in keys if filled[0].get(key) != filled[1].get(key))


def with_command(config: JsonObject, before: JsonObject, command: str) -> dict[str, object]:
    """Return a configuration with the commands of the one before it, and one more.

    Parameters
    ----------
    config, before
        Of now, and what is on disk: empty for a new run.
    command
        As it was typed; one that was typed before is not repeated, and empty is none.
    """
    told = commands_of(before)
    if command and command not in told:
        told.append(command)
    return {**config, COMMANDS: told} if told else dict(config)


def commands_of(config: JsonObject) -> list[str]:
    """Return the commands of a run, in the order in which they were first typed."""
    told = config.get(COMMANDS)
    return [str(one) for one in told] if isinstance(told, list) else []


def _filled(value: JsonObject, defaults: JsonObject) -> dict[str, object]:
    out = {**defaults, **value}
    for key, default in defaults.items():
        inner = out[key]
        if isinstance(inner, Mapping) and isinstance(default, Mapping):
            out[key] = _filled(inner, default)
    return out


def _plain(value: JsonObject) -> dict[str, object]:
    """Return an object as it is read back from JSON: tuples are lists."""
    out = json.loads(json.dumps(value))
    return out if isinstance(out, dict) else {}
