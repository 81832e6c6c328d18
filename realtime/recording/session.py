"""What a session says of itself: ``session.json``."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from engines.errors import UsageError
from realtime.events.cloudevents import JsonValue
from realtime.events.typed import MismatchError, build
from realtime.recording.layout import SESSION, VERSION
from realtime.witness import OptionValue

_LARGEST: Final = 1 << 20
"""Bytes of a ``session.json`` that are read: a few hundred are usual."""


@dataclass(frozen=True, slots=True)
class RecordedVideo:
    """A video of a source.

    Attributes
    ----------
    name
        Of the file, in the session's folder.
    first_frame_s
        Stream time of its first frame, s, to the last digit; it is at 0 in the file.
    """

    name: str
    first_frame_s: float


@dataclass(frozen=True, slots=True)
class RecordedSource:
    """One source of a session.

    Attributes
    ----------
    name
        Without credentials.
    live
        True for a camera or a stream.
    width, height
        Of the first picture, px.
    rate_hz
        Nominal frame rate, or None where the source does not say.
    started_utc
        When its stream time 0 was; None for a file.
    zero_monotonic_s
        Stream time 0 on the clock of ``Session.started_monotonic_s``, s; None before its first
        frame, and for a file.
    first_frame_s
        Stream time of the first frame that was processed, s; None before it.
    videos
        In order; more than one if the picture changed its size.
    """

    name: str
    live: bool
    width: int
    height: int
    rate_hz: float | None = None
    started_utc: str | None = None
    zero_monotonic_s: float | None = None
    first_frame_s: float | None = None
    videos: tuple[RecordedVideo, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """How a session ended.

    Attributes
    ----------
    ended_utc
        When.
    lines
        Lines of events; after a failure the file has fewer.
    frames
        Frames written, by source; empty without video.
    frames_left_out
        Frames that were processed and are in no video, because the disk or the encoder could not
        keep up; by source.
    failure
        Why the recording stopped before the run did, or None.
    """

    ended_utc: str
    lines: int
    frames: tuple[int, ...] = ()
    frames_left_out: tuple[int, ...] = ()
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A session's description.

    Attributes
    ----------
    started_utc, started_monotonic_s
        The same moment, when the recording began: time of day, and s of the monotonic clock from
        which ``elapsedms`` in the events counts.
    program
        Version of this program.
    sources
        In the order of their numbers.
    video
        True if pictures are written.
    options
        How the run was set up; without credentials.
    summary
        None while it is being recorded, and for ever if the process was killed.
    schema_version
        :data:`realtime.recording.layout.VERSION`.
    """

    started_utc: str
    started_monotonic_s: float
    program: str
    sources: tuple[RecordedSource, ...]
    video: bool = False
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    summary: Summary | None = None
    schema_version: int = VERSION

    def document(self) -> dict[str, object]:
        """Return the session as JSON values."""
        return {"schema_version": self.schema_version, **asdict(self)}


def is_session(path: Path) -> bool:
    """Return whether a path is the folder of a session."""
    return (path / SESSION).is_file()


def read_session(path: Path) -> Session:
    """Read the description of a session.

    Raises
    ------
    UsageError
        If the folder holds no session, or one that this version cannot read.
    """
    where = path / SESSION
    try:
        if not where.is_file():
            raise UsageError(f"{path} is no session: it holds no {SESSION} (fes-live --record)")
        with where.open("rb") as file:
            document: JsonValue = json.loads(file.read(_LARGEST))
    except (OSError, ValueError, RecursionError) as error:
        why = getattr(error, "strerror", None) or "it is no JSON, or it is damaged"
        raise UsageError(f"cannot read {where}: {why}") from error
    found = document.get("schema_version") if isinstance(document, dict) else None
    if found != VERSION:
        raise UsageError(
            f"{where} has schema version {found}, and this program reads {VERSION}: "
            "use the version of fes that wrote it"
        )
    try:
        return build(Session, document)
    except MismatchError as error:
        raise UsageError(f"{where} is damaged: {error}") from error
