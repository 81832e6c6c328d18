"""The events of a source besides expressions: faces, gaps, states, marks, and its end.

They are part of :mod:`realtime.events.messages`, which everybody imports them from.
"""

from dataclasses import dataclass

from engines.intervals import Kind
from realtime.events.checks import require_finite, require_not_negative, require_order
from realtime.sources.condition import Condition


@dataclass(frozen=True, slots=True)
class FaceFound:
    """A face came into view."""

    face: int
    time_s: float
    source: int = 0

    def __post_init__(self) -> None:
        require_finite("face found", time_s=self.time_s)
        require_not_negative("face found", source=self.source)


@dataclass(frozen=True, slots=True)
class FaceLost:
    """A face went out of view."""

    face: int
    time_s: float
    source: int = 0

    def __post_init__(self) -> None:
        require_finite("face lost", time_s=self.time_s)
        require_not_negative("face lost", source=self.source)


@dataclass(frozen=True, slots=True)
class StreamGap:
    """Stream time without frames; windows that span it are not scored."""

    first_s: float
    last_s: float
    reason: str
    source: int = 0

    def __post_init__(self) -> None:
        require_finite("gap", first_s=self.first_s, last_s=self.last_s)
        require_not_negative("gap", source=self.source)
        require_order("gap", self.first_s, self.last_s)


@dataclass(frozen=True, slots=True)
class StreamState:
    """A live source is in another condition than before; it is ``live`` until one says otherwise.

    Attributes
    ----------
    source
        Number of the source.
    state
        What it delivers now.
    time_s
        Stream time of the change.
    reason
        One line for people, or None.
    """

    source: int
    state: Condition
    time_s: float
    reason: str | None = None

    def __post_init__(self) -> None:
        require_finite("stream state", time_s=self.time_s)
        require_not_negative("stream state", source=self.source)
        if self.state not in set(Condition):
            raise ValueError(f"stream state: {self.state} is none of {', '.join(Condition)}")


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
    source
        Number of the source.
    """

    kind: Kind
    time_s: float
    frame: int
    utc: str
    source: int = 0

    def __post_init__(self) -> None:
        require_finite("mark", time_s=self.time_s)
        require_not_negative("mark", frame=self.frame, source=self.source)


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """The last event of a source: why it ended and how much of it was read.

    The stream as a whole has ended when every source has.

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
    source
        Number of the source.
    """

    reason: str
    time_s: float
    frames: int
    ticks: int
    error: str | None = None
    source: int = 0

    def __post_init__(self) -> None:
        require_finite("stream end", time_s=self.time_s)
        require_not_negative("stream end", frames=self.frames, ticks=self.ticks, source=self.source)
