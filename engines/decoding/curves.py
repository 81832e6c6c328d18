"""Scores of a whole segment, checked."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Curve: TypeAlias = NDArray[np.float64]


def read_curve(scores: Mapping[str, NDArray[np.float32]], name: str) -> Curve:
    """Return the scores of one name, float64 (T,).

    Raises
    ------
    ValueError
        If there are none, or they are not probabilities.
    """
    if name not in scores:
        raise ValueError(f"scores have no {name!r}")
    # float64 as in the stream, so that both compare the same numbers with a threshold
    row = np.asarray(scores[name], dtype=np.float64)
    if row.ndim != 1:
        raise ValueError(f"score {name!r} must be (T,)")
    if not ((row >= 0) & (row <= 1)).all():
        raise ValueError(f"score {name!r} holds a value that is not a probability")
    return row


def read_curves(
    scores: Mapping[str, NDArray[np.float32]], names: Iterable[str]
) -> dict[str, Curve]:
    """Return several of one segment, float64 (T,) each.

    Raises
    ------
    ValueError
        If one is missing, not probabilities, or of another length than the others.
    """
    rows = {name: read_curve(scores, name) for name in names}
    if len({len(row) for row in rows.values()}) > 1:
        raise ValueError(f"scores {', '.join(rows)} must be as long as each other")
    return rows
