"""What a live source delivers: pictures, or what stands in their way."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias, runtime_checkable


class Condition(StrEnum):
    """How a live source is.

    Attributes
    ----------
    LIVE
        It delivers pictures.
    RECONNECTING
        Its connection failed and is made again.
    STALLED
        It is connected, and delivers nothing.
    FROZEN
        It delivers the same picture again and again, which no sensor does: it has noise.
    BLACK
        Its pictures are black: a cap or a shutter is on the lens.
    """

    LIVE = "live"
    RECONNECTING = "reconnecting"
    STALLED = "stalled"
    FROZEN = "frozen"
    BLACK = "black"


@dataclass(frozen=True, slots=True)
class Report:
    """A source's condition from a moment on.

    Attributes
    ----------
    condition
        How the source is now.
    time_s
        Stream time of the change, s.
    reason
        One line for people, or None.
    """

    condition: Condition
    time_s: float
    reason: str | None = None


Listener: TypeAlias = Callable[[Report], None]
"""Takes what a source reports, in any thread; it must be quick."""


@runtime_checkable
class Reporting(Protocol):
    """A source that tells of its conditions."""

    def listen(self, listener: Listener) -> None:
        """Tell of every change from now on, and of the condition now unless it is live."""
        ...


def listen(source: object, listener: Listener) -> None:
    """Listen to a source; those that are always what they are, such as files, say nothing."""
    if isinstance(source, Reporting):
        source.listen(listener)
