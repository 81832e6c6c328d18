"""Whoever wants to see each frame and each tick, not only what is published of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from realtime.types import Frame


@dataclass(frozen=True, slots=True)
class TickScores:
    """The scores of one face at one tick of the model's clock.

    Attributes
    ----------
    source
        Number of the source.
    face
        Track of the face, in its source.
    tick
        0-based, 30 a second.
    time_s
        Its stream time, s.
    captured_s
        When that was, s of ``time.monotonic``.
    scores
        Probability by output name.
    """

    source: int
    face: int
    tick: int
    time_s: float
    captured_s: float
    scores: Mapping[str, float]


class Observer(Protocol):
    """Looks on from the frame path, which waits for it: it must be quick."""

    def saw(self, source: int, frame: Frame) -> None:
        """Take a frame that the pipeline has processed; all of them come, in order."""
        ...

    def scored(self, scores: TickScores) -> None:
        """Take the scores of one more tick of one face; the ticks of a face come in order."""
        ...
