"""From JSON values to the dataclasses that they were written from, strictly."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from realtime.events.cloudevents import JsonValue

T = TypeVar("T")


class MismatchError(ValueError):
    """A JSON value is not what a dataclass holds."""


def build(kind: type[T], value: JsonValue, **given: object) -> T:
    """Return a dataclass from a JSON object: every key known, every value of its type.

    Parameters
    ----------
    kind
        The dataclass; its fields hold strings, numbers, booleans, enumerations, other such
        dataclasses, tuples and mappings of these, or None.
    value
        The object.
    given
        Fields that come from elsewhere, and may not be in the object.

    Raises
    ------
    MismatchError
        If the object lacks a field that has no default, has another one, or the class refuses a
        value.

    Examples
    --------
    >>> from realtime.events.messages import FaceFound
    >>> build(FaceFound, {"face": 0, "time_s": 2})
    FaceFound(face=0, time_s=2.0, source=0)
    """
    if not isinstance(value, dict):
        raise MismatchError(f"{shown(value)} is no object")
    shape = _shape(kind)
    found: dict[str, object] = dict(given)
    for name, item in value.items():
        if name not in shape.hints or name in given:
            raise MismatchError(f"{name} is no field of {kind.__name__}")
        found[name] = convert(shape.hints[name], item, name)
    absent = shape.required - set(found)
    if absent:
        raise MismatchError(f"{kind.__name__} has no {', '.join(sorted(absent))}")
    try:
        return kind(**found)
    except ValueError as error:
        raise MismatchError(str(error)) from error


def convert(hint: object, value: JsonValue, name: str) -> object:
    """Return a JSON value as a type says.

    Raises
    ------
    MismatchError
        If it is of another type.
    """
    origin, options = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _any_of(options, value, name)
    if origin is tuple:
        return _tuple(options, value, name)
    if origin in (Mapping, dict):
        return _mapping(options, value, name)
    if origin is Literal:
        if value in options and isinstance(value, str):
            return value
    elif isinstance(hint, type):
        return _plain(hint, value, name)
    raise MismatchError(f"{name} is {shown(value)}")


def _any_of(options: tuple[object, ...], value: JsonValue, name: str) -> object:
    if value is None and NoneType in options:
        return None
    for option in options:
        if option is not NoneType:
            try:
                return convert(option, value, name)
            except MismatchError:
                continue
    raise MismatchError(f"{name} is {shown(value)}")


def _tuple(options: tuple[object, ...], value: JsonValue, name: str) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise MismatchError(f"{name} is {shown(value)}, no list")
    if options[-1] is Ellipsis:
        return tuple(convert(options[0], item, name) for item in value)
    if len(value) != len(options):
        raise MismatchError(f"{name} holds {len(value)} values, not {len(options)}")
    return tuple(convert(one, item, name) for one, item in zip(options, value, strict=True))


def _mapping(options: tuple[object, ...], value: JsonValue, name: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise MismatchError(f"{name} is {shown(value)}, no object")
    return {key: convert(options[1], item, f"{name}.{key}") for key, item in value.items()}


def _plain(hint: type, value: JsonValue, name: str) -> object:
    if is_dataclass(hint):
        return build(hint, value)
    if issubclass(hint, Enum):
        try:
            return hint(value)
        except ValueError as error:
            raise MismatchError(f"{name} is {shown(value)}") from error
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return _as_float(value, name)
    # True is an int to Python
    if isinstance(value, hint) and not (isinstance(value, bool) and hint is not bool):
        return value
    raise MismatchError(f"{name} is {shown(value)}, no {hint.__name__}")


def _as_float(value: int, name: str) -> float:
    try:
        return float(value)
    except OverflowError as error:
        raise MismatchError(f"{name} is too large") from error


@dataclass(frozen=True, slots=True)
class _Shape:
    """The types of a dataclass's fields, and which of them it cannot do without."""

    hints: Mapping[str, object]
    required: frozenset[str]


_SHAPES: Final[dict[type, _Shape]] = {}


def _shape(kind: type) -> _Shape:
    """Return the shape of a dataclass; reading its types takes longer than a line of events."""
    if kind not in _SHAPES:
        defaults = (field for field in fields(kind) if _has_default(field))
        hints = get_type_hints(kind)
        required = frozenset(hints) - {field.name for field in defaults}
        _SHAPES[kind] = _Shape(hints, required)
    return _SHAPES[kind]


def _has_default(field: "Field[object]") -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


def shown(value: object) -> str:
    """Return a value for an error, at most a line of it."""
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
