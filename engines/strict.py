"""JSON that anyone may have written: read into tables that refuse what they do not know."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Final, NoReturn

from engines.errors import ModelError
from engines.text import one_line, require_plain, shown

MOST_CHARACTERS: Final = 256 * 1024
MOST_LEVELS: Final = 16
MOST_TEXT: Final = 2000
"""Characters of one text among free values."""

MOST_NAME: Final = 200
"""Characters of a text that has a meaning, such as a name."""

LARGEST: Final = 2**53
"""Whole numbers up to here are exact in every JSON reader."""


class Table:
    """One JSON object whose keys must be exactly the ones asked for.

    Parameters
    ----------
    data
        The parsed value.
    where
        How errors name it.
    keys
        The keys that it must have, no more and no fewer.

    Raises
    ------
    ModelError
        If the value is not an object with these keys; the methods raise it for a wrong type.
    """

    def __init__(self, data: object, where: str, keys: tuple[str, ...]) -> None:
        self._where = where
        if not isinstance(data, dict):
            self._refuse(f"is not a JSON object but {type(data).__name__}")
        for problem, names in (
            ("lacks", [key for key in keys if key not in data]),
            ("has unknown", sorted(str(key) for key in data if key not in keys)),
        ):
            if names:
                self._refuse(f"{problem} {one_line(', '.join(names))}")
        self._data: Mapping[str, object] = data

    def text(self, key: str) -> str:
        """Return a string that is not empty, not overlong, and holds no control characters."""
        value = self._data[key]
        if not isinstance(value, str) or not value:
            self._refuse(f"{key} must be text, not {shown(value)}")
        return require_plain(value, f"{self._where} {key}", MOST_NAME)

    def whole(self, key: str, most: int = LARGEST) -> int:
        """Return a whole number above zero, ``most`` at most."""
        value = self._data[key]
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= most:
            self._refuse(f"{key} must be a whole number from 1 to {most}, not {shown(value)}")
        return value

    def number(self, key: str) -> float:
        """Return a finite number above zero."""
        value = self._data[key]
        if not isinstance(value, int | float) or isinstance(value, bool):
            self._refuse(f"{key} must be a number, not {shown(value)}")
        if not 0 < value <= LARGEST:
            self._refuse(f"{key} must be above 0 and at most {LARGEST}, not {shown(value)}")
        return float(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of different strings, at least one."""
        value = self._data[key]
        if not isinstance(value, list) or not value:
            self._refuse(f"{key} must be a list of names, not {shown(value)}")
        names = [name for name in value if isinstance(name, str) and name]
        if len(names) != len(value) or len(set(names)) != len(names):
            self._refuse(f"{key} must hold different names, not {shown(value)}")
        return tuple(require_plain(name, f"{self._where} {key}", MOST_NAME) for name in names)

    def table(self, key: str) -> dict[str, object]:
        """Return a JSON object whose keys are free."""
        value = self._data[key]
        if not isinstance(value, dict):
            self._refuse(f"{key} must be a JSON object, not {shown(value)}")
        return value

    def raw(self, key: str) -> object:
        """Return a value for a reader of its own."""
        return self._data[key]

    def _refuse(self, reason: str) -> NoReturn:
        raise ModelError(f"{self._where} {reason}")


def read_json(text: str, where: str) -> object:
    """Parse JSON text, more strictly than Python does.

    Raises
    ------
    ModelError
        If the text is too long, not JSON, or holds a key twice, a number that is not finite or
        a whole number beyond 2**53, tables nested too deeply, or text that is not plain.
    """
    if len(text) > MOST_CHARACTERS:
        raise ModelError(f"{where} has {len(text)} characters, more than {MOST_CHARACTERS}")
    try:
        data: object = json.loads(
            text,
            object_pairs_hook=_distinct,
            parse_constant=_finite,
            parse_float=_finite,
            parse_int=_exact,
        )
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{where} is not JSON: {one_line(error)}") from error
    for value, level in _values(data):
        if level > MOST_LEVELS:
            raise ModelError(f"{where} is nested more than {MOST_LEVELS} levels deep")
        if isinstance(value, str):
            require_plain(value, where, MOST_TEXT)
    return data


def _values(data: object) -> Iterator[tuple[object, int]]:
    """Yield every value, keys among them, and how deep it lies."""
    pending = [(data, 0)]
    while pending:
        value, level = pending.pop()
        yield value, level
        if isinstance(value, dict):
            pending += [(part, level + 1) for pair in value.items() for part in pair]
        elif isinstance(value, list):
            pending += [(part, level + 1) for part in value]


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table: dict[str, object] = {}
    for key, value in pairs:
        if key in table:
            raise ValueError(f"it has {shown(key)} twice")
        table[key] = value
    return table


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{one_line(digits, 40)} is not a finite number")
    return value


def _exact(digits: str) -> int:
    # the length first: reading very many digits takes long
    if len(digits) > len(str(-LARGEST)) or abs(int(digits)) > LARGEST:
        raise ValueError(f"{one_line(digits, 40)} is beyond 2**53")
    return int(digits)
