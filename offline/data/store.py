"""Feature records on disk: one ``.npz`` file per video, read without pickle."""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.errors import UsageError
from engines.intervals import Interval, Kind
from offline.atomic import replace_file
from offline.data.feature_files import feature_files
from offline.data.origin import DamagedError, Origin
from offline.data.records import FeatureRecord
from realtime.types import WINDOW, require_window

KIND_CODES: Final = (Kind.MICRO, Kind.MACRO)
"""An interval's first column: 0 micro, 1 macro."""

TIMES: Final = "timestamps_s"
_KEYS: Final = ("features", "scored", "intervals", "ignored", "name", "subject")


def save_record(path: Path, record: FeatureRecord, origin: Origin | None = None) -> None:
    """Write a record, replacing the file as a whole.

    Keys: ``features`` float32 (T, window, 18, 2) px, ``scored`` bool (T,), ``intervals`` and
    ``ignored`` float64 (n, 4): kind code, onset, apex, offset in ticks, ``name``, ``subject``;
    those of :class:`offline.data.origin.Origin` where it is known what they were made of.
    """
    arrays = {
        "features": record.features,
        "scored": record.scored,
        "intervals": _to_table(record.intervals),
        "ignored": _to_table(record.ignored),
        "name": np.array(record.name),
        "subject": np.array(record.subject),
        **({} if origin is None else origin.arrays()),
    }
    replace_file(path, lambda file: np.savez(file, **arrays))


def load_record(path: Path) -> FeatureRecord:
    """Return the record of one file.

    Raises
    ------
    DamagedError
        If the file is missing, damaged, or not a feature record.
    """
    arrays = _read(path, _KEYS, (TIMES,))
    try:
        return _from_arrays(arrays)
    except ValueError as error:
        raise _refusal(path, error) from error


@dataclass(frozen=True, slots=True)
class Labelling:
    """What a feature file says besides its features.

    Attributes
    ----------
    subject
        The person.
    ticks
        Length on the 30 Hz grid.
    intervals, ignored
        As in :class:`offline.data.records.FeatureRecord`.
    """

    subject: str
    ticks: int
    intervals: tuple[Interval, ...]
    ignored: tuple[Interval, ...]


def read_labelling(path: Path) -> Labelling:
    """Return the labels of a feature file without reading its features.

    Raises
    ------
    DamagedError
        If the file is missing, damaged, or not a feature file.
    """
    arrays = _read(path, _KEYS[1:])
    try:
        intervals, ignored = _from_table(arrays["intervals"]), _from_table(arrays["ignored"])
    except ValueError as error:
        raise _refusal(path, error) from error
    return Labelling(str(arrays["subject"]), len(arrays["scored"]), intervals, ignored)


def load_folder(folder: Path, window: int = WINDOW) -> list[FeatureRecord]:
    """Return the records of all feature files of one window below a folder, sorted by path.

    Raises
    ------
    UsageError
        As :func:`offline.data.feature_files.feature_files`, and if two are of one video.
    """
    paths = feature_files(folder, window)
    records = [load_record(path) for path in paths]
    first: dict[str, Path] = {}
    for path, record in zip(paths, records, strict=True):
        if (twin := first.setdefault(record.name, path)) is not path:
            raise UsageError(f"{twin} and {path} are of one video; remove the older one")
    return records


def _read(
    path: Path, keys: tuple[str, ...], more: tuple[str, ...] = ()
) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of some keys, and of more where they are there."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            if missing := sorted(set(keys) - set(stored.files)):
                raise ValueError(f"it lacks {', '.join(missing)}")
            present = [key for key in more if key in stored.files]
            return {key: stored[key] for key in (*keys, *present)}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise _refusal(path, error) from error


def _refusal(path: Path, error: Exception) -> DamagedError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return DamagedError(f"{path}: not a feature file: {reason}; extract it again")


def _to_table(intervals: Sequence[Interval]) -> NDArray[np.float64]:
    rows = [(KIND_CODES.index(i.kind), i.onset, i.apex, i.offset) for i in intervals]
    return np.array(rows, np.float64).reshape(-1, 4)


def _from_arrays(arrays: Mapping[str, NDArray[np.generic]]) -> FeatureRecord:
    features, scored = arrays["features"], arrays["scored"]
    if features.ndim != 4 or features.dtype != np.float32 or scored.dtype != np.bool_:
        raise ValueError("features must be float32 of four dimensions, and scored bool")
    if not np.isfinite(features).all():
        raise ValueError("features are not finite")
    return FeatureRecord(
        name=str(arrays["name"]),
        subject=str(arrays["subject"]),
        features=features.astype(np.float32, copy=False),
        scored=scored.astype(np.bool_, copy=False),
        intervals=_from_table(arrays["intervals"]),
        ignored=_from_table(arrays["ignored"]),
        window=require_window(features.shape[1]),
        timestamps_s=_times(arrays),
    )


def _times(arrays: Mapping[str, NDArray[np.generic]]) -> NDArray[np.float64] | None:
    """Return the frames' times (:class:`offline.data.origin.Origin`), where they are known."""
    if TIMES not in arrays:
        return None
    times = arrays[TIMES]
    if times.ndim != 1 or times.dtype != np.float64:
        raise ValueError("times of frames must be float64 (frames,)")
    return times.astype(np.float64, copy=False)


def _from_table(table: NDArray[np.generic]) -> tuple[Interval, ...]:
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
