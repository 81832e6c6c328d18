"""Rules, scores and ticks as they come from outside, checked."""

from collections.abc import Collection, Iterable, Mapping


def require_known(data: Mapping[str, object], known: Collection[str], where: str) -> None:
    """Raise ``ValueError`` for a key that is no rule."""
    unknown = sorted(str(key) for key in set(data) - set(known))
    if unknown:
        raise ValueError(f"{where} has no rule {', '.join(unknown)}; known: {sorted(known)}")


def require_fraction(name: str, value: float) -> None:
    """Raise ``ValueError`` for a value outside [0, 1]."""
    if not 0 <= value <= 1:
        raise ValueError(f"{name} is in [0, 1], not {value}")


def read_table(value: object, where: str) -> Mapping[str, object]:
    """Return a table of rules, or raise ``ValueError``."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{where} is a table of rules, not {value!r}")
    return value


def read_number(value: object, where: str) -> float:
    """Return a number, or raise ``ValueError``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{where} is a number, not {value!r}")
    return value


def read_whole(value: object, where: str) -> int:
    """Return a whole number of ticks, or raise ``ValueError``."""
    number = read_number(value, where)
    if not (isinstance(number, int) or number.is_integer()):
        raise ValueError(f"{where} is a whole number of ticks, not {number}")
    return int(number)


def read_numbers(value: object, where: str) -> tuple[float, ...]:
    """Return a list of numbers, or raise ``ValueError``."""
    if not isinstance(value, list | tuple):
        raise ValueError(f"{where} is a list of numbers, not {value!r}")
    return tuple(read_number(entry, where) for entry in value)


def read_scores(scores: Mapping[str, float], names: Iterable[str]) -> dict[str, float]:
    """Return one tick's scores of these names.

    Raises
    ------
    ValueError
        If one is missing or not a probability.
    """
    out = {}
    for name in names:
        if name not in scores:
            raise ValueError(f"scores have no {name!r}")
        value = float(scores[name])
        if not 0 <= value <= 1:
            raise ValueError(f"score {name!r} is not a probability: {value}")
        out[name] = value
    return out


def require_next(tick: int, newest: int | None, running: bool) -> None:
    """Raise ``ValueError`` unless a tick is the next one, or a later one in a new segment."""
    if newest is None:
        return
    if tick != newest + 1 if running else tick <= newest:
        raise ValueError(f"tick {tick} does not follow tick {newest}; call finish() at a gap")
