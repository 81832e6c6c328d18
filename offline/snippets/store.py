"""Snippet records on disk: one ``.i3d`` file per video (an npz archive), read without pickle."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.errors import UsageError
from offline.atomic import replace_file
from offline.data.arrays import TIMES, from_table, read_arrays, refusal, times_of, to_table
from offline.data.origin import Origin, require_one_origin
from offline.data.store import Labelling
from offline.snippets.record import SnippetRecord, ticks_of

SUFFIX: Final = ".i3d"
"""Unlike that of SW-MRO features: a folder may hold both."""

_LABELS: Final = ("intervals", "ignored", "subject")
_KEYS: Final = (*_LABELS, "name", "streams", "valid", "edges", "source")


def save_snippets(path: Path, record: SnippetRecord, origin: Origin | None = None) -> None:
    """Write a record, replacing the file as a whole.

    Keys: those of the record, ``intervals`` and ``ignored`` as in
    :func:`offline.data.store.save_record`, and those of :class:`offline.data.origin.Origin` where
    it is known what they were made of.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    arrays = {
        "name": np.array(record.name),
        "subject": np.array(record.subject),
        "streams": record.streams,
        "valid": record.valid,
        "edges": record.edges,
        "source": np.array(record.source),
        "intervals": to_table(record.intervals),
        "ignored": to_table(record.ignored),
        **({} if origin is None else origin.arrays()),
    }
    replace_file(path, lambda file: np.savez(file, **arrays))


def load_snippets(path: Path) -> SnippetRecord:
    """Return the record of one file.

    Raises
    ------
    DamagedError
        If the file is missing, damaged, or holds no snippets.
    """
    arrays = read_arrays(path, _KEYS, (TIMES,))
    try:
        return _record(arrays)
    except ValueError as error:
        raise refusal(path, error) from error


def load_snippet_folder(folder: Path) -> list[SnippetRecord]:
    """Return the records of all snippet files below a folder, sorted by path.

    Raises
    ------
    UsageError
        If there is no such folder, no such file in it, two are of one video or were made in
        different ways, or one is damaged.
    """
    paths = snippet_files(folder)
    records = [load_snippets(path) for path in paths]
    first: dict[str, Path] = {}
    for path, record in zip(paths, records, strict=True):
        if (twin := first.setdefault(record.name, path)) is not path:
            raise UsageError(f"{twin} and {path} are of one video; remove the older one")
    return records


def snippet_files(folder: Path) -> list[Path]:
    """Return the snippet files below a folder, sorted.

    Raises
    ------
    UsageError
        If there is no such folder, no such file in it, or some were made with other weights or in
        other ways than the rest.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder of feature files")
    paths = sorted(folder.rglob(f"*{SUFFIX}"))
    if not paths:
        raise UsageError(
            f"{folder}: holds no I3D features (*{SUFFIX}); make some with "
            "fes-offline extract --source i3d"
        )
    require_one_origin(folder, paths)
    return paths


def read_snippet_labelling(path: Path) -> Labelling:
    """Return the labels of a snippet file without reading its features.

    Raises
    ------
    DamagedError
        If the file is missing, damaged, or not a snippet file.
    """
    arrays = read_arrays(path, (*_LABELS, TIMES))
    try:
        intervals, ignored = from_table(arrays["intervals"]), from_table(arrays["ignored"])
        ticks = ticks_of(arrays[TIMES].astype(np.float64))
    except ValueError as error:
        raise refusal(path, error) from error
    return Labelling(str(arrays["subject"]), ticks, intervals, ignored)


def _record(arrays: Mapping[str, NDArray[np.generic]]) -> SnippetRecord:
    kinds = {"streams": np.float32, "valid": np.bool_, "edges": np.float64}
    for name, kind in kinds.items():
        if arrays[name].dtype != kind:
            raise ValueError(f"{name} must be {np.dtype(kind).name}")
    return SnippetRecord(
        name=str(arrays["name"]),
        subject=str(arrays["subject"]),
        streams=arrays["streams"].astype(np.float32, copy=False),
        valid=arrays["valid"].astype(np.bool_, copy=False),
        edges=arrays["edges"].astype(np.float64, copy=False),
        source=str(arrays["source"]),
        intervals=from_table(arrays["intervals"]),
        ignored=from_table(arrays["ignored"]),
        timestamps_s=times_of(arrays),
    )
