"""Which feature files of a folder a network reads: those of its window, of all videos."""

import zipfile
from pathlib import Path
from typing import Final

import numpy as np

from engines.errors import UsageError
from offline.data.origin import DamagedError, require_one_origin

SUFFIX: Final = ".npz"


def feature_files(folder: Path, window: int) -> list[Path]:
    """Return the feature files below a folder whose windows have some ticks, sorted.

    A folder may hold features of several windows, each of which is measured from the frames: the
    longer ones are never cut, the shorter ones never joined. They do not mix, and no video is left
    out because its features are of another window only.

    Raises
    ------
    UsageError
        If there is no such folder, no feature file in it, none of such windows, or not of every
        video; if two of the files were made in different ways, or by another version of the
        extractor; if one is damaged.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder of feature files")
    paths = sorted(folder.rglob(f"*{SUFFIX}"))
    if not paths:
        raise UsageError(f"{folder}: holds no feature files (*{SUFFIX}); extract some first")
    windows = {path: window_of(path) for path in paths}
    chosen = [path for path in paths if windows[path] == window]
    if not chosen:
        there = ", ".join(str(ticks) for ticks in sorted(set(windows.values())))
        raise UsageError(
            f"{folder}: holds features for windows of {there} ticks, not of {window}; "
            f"extract again with --window {window}"
        )
    if len(chosen) < len(paths):
        _require_every_video(folder, paths, chosen, window)
    require_one_origin(folder, chosen)
    return chosen


def window_of(path: Path) -> int:
    """Return the ticks of a feature file's windows; its features are not read.

    Raises
    ------
    DamagedError
        If it is missing or no feature file.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open("features.npy") as file:
            np.lib.format.read_magic(file)  # type: ignore[no-untyped-call]
            shape, _, _ = np.lib.format.read_array_header_1_0(file)  # type: ignore[no-untyped-call]
        return int(shape[1])
    except (OSError, ValueError, EOFError, KeyError, IndexError, zipfile.BadZipFile) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DamagedError(f"{path}: not a feature file: {reason}; extract it again") from error


def _require_every_video(folder: Path, paths: list[Path], chosen: list[Path], window: int) -> None:
    """Refuse a folder where some videos have features of other windows only."""
    has = {_name(path) for path in chosen}
    if missing := sorted({_name(path) for path in paths} - has):
        raise UsageError(
            f"{folder}: {missing[0]} has no features for windows of {window} ticks as other videos "
            f"have; extract it again with --window {window}"
        )


def _name(path: Path) -> str:
    try:
        with np.load(path, allow_pickle=False) as stored:
            return str(stored["name"])
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise DamagedError(f"{path}: not a feature file: no name; extract it again") from error
