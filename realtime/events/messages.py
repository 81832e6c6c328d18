"""The data of every event that leaves the process (design section 6).

Times that end in ``_s`` are seconds of stream time; those that end in ``_utc`` are RFC 3339 text
(:func:`realtime.events.cloudevents.utc_text`), or None where the stream has no wall clock.
Every class raises ``ValueError`` for a number that is not finite or out of its range.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from engines.intervals import Kind
from engines.precision import Precision
from realtime.events.checks import require_finite, require_not_negative, require_order
from realtime.events.telemetry import Telemetry

SCHEMA_VERSION: Final = 1
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
    source
        Name of the source, without credentials.
    started_utc
        When stream time 0 was.
    nodes
        Names of the patches, in the order of the telemetry.
    synthetic
        True when no camera is behind the source.
    schema_version
        :data:`SCHEMA_VERSION`.
    marks
        True where clients may mark moments (``schemas/mark.json``).
    resumed
        Answer to ``since``: True, every event after it follows; False, some are lost; None, the
        client did not ask.
    oldest
        Lowest ``since`` that the service can still honour; None in a file.
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

    def __post_init__(self) -> None:
        require_not_negative(
            "hello", rate_hz=self.rate_hz, algorithmic_delay_s=self.algorithmic_delay_s
        )


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
        Track of the face.
    compute_delay_ms
        Capture of the frame that decided to publication, ms.
    algorithmic_delay_s
        Stream time between the offset and the decision; None before the end.
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

    def __post_init__(self) -> None:
        owner = f"expression {self.id}"
        require_finite(
            owner,
            onset_s=self.onset_s,
            apex_s=self.apex_s,
            offset_s=self.offset_s,
            algorithmic_delay_s=self.algorithmic_delay_s,
        )
        require_not_negative(owner, compute_delay_ms=self.compute_delay_ms)
        require_order(owner, self.onset_s, self.apex_s, self.offset_s)
        if not 0 <= self.score <= 1:
            raise ValueError(f"{owner}: score {self.score} is outside [0, 1]")
        if self.phase is Phase.END and (self.onset_s is None or self.offset_s is None):
            raise ValueError(f"{owner}: an ended expression needs its onset and its offset")


@dataclass(frozen=True, slots=True)
class FaceFound:
    """A face came into view."""

    face: int
    time_s: float

    def __post_init__(self) -> None:
        require_finite("face found", time_s=self.time_s)


@dataclass(frozen=True, slots=True)
class FaceLost:
    """A face went out of view."""

    face: int
    time_s: float

    def __post_init__(self) -> None:
        require_finite("face lost", time_s=self.time_s)


@dataclass(frozen=True, slots=True)
class StreamGap:
    """Stream time without frames; windows that span it are not scored."""

    first_s: float
    last_s: float
    reason: str

    def __post_init__(self) -> None:
        require_finite("gap", first_s=self.first_s, last_s=self.last_s)
        require_order("gap", self.first_s, self.last_s)


@dataclass(frozen=True, slots=True)
class Mark:
    """A person marked a moment as inside an expression; it has been written down.

    Attributes
    ----------
    kind
        Micro or macro.
    time_s
        Stream time of the frame that was on show.
    frame
        Its 0-based number in its source.
    utc
        When the key was pressed, as far as the service knows.
    """

    kind: Kind
    time_s: float
    frame: int
    utc: str

    def __post_init__(self) -> None:
        require_finite("mark", time_s=self.time_s)
        require_not_negative("mark", frame=self.frame)


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """The last event: why the stream ended and how much of it was read.

    Attributes
    ----------
    reason
        A word for programs, such as ``finished``, ``interrupted`` or ``lost``.
    time_s
        Stream time of the last frame; 0 when there was none.
    frames, ticks
        Frames read, and ticks of the model's clock that were built from them.
    error
        One line for people, or None when nothing failed.
    """

    reason: str
    time_s: float
    frames: int
    ticks: int
    error: str | None = None

    def __post_init__(self) -> None:
        require_finite("stream end", time_s=self.time_s)
        require_not_negative("stream end", frames=self.frames, ticks=self.ticks)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state after event ``sequence``: what a client needs to read what follows.

    Attributes
    ----------
    sequence
        The last event that the snapshot includes; 0 before the first.
    faces
        Faces in view, by track.
    open_expressions
        Expressions that were seen and neither ended nor retracted, oldest first.
    ended
        The end of the stream, once it ended.
    """

    sequence: int
    faces: tuple[FaceFound, ...] = ()
    open_expressions: tuple[Expression, ...] = ()
    ended: StreamEnd | None = None


EventData: TypeAlias = (
    Hello | Snapshot | Expression | FaceFound | FaceLost | StreamGap | Mark | StreamEnd | Telemetry
)
