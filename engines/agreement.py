"""How far two sets of answers to the same windows lie apart, and whether they decode equally."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.decoding import Rules, decode
from engines.errors import ModelError
from engines.intervals import Interval
from engines.precision import Tolerance
from engines.scores import Scores

RELATIVE_FROM: Final = 0.01
"""Relative differences are reported of stored probabilities from here on: below, a difference
that means nothing is a large share of almost nothing."""

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Difference:
    """How far the answers of one output lie from the expected ones, at most.

    Attributes
    ----------
    absolute
        Largest ``|p - q|`` of an answer p from the expected q.
    relative
        Largest ``|p - q| / |q|`` among expected values of size 0.01 or more; 0 where there are
        none.
    """

    absolute: float
    relative: float


def compare(expected: Scores, got: Scores, tolerance: Tolerance, who: str) -> dict[str, Difference]:
    """Compare answers value by value.

    Parameters
    ----------
    expected
        What to go by, one vector (N,) per output, N at least 1.
    got
        What was answered, for the same windows in the same order.
    tolerance
        How far a value may be off.
    who
        Who answered, for errors, such as ``backend tensorrt``.

    Returns
    -------
    dict
        The largest differences per output name.

    Raises
    ------
    ModelError
        If the outputs are others, or a value is off by more than the tolerance or is not a
        number, here or there; naming the first output of which this is so.
    """
    _require_same_layout(expected, got, who)
    return {
        name: _compare(vector, got.values[name], tolerance, f"{who}: output {name!r}")
        for name, vector in expected.values.items()
    }


def largest(differences: Mapping[str, Difference]) -> Difference:
    """Return the largest absolute and the largest relative difference of all outputs."""
    return Difference(
        max(d.absolute for d in differences.values()),
        max(d.relative for d in differences.values()),
    )


def compare_events(
    expected: Scores,
    got: Scores,
    rules: Rules,
    tolerance: Tolerance,
    who: str,
    ticks_per_row: float = 1.0,
) -> tuple[Interval, ...]:
    """Decode expected and given scores of consecutive ticks or snippets, and demand equal events.

    Kinds, onsets, apexes and offsets must be equal. Scores, which combine several probabilities,
    may differ by what the tolerance of each adds up to (``slack`` of the rules).

    Parameters
    ----------
    expected, got
        Scores of the same ticks or snippets, one vector (T,) per output.
    rules
        The model's decoder.
    tolerance
        How far a probability may be off.
    who
        Who answered, for errors.
    ticks_per_row
        Ticks in a row of the scores.

    Returns
    -------
    tuple of Interval
        The expected expressions.

    Raises
    ------
    ModelError
        Naming the first difference, or why scores cannot be decoded.
    """
    wanted = _decode(expected, rules, "the stored scores", ticks_per_row)
    found = _decode(got, rules, who, ticks_per_row)
    scale = max(_scale(vector) for vector in expected.values.values())
    scaled = Tolerance(tolerance.absolute * scale, tolerance.relative * scale)
    for one, other in zip_longest(wanted, found):
        _require_equal(one, other, rules, scaled, who)
    return wanted


def _require_same_layout(expected: Scores, got: Scores, who: str) -> None:
    if set(expected.values) != set(got.values):
        raise ModelError(
            f"{who}: has outputs {', '.join(sorted(got.values))} instead of "
            f"{', '.join(sorted(expected.values))}"
        )
    if not expected.values or len(expected) == 0 or len(expected) != len(got):
        raise ModelError(f"{who}: answered {len(got)} windows where {len(expected)} are stored")


def _compare(expected: Vector, got: Vector, tolerance: Tolerance, where: str) -> Difference:
    wanted = expected.astype(np.float64)
    apart = np.abs(got.astype(np.float64) - wanted)
    allowed = tolerance.absolute * _scale(expected) + tolerance.relative * np.abs(wanted)
    # turned round, so that what is not a number counts as off; infinity would allow everything
    off = ~((apart <= allowed) & np.isfinite(wanted))
    if off.any():
        row = int(np.argmax(off))
        raise ModelError(
            f"{where} differs from the stored one by {apart[row]:.3g} in window {row}, more than "
            f"{allowed[row]:.3g}; do not use it for this model"
        )
    large = np.abs(wanted) >= RELATIVE_FROM
    share = apart[large] / np.abs(wanted[large])
    return Difference(float(apart.max()), float(share.max(initial=0.0)))


def _require_equal(
    wanted: Interval | None, found: Interval | None, rules: Rules, tolerance: Tolerance, who: str
) -> None:
    if wanted is None or found is None or _place(wanted) != _place(found):
        raise ModelError(
            f"{who}: the expressions differ from the stored ones: {_say(found)} instead of "
            f"{_say(wanted)}; do not use it for this model"
        )
    if not abs(found.score - wanted.score) <= rules.slack(wanted.score, tolerance):
        raise ModelError(
            f"{who}: {_say(wanted)} has score {found.score:.4g} instead of {wanted.score:.4g}; "
            "do not use it for this model"
        )


def _scale(expected: Vector) -> float:
    """Return the largest size of an output, at least 1: sums of large numbers round more."""
    return float(np.abs(expected.astype(np.float64)).max(initial=1.0))


def _decode(scores: Scores, rules: Rules, who: str, ticks_per_row: float) -> tuple[Interval, ...]:
    try:
        return decode(scores.values, rules, ticks_per_row=ticks_per_row)
    except ValueError as error:
        raise ModelError(f"{who}: cannot be decoded: {error}") from error


def _place(event: Interval) -> tuple[str, int, int, int]:
    return (event.kind, event.onset, event.apex, event.offset)


def _say(event: Interval | None) -> str:
    if event is None:
        return "nothing further"
    return f"{event.kind} at ticks {event.onset}-{event.apex}-{event.offset}"
