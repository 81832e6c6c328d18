"""Anyone's own videos with a CSV file or workbook ``subject,video,onset,apex,offset,kind``.

A video is a file, or a folder of images below the root. The table names it by its path below the
root or by its own name, with or without suffix. Frames count from 0 unless asked otherwise, both
ends inclusive; kind ``ignore`` marks what counts neither way. A table ``videos.csv``
(``subject,video``) beside may name the people in videos without any expression, as
``fes-offline synth`` writes it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from offline.data.videos import TRUTH
from offline.datasets.assembly import Parts, assemble
from offline.datasets.books import SUFFIXES as TABLES
from offline.datasets.books import read_book
from offline.datasets.cells import RowError, required_text
from offline.datasets.entries import Entry, read_rows
from offline.datasets.footage import Footage
from offline.datasets.headers import Record, read_records
from offline.datasets.layout import files, only
from offline.datasets.options import DatasetOptions, Habit
from offline.datasets.records import Dataset
from offline.datasets.video_names import VideoNames

NAME: Final = "folder"
HABIT: Final = Habit(rate_hz=30.0, first_frame=0, zero_offset=False)
LIST: Final = "videos.csv"
COLUMNS: Final = ("subject", "video", "onset", "apex", "offset", "kind")


class Table:
    """Reads rows, and holds each video to one person.

    Parameters
    ----------
    names
        Of the videos that are there.
    """

    def __init__(self, names: VideoNames) -> None:
        self._names = names
        self._first: dict[str, tuple[str, str]] = {}

    def person(self, record: Record) -> tuple[str, str]:
        """Return the subject and the video that a row names.

        Raises
        ------
        RowError
            If its video is not clear, or shows another person by an earlier row.
        """
        subject = required_text(record["subject"], "subject")
        video = self._names.find(required_text(record["video"], "video"))
        owner, where = self._first.setdefault(video, (subject, record.where))
        if owner != subject:
            raise RowError(f"{video} shows {subject}, but by {where} it shows {owner}")
        return subject, video

    def entry(self, record: Record) -> Entry:
        """Return what a row says (see :meth:`person`)."""
        subject, video = self.person(record)
        marks = (record["onset"], record["apex"], record["offset"])
        return Entry(record.where, subject, video, record["kind"], marks)

    @property
    def people(self) -> dict[str, str]:
        """The person in each video that was named."""
        return {video: subject for video, (subject, _) in self._first.items()}


def load(root: Path, options: DatasetOptions) -> Dataset:
    """Read a folder of videos with its table, ``truth.csv`` unless another is named.

    Raises
    ------
    UsageError
        If the table is absent or its header lacks a column.
    """
    path = options.annotations or _table(root)
    names = VideoNames(root)
    table = Table(names)
    _, bad = read_rows(_listed(path.parent / LIST), _place, table.person)
    records = read_records(read_book(path), COLUMNS)
    entries, rejected = read_rows(records, _place, table.entry)
    people = table.people
    footage = {
        name: Footage(people.get(name) or _neighbour(name, names, people) or name, place)
        for name, place in names.paths.items()
    }
    notes = _notes(names, people, options)
    parts = Parts(NAME, root, path, entries, [*bad, *rejected], footage, notes, people)
    return assemble(parts, HABIT, options)


def _table(root: Path) -> Path:
    truth = root / TRUTH
    if truth.is_file():
        return truth
    return only([p for p in files(root) if p.suffix.lower() in TABLES and p.name != LIST], root)


def _listed(path: Path) -> list[Record]:
    return read_records(read_book(path), ("subject", "video")) if path.is_file() else []


def _place(record: Record) -> str:
    return record.where


def _neighbour(name: str, names: VideoNames, people: Mapping[str, str]) -> str | None:
    """Return the one person whom all named videos of the same folder show, if it is one."""
    beside = (other for other, p in names.paths.items() if p.parent == names.paths[name].parent)
    found = {people[other] for other in beside if other in people}
    return found.pop() if len(found) == 1 else None


def _notes(names: VideoNames, people: Mapping[str, str], options: DatasetOptions) -> list[str]:
    notes = []
    images = sum(path.is_dir() for path in names.paths.values())
    if images and options.rate_hz is None:
        notes.append(f"folders of images: {images}, taken to be at {HABIT.rate_hz:g} Hz (--rate)")
    alone = sorted(set(names.paths) - set(people))
    if alone:
        notes.append(
            f"videos whose person no table names: {len(alone)}, such as {alone[0]}; taken to be "
            f"that of the videos beside it if they agree, else one of its own: list it in {LIST}"
        )
    return notes
