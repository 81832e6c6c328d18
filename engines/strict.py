"""A reader of JSON tables that refuses what it does not know."""

from collections.abc import Mapping
from typing import NoReturn

from engines.errors import ModelError


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
                self._refuse(f"{problem} {', '.join(names)}")
        self._data: Mapping[str, object] = data

    def text(self, key: str) -> str:
        """Return a string that is not empty."""
        value = self._data[key]
        if not isinstance(value, str) or not value:
            self._refuse(f"{key} must be text, not {value!r}")
        return value

    def whole(self, key: str) -> int:
        """Return a whole number above zero."""
        value = self._data[key]
        if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
            self._refuse(f"{key} must be a whole number above 0, not {value!r}")
        return value

    def number(self, key: str) -> float:
        """Return a finite number above zero."""
        value = self._data[key]
        if not isinstance(value, int | float) or isinstance(value, bool):
            self._refuse(f"{key} must be a number, not {value!r}")
        if not 0 < value < float("inf"):
            self._refuse(f"{key} must be finite and above 0, not {value!r}")
        return float(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of different strings, at least one."""
        value = self._data[key]
        if not isinstance(value, list) or not value:
            self._refuse(f"{key} must be a list of names, not {value!r}")
        names = [name for name in value if isinstance(name, str) and name]
        if len(names) != len(value) or len(set(names)) != len(names):
            self._refuse(f"{key} must hold different names, not {value!r}")
        return tuple(names)

    def table(self, key: str) -> dict[str, object]:
        """Return a JSON object whose keys are free."""
        value = self._data[key]
        if not isinstance(value, dict):
            self._refuse(f"{key} must be a JSON object, not {value!r}")
        return value

    def raw(self, key: str) -> object:
        """Return a value for a reader of its own."""
        return self._data[key]

    def _refuse(self, reason: str) -> NoReturn:
        raise ModelError(f"{self._where} {reason}")
