"""From a session to the files of another program."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from engines.errors import UsageError
from offline.atomic import replace_file
from offline.sessions.axis import Axis
from offline.sessions.bids import sidecar, write_bids
from offline.sessions.elan import write_elan
from offline.sessions.parquet import write_parquet
from offline.sessions.study import Progress, Study, read_study
from offline.sessions.tables import write_csv
from offline.sessions.textgrid import write_textgrid

FORMATS: Final = ("csv", "bids", "elan", "textgrid", "parquet")

_ENDS: Final = {"bids": "_events.tsv", "elan": ".eaf", "textgrid": ".TextGrid"}
"""How the name of the file must end; the others are folders."""

_WRITERS: Final[dict[str, Callable[[Study, Axis, Path], None]]] = {
    "bids": write_bids,
    "elan": write_elan,
    "textgrid": write_textgrid,
}
TABLES: Final = {"csv": write_csv, "parquet": write_parquet}
"""Formats that are folders of tables."""


def export_session(
    folder: Path,
    to: str,
    out: Path,
    from_first_frame: bool = False,
    progress: Progress = lambda _: None,
) -> list[Path]:
    """Write a session for another program.

    Parameters
    ----------
    folder
        Of the session.
    to
        One of :data:`FORMATS`.
    out
        A folder for tables, or else a file with the ending of its format; what has its name is
        replaced.
    from_first_frame
        Let the time axis begin at the first frame, where the video begins.
    progress
        Called with bytes of events as they are read: tables of telemetry read them twice.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    UsageError
        If the session or the name cannot be used, a package is missing, or the file system
        refuses.
    """
    _check(to, out, from_first_frame)
    study = read_study(folder, progress)
    try:
        if to in TABLES:
            return TABLES[to](study, out, progress)
        return _write_file(study, to, out, Axis(study.sources, from_first_frame))
    except OSError as error:
        raise UsageError(
            f"--out: cannot write {error.filename or out}: {error.strerror}; give another place"
        ) from error


def _check(to: str, out: Path, from_first_frame: bool) -> None:
    end = _ENDS.get(to, "")
    if not out.name.lower().endswith(end.lower()):
        example = {"bids": "sub-01_task-talk_events.tsv"}.get(to, f"session{end}")
        raise UsageError(f"--out {out}: the name must end in {end}, such as {example}")
    if to in TABLES and out.is_file():
        raise UsageError(f"--out {out} is a file: --to {to} writes a folder of tables")
    if to not in TABLES and out.is_dir():
        raise UsageError(f"--out {out} is a folder: --to {to} writes a file")
    if to in TABLES and from_first_frame:
        raise UsageError(f"--from-first-frame: --to {to} holds stream times as they are")


def _write_file(study: Study, to: str, out: Path, axis: Axis) -> list[Path]:
    _replace(out, lambda path: _WRITERS[to](study, axis, path))
    if to != "bids":
        return [out]
    beside = out.with_suffix(".json")
    replace_file(beside, lambda file: file.write(sidecar(study).encode()))
    return [out, beside]


def _replace(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file under another name first: what is there stays until the new one is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{secrets.token_hex(4)}.partial{path.suffix}")
    try:
        write(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
