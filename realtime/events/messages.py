"""The data of every event that leaves the process (design section 6).

Times that end in ``_s`` are seconds of stream time; those that end in ``_utc`` are RFC 3339 text
(:func:`realtime.events.cloudevents.utc_text`), or None where the stream has no wall clock.
Every class raises ``ValueError`` for a number that is not finite or out of its range.

One process may follow several sources, and several faces in each. ``source`` is the place of a
source in the hello's list, from 0. A face is known by its source and its track together.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from engines.intervals import Kind
from engines.precision import Precision
from realtime.events.checks import require_finite, require_not_negative, require_order
from realtime.events.occurrences import (
    FaceFound,
    FaceLost,
    Mark,
    StreamEnd,
    StreamGap,
    StreamState,
)
from realtime.events.telemetry import Telemetry

__all__ = [
    "SCHEMA_VERSION",
    "EventData",
    "Expression",
    "FaceFound",
    "FaceLost",
    "Hello",
    "Mark",
    "ModelInfo",
    "Phase",
    "Snapshot",
    "SourceDescription",
    "StreamEnd",
    "StreamGap",
    "StreamState",
]

SCHEMA_VERSION: Final = 2
"""Version of the data that clients see; it grows when a client must change."""


class Phase(StrEnum):
    """Where an expression stands: apex seen, boundaries moved, final, or withdrawn."""

    NEW = "new"
    UPDATE = "update"
    END = "end"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model scores the stream: its name, version and method."""

    name: str
    version: str
    method: str


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """One of the sources that a process follows.

    Attributes
    ----------
    name
        Name of the source, without credentials.
    started_utc
        When its stream time 0 was.
    synthetic
        True when no camera is behind the source.
    """

    name: str
    started_utc: str | None = None
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Hello:
    """What a client must know before the first event.

    Attributes
    ----------
    model
        Which model scores the stream.
    rate_hz
        Rate of the model's clock.
    backend
        What runs the model.
    precision
        The number format in which it does.
    algorithmic_delay_s
        How long after a moment, at the soonest, its scores are known; with a model of snippets,
        an expression that ended there is final.
    source, started_utc, synthetic
        As in :class:`SourceDescription`, of source 0.
    nodes
        Names of the patches, in the order of the telemetry.
    schema_version
        :data:`SCHEMA_VERSION`.
    marks
        True where clients may mark moments (``schemas/mark.json``).
    resumed
        Answer to ``since``: True, every event after it follows; False, some are lost; None, the
        client did not ask.
    oldest
        Lowest ``since`` that the service can still honour; None in a file.
    sources
        All sources, by their number; source 0 alone if left empty.
    recording, recording_video
        True while the events, and the pictures too, are written to disk.
    replay
        True when a recorded session is played.
    """

    model: ModelInfo
    rate_hz: float
    backend: str
    precision: Precision
    algorithmic_delay_s: float
    source: str
    started_utc: str | None = None
    nodes: tuple[str, ...] = ()
    synthetic: bool = False
    schema_version: int = SCHEMA_VERSION
    marks: bool = False
    resumed: bool | None = None
    oldest: int | None = None
    sources: tuple[SourceDescription, ...] = ()
    recording: bool = False
    recording_video: bool = False
    replay: bool = False

    def __post_init__(self) -> None:
        require_not_negative(
            "hello", rate_hz=self.rate_hz, algorithmic_delay_s=self.algorithmic_delay_s
        )
        first = SourceDescription(self.source, self.started_utc, self.synthetic)
        if not self.sources:
            object.__setattr__(self, "sources", (first,))
        if self.sources[0] != first:
            raise ValueError(f"hello: source 0 is {first}, but the list says {self.sources[0]}")


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression, as known now.

    Attributes
    ----------
    id
        Stable from ``new`` to ``end`` or ``retracted``.
    phase
        Sent as the last part of the event's type.
    kind
        Micro or macro.
    onset_s, apex_s, offset_s
        Stream time; onset or offset is None while unknown, never at ``end``.
    score
        Confidence in [0, 1].
    face
        Track of the face, in its source.
    compute_delay_ms
        Capture of the frame that decided to publication, ms.
    algorithmic_delay_s
        Stream time between the offset and the decision; None before the end.
    source
        Number of the source.
    """

    id: str
    phase: Phase
    kind: Kind
    onset_s: float | None
    apex_s: float
    offset_s: float | None
    score: float
    face: int
    onset_utc: str | None = None
    apex_utc: str | None = None
    offset_utc: str | None = None
    compute_delay_ms: float | None = None
    algorithmic_delay_s: float | None = None
    source: int = 0

    def __post_init__(self) -> None:
        owner = f"expression {self.id}"
        require_finite(
            owner,
            onset_s=self.onset_s,
            apex_s=self.apex_s,
            offset_s=self.offset_s,
            algorithmic_delay_s=self.algorithmic_delay_s,
        )
        require_not_negative(owner, compute_delay_ms=self.compute_delay_ms, source=self.source)
        require_order(owner, self.onset_s, self.apex_s, self.offset_s)
        if not 0 <= self.score <= 1:
            raise ValueError(f"{owner}: score {self.score} is outside [0, 1]")
        if self.phase is Phase.END and (self.onset_s is None or self.offset_s is None):
            raise ValueError(f"{owner}: an ended expression needs its onset and its offset")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state after event ``sequence``: what a client needs to read what follows.

    Attributes
    ----------
    sequence
        The last event that the snapshot includes; 0 before the first.
    faces
        Faces in view, by source and track.
    open_expressions
        Expressions that were seen and neither ended nor retracted, oldest first.
    ended
        The last end, once every source has ended.
    states
        The newest state of each source that ever told one, by source.
    ends
        The end of each source that has ended, by source.
    """

    sequence: int
    faces: tuple[FaceFound, ...] = ()
    open_expressions: tuple[Expression, ...] = ()
    ended: StreamEnd | None = None
    states: tuple[StreamState, ...] = ()
    ends: tuple[StreamEnd, ...] = ()


EventData: TypeAlias = (
    Hello
    | Snapshot
    | Expression
    | FaceFound
    | FaceLost
    | StreamGap
    | StreamState
    | Mark
    | StreamEnd
    | Telemetry
)
