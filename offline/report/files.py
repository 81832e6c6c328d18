"""Files of a run, each read through one door that refuses what cannot be right."""

import json
import math
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engines.errors import UsageError
from offline.evaluation.csv_rows import BadRowError, read_table

JsonObject = Mapping[str, object]


def read_object(path: Path) -> dict[str, object]:
    """Return a JSON object; an empty one where there is no file.

    Raises
    ------
    UsageError
        If the file holds something else.
    """
    if not path.exists():
        return {}
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise UsageError(f"{path}: is not a JSON object")
    return value


def read_epochs(path: Path) -> list[dict[str, float]]:
    """Return the metrics of each epoch; none where there is no file.

    Raises
    ------
    UsageError
        If a line is no object of numbers with an epoch.
    """
    if not path.exists():
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    return [_epoch(line, f"{path} line {number}") for number, line in enumerate(lines, start=1)]


def read_curves(path: Path) -> dict[str, NDArray[np.float32]]:
    """Return the scores of a video, float32 (T,) by name; none where there is no file.

    Ticks that were not scored are NaN.

    Raises
    ------
    UsageError
        If the file is damaged.
    """
    if not path.exists():
        return {}
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return _curves(arrays)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(f"{path}: holds no scores ({reason}); run the fold again") from error


def read_ticks(path: Path) -> dict[str, int]:
    """Return the length of each video on the 30 Hz grid, from a table that may lack it.

    Raises
    ------
    UsageError
        If a length is no whole number.
    """
    table = read_table(path, ("video", "subject"))
    if "ticks" not in table.columns:
        return {}
    ticks = {}
    for row in table.rows():
        try:
            ticks[row.text("video")] = row.frame("ticks")
        except BadRowError as error:
            raise UsageError(f"{path} line {row.line}: {error}; correct it") from error
    return ticks


def _epoch(line: str, where: str) -> dict[str, float]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise UsageError(f"{where}: cannot be read: {error}") from error
    if not isinstance(value, dict) or not isinstance(value.get("epoch"), int | float):
        raise UsageError(f"{where}: is not the metrics of an epoch")
    numbers = {k: v for k, v in value.items() if isinstance(v, int | float)}
    return {k: float(v) for k, v in numbers.items() if not math.isnan(v)}


def _curves(arrays: Mapping[str, NDArray[np.generic]]) -> dict[str, NDArray[np.float32]]:
    scores = {name: array for name, array in arrays.items() if array.dtype == np.float32}
    if any(array.ndim != 1 for array in scores.values()):
        raise ValueError("a score is not float32 (T,)")
    if len({len(array) for array in scores.values()}) > 1:
        raise ValueError("its scores differ in length")
    return {name: array.astype(np.float32, copy=False) for name, array in scores.items()}
