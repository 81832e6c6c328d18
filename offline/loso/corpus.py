"""The videos of a LOSO run: features on disk, their labels, and what is left out."""

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engines.contracts import SW_MRO
from engines.errors import UsageError
from engines.intervals import Interval
from offline.snippets.reads import Reads
from offline.snippets.record import Record, SnippetRecord

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Clip:
    """One video, its features left on disk.

    Attributes
    ----------
    path
        Feature file.
    name, subject
        The video, and the person in it.
    ticks
        Length on the 30 Hz grid.
    intervals, ignored
        Labels, as in :class:`offline.data.records.FeatureRecord`.
    digest
        SHA-256 of features and labels.
    source
        How the features were made (:class:`offline.snippets.reads.Reads`).
    """

    path: Path
    name: str
    subject: str
    ticks: int
    intervals: tuple[Interval, ...]
    ignored: tuple[Interval, ...]
    digest: str
    source: str = SW_MRO

    @classmethod
    def of(cls, path: Path, reads: Reads) -> "Clip":
        """Read what a feature file holds.

        Raises
        ------
        UsageError
            If it is damaged or of another sort, or its video or subject has no name that a table
            can hold.
        """
        record = reads.load(path)
        for what, name in (("video", record.name), ("subject", record.subject)):
            if not name or name != name.strip():
                raise UsageError(f"{path}: its {what} is called {name!r}; give it a name")
        return cls(
            path,
            record.name,
            record.subject,
            record.ticks,
            record.intervals,
            record.ignored,
            _digest(record),
            reads.source,
        )


@dataclass(frozen=True, slots=True)
class Absent:
    """A video that takes no part, though it belongs to the dataset: its labels are not counted."""

    video: str
    subject: str
    labels: int
    reason: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """All videos of a LOSO run, by subject and name.

    Attributes
    ----------
    name
        Of the dataset or the folder.
    clips
        At least one of each of at least two subjects.
    absent
        Videos without features.
    about
        What else a reader of figures must know (imputation of offsets, rejected rows), for JSON.

    Raises
    ------
    UsageError
        If there are fewer than two subjects, or two videos of one name.
    """

    name: str
    clips: tuple[Clip, ...]
    absent: tuple[Absent, ...] = ()
    about: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        first: dict[str, Clip] = {}
        for clip in self.clips:
            if (twin := first.setdefault(clip.name, clip)) is not clip:
                raise UsageError(f"{twin.path} and {clip.path} are of one video; remove one")
        if len(self.subjects) < 2:
            found = f"only {self.subjects[0]!r}" if self.clips else "none"
            raise UsageError(
                f"{self.name}: leaving one subject out needs two subjects or more, there is {found}"
            )

    @classmethod
    def of(
        cls,
        name: str,
        paths: Iterable[Path],
        absent: Sequence[Absent] = (),
        about: Mapping[str, object] | None = None,
        reads: Reads | None = None,
    ) -> "Corpus":
        """Read feature files; of windows where ``reads`` says nothing."""
        read = [Clip.of(path, reads or Reads()) for path in paths]
        clips = sorted(read, key=lambda c: (c.subject, c.name))
        return cls(name, tuple(clips), tuple(absent), about or {})

    @classmethod
    def of_folder(cls, folder: Path, reads: Reads | None = None) -> "Corpus":
        """Read all feature files of one sort below a folder, windows of 17 ticks if None.

        Raises
        ------
        UsageError
            As :meth:`offline.snippets.reads.Reads.files`, and for fewer than two subjects.
        """
        wanted = reads or Reads()
        paths = wanted.files(folder)
        about = {"imputation": "as in the feature files"}
        return cls.of(folder.resolve().name, paths, about=about, reads=wanted)

    @property
    def subjects(self) -> tuple[str, ...]:
        """The people, sorted."""
        return tuple(sorted({clip.subject for clip in self.clips}))

    @property
    def digest(self) -> str:
        """SHA-256 of all videos, independent of where they lie."""
        parts = [f"{clip.subject}\0{clip.name}\0{clip.digest}\n" for clip in self.clips]
        return hashlib.sha256("".join(parts).encode()).hexdigest()

    @property
    def source(self) -> str:
        """How the features were made (:class:`offline.snippets.reads.Reads`)."""
        return ", ".join(sorted({clip.source for clip in self.clips}))

    def of_subject(self, subject: str) -> tuple[Clip, ...]:
        """Return the videos of one person."""
        return tuple(clip for clip in self.clips if clip.subject == subject)

    def without(self, subject: str) -> tuple[Clip, ...]:
        """Return the videos of everybody else."""
        return tuple(clip for clip in self.clips if clip.subject != subject)

    def describe(self) -> dict[str, object]:
        """Return counts and what is left out, for JSON."""
        return {
            "name": self.name,
            "videos": len(self.clips),
            "subjects": len(self.subjects),
            "digest": self.digest,
            **({} if self.source == SW_MRO else {"source": self.source}),
            "absent": [asdict(one) for one in self.absent],
            **self.about,
        }


def load_clips(clips: Iterable[Clip]) -> list[Record]:
    """Return the records of some videos, called and of the subjects as the clips say.

    Where datasets are merged, those are other names than in the feature files.

    Raises
    ------
    UsageError
        If a file is damaged, or is another one than when the run began.
    """
    records: list[Record] = []
    for clip in clips:
        record = Reads(source=clip.source).load(clip.path)
        if _digest(record) != clip.digest:
            raise UsageError(f"{clip.path}: has changed since the run began; run it again")
        records.append(replace(record, name=clip.name, subject=clip.subject))
    return records


def _digest(record: Record) -> str:
    if isinstance(record, SnippetRecord):
        about: tuple[object, ...] = (record.streams.shape, record.source, record.ticks)
        arrays: tuple[NDArray[np.generic], ...] = (record.streams, record.valid, record.edges)
    else:
        about, arrays = (record.features.shape,), (record.features, record.scored)
    digest = hashlib.sha256(repr((record.name, record.subject, *about)).encode())
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data)
    rows = [
        [(i.kind.value, i.onset, i.apex, i.offset) for i in intervals]
        for intervals in (record.intervals, record.ignored)
    ]
    digest.update(repr(rows).encode())
    return digest.hexdigest()
