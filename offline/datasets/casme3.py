"""CAS(ME)³ part A: an old workbook with a header; blinks in a second sheet are not truth."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from offline.datasets.assembly import Parts, assemble
from offline.datasets.books import read_book
from offline.datasets.cells import RowError, required_text
from offline.datasets.entries import Entry, read_rows
from offline.datasets.footage import Candidate, Footage, collect_footage
from offline.datasets.headers import Record, read_records
from offline.datasets.layout import Layout, child, folders
from offline.datasets.options import DatasetOptions, Habit
from offline.datasets.records import Dataset

NAME: Final = "casme3"
HABIT: Final = Habit(rate_hz=30.0)
SHEET: Final = "AU+Emotion"
FRAMES: Final = "color"
COLUMNS: Final = ("Subject", "Filename", "Onset", "Apex", "Offset", "Expression type")
SUBJECT: Final = re.compile(r"spno\.(\d+)", re.IGNORECASE)
LAYOUT: Final = Layout(SUBJECT, ("part_A",), ("casme3parta",))


def load(root: Path, options: DatasetOptions) -> Dataset:
    """Read part A of CAS(ME)³.

    Raises
    ------
    UsageError
        If the annotations are absent or their header is another.
    """
    path = options.annotations or LAYOUT.table(root)
    records = read_records(read_book(path), COLUMNS, SHEET)
    entries, rejected = read_rows(records, lambda record: record.where, _entry)
    footage, notes = _find_footage(root)
    parts = Parts(NAME, root, path, entries, rejected, footage, notes)
    return assemble(parts, HABIT, options)


def _entry(record: Record) -> Entry:
    text = required_text(record["Subject"], "subject")
    letter = required_text(record["Filename"], "file name")
    if not (match := SUBJECT.fullmatch(text)):
        raise RowError(f"subject {text!r} is no spNO.number")
    marks = (record["Onset"], record["Apex"], record["Offset"])
    subject = _subject(match)
    return Entry(record.where, subject, _video(subject, letter), record["Expression type"], marks)


def _subject(match: re.Match[str]) -> str:
    return f"spNO.{int(match[1])}"


def _video(subject: str, letter: str) -> str:
    return f"{subject}_{letter.casefold()}"


def _find_footage(root: Path) -> tuple[dict[str, Footage], list[str]]:
    holder = LAYOUT.holder(root)
    if holder is None:
        return {}, [f"no {LAYOUT.holders[0]} of spNO folders below {root}: annotations alone"]
    return collect_footage(root, _candidates(holder))


def _candidates(holder: Path) -> Iterator[Candidate]:
    for person in folders(holder):
        if match := SUBJECT.fullmatch(person.name):
            subject = _subject(match)
            for video in folders(person):
                name, frames = _video(subject, video.name), child(video, FRAMES)
                if frames is None:
                    yield Candidate(video, subject, None, f"has no folder {FRAMES}")
                else:
                    yield Candidate(frames, subject, name)
