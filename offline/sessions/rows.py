"""Rows of a session's tables."""

from dataclasses import dataclass

from engines.intervals import Kind
from realtime.events.messages import (
    EventData,
    Expression,
    FaceFound,
    FaceLost,
    Mark,
    Phase,
    StreamEnd,
    StreamGap,
    StreamState,
)


@dataclass(frozen=True, slots=True)
class Found:
    """One expression.

    Attributes
    ----------
    source, face
        Number of its source; track of its face, in that source.
    onset_s, apex_s, offset_s
        Stream time of its source; onset or offset is None where an expression that never ended
        had none yet.
    ended
        False where the session breaks off before it was final.
    """

    id: str
    source: int
    face: int
    kind: Kind
    onset_s: float | None
    apex_s: float
    offset_s: float | None
    score: float
    ended: bool
    onset_utc: str | None = None
    apex_utc: str | None = None
    offset_utc: str | None = None
    compute_delay_ms: float | None = None
    algorithmic_delay_s: float | None = None

    @property
    def start_s(self) -> float:
        """Its onset, or the first that is known of it, s."""
        return self.apex_s if self.onset_s is None else self.onset_s

    @property
    def end_s(self) -> float:
        """Its offset, or the last that is known of it, s."""
        return self.apex_s if self.offset_s is None else self.offset_s

    @property
    def status(self) -> str:
        """``final``, or ``open`` where the session breaks off before."""
        return "final" if self.ended else "open"


@dataclass(frozen=True, slots=True)
class Moment:
    """Something else that happened.

    Attributes
    ----------
    type
        ``face_found``, ``face_lost``, ``gap``, ``state``, ``mark_micro``, ``mark_macro``, ``end``.
    time_s, until_s
        Stream time of its source; ``until_s`` for a gap only.
    detail
        A line for people, or empty.
    """

    type: str
    source: int
    time_s: float
    face: int | None = None
    until_s: float | None = None
    utc: str | None = None
    detail: str = ""


def found_of(data: Expression) -> Found:
    """Return an expression as it is known by an event."""
    return Found(
        id=data.id,
        source=data.source,
        face=data.face,
        kind=data.kind,
        onset_s=data.onset_s,
        apex_s=data.apex_s,
        offset_s=data.offset_s,
        score=data.score,
        ended=data.phase is Phase.END,
        onset_utc=data.onset_utc,
        apex_utc=data.apex_utc,
        offset_utc=data.offset_utc,
        compute_delay_ms=data.compute_delay_ms,
        algorithmic_delay_s=data.algorithmic_delay_s,
    )


def moment_of(data: EventData) -> Moment | None:
    """Return what an event tells but an expression, without its time of day."""
    match data:
        case FaceFound() | FaceLost():
            name = "face_found" if isinstance(data, FaceFound) else "face_lost"
            return Moment(name, data.source, data.time_s, data.face)
        case StreamGap():
            return Moment("gap", data.source, data.first_s, until_s=data.last_s, detail=data.reason)
        case StreamState():
            text = data.state.value if data.reason is None else f"{data.state}: {data.reason}"
            return Moment("state", data.source, data.time_s, detail=text)
        case Mark():
            return Moment(f"mark_{data.kind}", data.source, data.time_s)
        case StreamEnd():
            text = data.reason if data.error is None else f"{data.reason}: {data.error}"
            return Moment("end", data.source, data.time_s, detail=text)
        case _:
            return None
