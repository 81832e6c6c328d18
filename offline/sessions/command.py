"""The export of a session as a person sees it: how far it is, and what is wrong with it."""

from pathlib import Path
from typing import Final

from tqdm import tqdm

from engines.errors import UsageError
from offline.sessions.export import TABLES, export_session
from realtime.recording.reader import Recorded
from realtime.recording.session import is_session

_RUN: Final = "config.json"


def export_with_progress(
    session: Path, to: str, out: Path, from_first_frame: bool = False
) -> list[Path]:
    """Export a session, with a bar on standard error where that is a terminal.

    Raises
    ------
    UsageError
        As :func:`offline.sessions.export.export_session`, or if the folder is a training run.
    """
    if not is_session(session) and (session / _RUN).is_file():
        raise UsageError(f"{session} is a training run, not a session: leave out --to {to}")
    passes = 2 if to in TABLES else 1
    total = passes * Recorded(session).bytes
    with tqdm(total=total, unit="B", unit_scale=True, disable=None, leave=False) as bar:
        return export_session(session, to, out, from_first_frame, bar.update)
