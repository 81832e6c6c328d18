"""From the options of a run to those who follow it."""

from pathlib import Path

from engines.errors import UsageError
from realtime.witness import Witness


def open_witnesses(folder: Path | None, video: bool, lsl: bool) -> list[Witness]:
    """Open a recording and the outlets of the Lab Streaming Layer, where they are wanted.

    Parameters
    ----------
    folder
        ``--record``.
    video
        ``--record-video``.
    lsl
        ``--lsl``.

    Raises
    ------
    UsageError
        If the folder is not a new one, or a package is missing.
    """
    if video and folder is None:
        raise UsageError("--record-video needs --record DIR, the folder to write to")
    out: list[Witness] = []
    if lsl:
        from realtime.lsl.outlets import LslOutlets  # noqa: PLC0415

        out.append(LslOutlets())
    if folder is not None:
        from realtime.recording.recording import Recording  # noqa: PLC0415

        out.append(Recording(folder, video))
    return out
