"""Arrays of the files that hold features of one video."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.intervals import Interval, Kind
from offline.data.origin import DamagedError

KIND_CODES: Final = (Kind.MICRO, Kind.MACRO)
"""An interval's first column: 0 micro, 1 macro."""

TIMES: Final = "timestamps_s"
"""Key of the frames' times (:class:`offline.data.origin.Origin`), s."""


def read_arrays(
    path: Path, keys: tuple[str, ...], more: tuple[str, ...] = ()
) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of some keys, and of more where they are there; no pickle is read.

    Raises
    ------
    DamagedError
        If the file is missing or damaged, or lacks one of the keys.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            if missing := sorted(set(keys) - set(stored.files)):
                raise ValueError(f"it lacks {', '.join(missing)}")
            present = [key for key in more if key in stored.files]
            return {key: stored[key] for key in (*keys, *present)}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise refusal(path, error) from error


def refusal(path: Path, error: Exception) -> DamagedError:
    """Return the error that a file is no feature file, with the reason."""
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return DamagedError(f"{path}: not a feature file: {reason}; extract it again")


def to_table(intervals: Sequence[Interval]) -> NDArray[np.float64]:
    """Return intervals as float64 (n, 4): kind code, onset, apex, offset in ticks."""
    rows = [(KIND_CODES.index(i.kind), i.onset, i.apex, i.offset) for i in intervals]
    return np.array(rows, np.float64).reshape(-1, 4)


def from_table(table: NDArray[np.generic]) -> tuple[Interval, ...]:
    """Return the intervals of a table.

    Raises
    ------
    ValueError
        If it is none.
    """
    if table.ndim != 2 or table.shape[1] != 4 or table.dtype.kind not in "fiu":
        raise ValueError("intervals must be numbers of shape (n, 4)")
    numbers = table.astype(np.float64)
    rows = np.where(np.isfinite(numbers), numbers, -1).astype(np.int64)
    if not np.array_equal(rows, numbers) or not np.isin(rows[:, 0], (0, 1)).all():
        raise ValueError("intervals must be whole ticks with kind 0 (micro) or 1 (macro)")
    return tuple(
        Interval(KIND_CODES[kind], onset, apex, offset)
        for kind, onset, apex, offset in rows.tolist()
    )


def times_of(arrays: Mapping[str, NDArray[np.generic]]) -> NDArray[np.float64] | None:
    """Return the frames' times, float64 (frames,), s, or None where they are not known.

    Raises
    ------
    ValueError
        If they are none.
    """
    if TIMES not in arrays:
        return None
    times = arrays[TIMES]
    if times.ndim != 1 or times.dtype != np.float64:
        raise ValueError("times of frames must be float64 (frames,)")
    return times.astype(np.float64, copy=False)
