"""What every dataset is read as: videos with labelled instances, and what was wrong with it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engines.intervals import Kind
from offline.datasets.options import Reading
from offline.datasets.sampling import ALL_FRAMES, Sampling
from offline.evaluation.instances import Instance
from realtime.types import RATE_HZ


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person should know of: where it is, and what."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class LabelledInstance:
    """One labelled expression of a video.

    Attributes
    ----------
    where
        Sheet and row of the annotation.
    kind
        Micro or macro; None for an interval that counts neither way.
    onset, offset
        0-based, both ends inclusive, counted in the frames that are read (see ``sampling``).
    apex
        Likewise, or None where it is not known.
    onset_s, apex_s, offset_s
        When these frames are shown, s from the video's first frame.
    imputed
        The rule that gave the offset, or None where it was annotated.
    rounded
        True where the annotation held a fraction of a frame.

    Raises
    ------
    ValueError
        If onset, apex and offset are out of order or before the first frame.
    """

    where: str
    kind: Kind | None
    onset: int
    apex: int | None
    offset: int
    onset_s: float
    apex_s: float | None
    offset_s: float
    imputed: str | None = None
    rounded: bool = False

    def __post_init__(self) -> None:
        apex = self.onset if self.apex is None else self.apex
        if not 0 <= self.onset <= apex <= self.offset:
            raise ValueError(
                f"{self.where}: 0 <= onset <= apex <= offset does not hold for "
                f"{self.onset}, {self.apex}, {self.offset}"
            )


@dataclass(frozen=True, slots=True)
class DatasetVideo:
    """One video of a dataset.

    Attributes
    ----------
    subject, name
        The person, and the video's name, which no other video of the dataset bears.
    source
        Folder of frames or video file; None where it is missing.
    fps
        Rate of the source, Hz: the mean of a file whose rate varies.
    frames
        Frames of the source, or None where it is missing.
    instances
        Labelled expressions in order of onset.
    ignored
        Intervals with uncertain labels; their kind is None.
    sampling
        Which frames of the source :func:`offline.datasets.frames.open_video` yields, and by what
        clock.
    """

    subject: str
    name: str
    source: Path | None
    fps: float
    frames: int | None
    instances: tuple[LabelledInstance, ...] = ()
    ignored: tuple[LabelledInstance, ...] = ()
    sampling: Sampling = ALL_FRAMES

    @property
    def read_fps(self) -> float:
        """Rate of the frames that are read, Hz: 30 where they are every n-th."""
        return self.fps if self.sampling.by_time else float(RATE_HZ)

    @property
    def read_frames(self) -> int | None:
        """Number of frames that are read, or None where it is not known."""
        return None if self.frames is None else self.sampling.frames(self.frames)

    @property
    def labels(self) -> tuple[Instance, ...]:
        """The labelled expressions as evaluation and extraction read them."""
        return tuple(self._instance(one) for one in self.instances)

    @property
    def ignored_labels(self) -> tuple[Instance, ...]:
        """The intervals that count neither way, likewise."""
        return tuple(self._instance(one) for one in self.ignored)

    def _instance(self, one: LabelledInstance) -> Instance:
        return Instance(self.name, one.kind, one.onset, one.offset, one.apex)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset with all that was found wrong in it.

    Attributes
    ----------
    name
        ``casme2``, ``samm-lv``, ``casme3`` or ``folder``.
    root, annotations
        Folder, and file, that were read.
    reading
        How they were read.
    videos
        By subject and name; those without any expression too.
    rejected
        Rows that cannot be right; they are in no video.
    mended
        Rows of which a part was dropped: an apex outside its interval.
    missing
        Videos without frames: their instances are here all the same.
    notes
        Anything else, in words.
    """

    name: str
    root: Path
    annotations: Path
    reading: Reading
    videos: tuple[DatasetVideo, ...]
    rejected: tuple[Finding, ...] = ()
    mended: tuple[Finding, ...] = ()
    missing: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def subjects(self) -> tuple[str, ...]:
        """The people, sorted."""
        return tuple(sorted({video.subject for video in self.videos}))

    @property
    def imputed(self) -> Mapping[str, int]:
        """Number of offsets that each rule gave."""
        rules = [one.imputed for video in self.videos for one in video.instances + video.ignored]
        return Counter(rule for rule in rules if rule)

    @property
    def rounded(self) -> int:
        """Number of instances whose annotation held a fraction of a frame."""
        return sum(one.rounded for video in self.videos for one in video.instances + video.ignored)

    def count(self, kind: Kind) -> int:
        """Return the number of instances of a kind."""
        return sum(one.kind is kind for video in self.videos for one in video.instances)
