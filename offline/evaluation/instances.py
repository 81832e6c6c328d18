"""One labelled or predicted expression of one video, as evaluation sees it."""

from dataclasses import dataclass
from typing import Self

from engines.intervals import Interval, Kind


@dataclass(frozen=True, slots=True)
class Instance:
    """An interval of a video.

    Attributes
    ----------
    video
        Name of the video.
    kind
        Micro or macro; None for an interval of no kind, such as an ignored one.
    onset, offset
        Inclusive frames, ``onset <= offset``, at whatever rate truth and prediction share.
    apex
        Frame, or None where it is not known. Labels exist whose apex is outside their interval;
        it is kept as read and takes no part in errors.
    score
        Confidence; 1 for a label.

    Raises
    ------
    ValueError
        If the onset is after the offset.
    """

    video: str
    kind: Kind | None
    onset: int
    offset: int
    apex: int | None = None
    score: float = 1.0

    def __post_init__(self) -> None:
        if self.onset > self.offset:
            raise ValueError(f"onset {self.onset} is after offset {self.offset}")

    @classmethod
    def of(cls, video: str, interval: Interval) -> Self:
        """Return one of the pipeline's intervals as an instance of a video."""
        i = interval
        return cls(video, i.kind, i.onset, i.offset, i.apex, i.score)

    @property
    def length(self) -> int:
        """Duration in frames, both ends counted."""
        return self.offset - self.onset + 1

    @property
    def sound_apex(self) -> int | None:
        """The apex if it is known and within the interval."""
        inside = self.apex is not None and self.onset <= self.apex <= self.offset
        return self.apex if inside else None

    def intersection(self, other: "Instance") -> int:
        """Return the number of frames that both hold; 0 in different videos."""
        if self.video != other.video:
            return 0
        return max(0, min(self.offset, other.offset) - max(self.onset, other.onset) + 1)

    def iou(self, other: "Instance") -> float:
        """Return the inclusive intersection over union, in [0, 1]."""
        shared = self.intersection(other)
        return shared / (self.length + other.length - shared)
