"""Feature records on disk: one ``.npz`` file per video, read without pickle."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.errors import UsageError
from engines.intervals import Interval
from offline.atomic import replace_file
from offline.data.arrays import TIMES, from_table, read_arrays, refusal, times_of, to_table
from offline.data.feature_files import feature_files
from offline.data.origin import Origin
from offline.data.records import FeatureRecord
from realtime.types import WINDOW, require_window

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
        "intervals": to_table(record.intervals),
        "ignored": to_table(record.ignored),
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
    arrays = read_arrays(path, _KEYS, (TIMES,))
    try:
        return _from_arrays(arrays)
    except ValueError as error:
        raise refusal(path, error) from error


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
    arrays = read_arrays(path, _KEYS[1:])
    try:
        intervals, ignored = from_table(arrays["intervals"]), from_table(arrays["ignored"])
    except ValueError as error:
        raise refusal(path, error) from error
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
        intervals=from_table(arrays["intervals"]),
        ignored=from_table(arrays["ignored"]),
        window=require_window(features.shape[1]),
        timestamps_s=times_of(arrays),
    )
