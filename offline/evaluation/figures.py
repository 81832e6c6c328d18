"""Counts, shares and errors, as evaluation reports them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engines.intervals import Kind


@dataclass(frozen=True, slots=True)
class Counts:
    """Right, wrong and missed.

    Attributes
    ----------
    tp, fp, fn
        True positives, false positives, false negatives.
    ignored
        Predictions that count neither way, since they lie where labels are uncertain.
    """

    tp: int = 0
    fp: int = 0
    fn: int = 0
    ignored: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.tp + other.tp,
            self.fp + other.fp,
            self.fn + other.fn,
            self.ignored + other.ignored,
        )

    @property
    def precision(self) -> float:
        """Share of the counted predictions that are right; 0 without any."""
        return _share(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """Share of the labels that were found; 0 without any."""
        return _share(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 without labels and predictions."""
        return _share(2 * self.tp, 2 * self.tp + self.fp + self.fn)


@dataclass(frozen=True, slots=True)
class BoundaryErrors:
    """Mean absolute errors of the matched predictions; None where nothing was matched.

    Attributes
    ----------
    onset, apex, offset
        Frames.
    apexes
        How many matched pairs the apex error is over: those whose apexes are both known and
        within their own intervals.
    fps
        Frame rate, if known.
    """

    onset: float | None = None
    apex: float | None = None
    offset: float | None = None
    apexes: int = 0
    fps: float | None = None

    def in_frames(self) -> dict[str, float | None]:
        """Return the three errors, frames."""
        return {"onset": self.onset, "apex": self.apex, "offset": self.offset}

    def in_seconds(self) -> dict[str, float | None] | None:
        """Return the three errors, s; None without a frame rate."""
        fps = self.fps
        if fps is None:
            return None
        return {name: None if v is None else v / fps for name, v in self.in_frames().items()}


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts and boundary errors of one group of expressions."""

    counts: Counts
    errors: BoundaryErrors

    def to_dict(self) -> dict[str, object]:
        """Return all figures as a JSON-ready dictionary; errors in frames, and in s if known."""
        c, e = self.counts, self.errors
        return {
            "tp": c.tp,
            "fp": c.fp,
            "fn": c.fn,
            "ignored": c.ignored,
            "precision": c.precision,
            "recall": c.recall,
            "f1": c.f1,
            "mean_absolute_error": e.in_frames(),
            "mean_absolute_error_s": e.in_seconds(),
            "apexes_compared": e.apexes,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What a set of predictions is worth.

    Attributes
    ----------
    iou
        IoU from which a prediction was a hit.
    overall
        Over both kinds and all videos.
    kinds
        By kind; empty where kinds were ignored.
    videos
        By video: every one with a label, an ignored interval or a prediction, and those that
        the list of subjects names.
    subjects
        By subject; empty where nobody said who is in a video.
    """

    iou: float
    overall: Figures
    kinds: Mapping[Kind, Figures]
    videos: Mapping[str, Figures]
    subjects: Mapping[str, Figures] = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        """Return all figures as a JSON-ready dictionary."""
        return {
            "iou": self.iou,
            "overall": self.overall.to_dict(),
            "kinds": {kind.value: figures.to_dict() for kind, figures in self.kinds.items()},
            "subjects": {name: figures.to_dict() for name, figures in self.subjects.items()},
            "videos": {video: figures.to_dict() for video, figures in self.videos.items()},
        }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
