"""SAMM Long Videos: one sheet whose header stands below nine lines of preamble."""

import re
from pathlib import Path
from typing import Final

from offline.datasets.assembly import Parts, assemble
from offline.datasets.books import read_book
from offline.datasets.cells import RowError, number_text, required_text
from offline.datasets.entries import Entry, read_rows
from offline.datasets.footage import Candidate, Footage, collect_footage
from offline.datasets.headers import Record, read_records
from offline.datasets.layout import Layout, videos
from offline.datasets.options import DatasetOptions, Habit
from offline.datasets.records import Dataset

NAME: Final = "samm-lv"
HABIT: Final = Habit(rate_hz=200.0)
SHEET: Final = "FACS_Movement_Only"
COLUMNS: Final = ("Subject", "Filename", "Onset", "Apex", "Offset", "Type")
VIDEO: Final = re.compile(r"(\d+)_(\d+)")
ROW: Final = re.compile(r"(\d+)_(\d+)(?:_\d+)?")
LAYOUT: Final = Layout(VIDEO, ("SAMM_longvideos",), ("sammlongvideos",))


def load(root: Path, options: DatasetOptions) -> Dataset:
    """Read SAMM-LV.

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
    text = required_text(record["Filename"], "file name")
    if not (match := ROW.fullmatch(text)):
        raise RowError(f"file name {text!r} is no subject_video_instance")
    said, subject = number_text(record["Subject"]), int(match[1])
    if not said:
        raise RowError("subject is empty")
    if not said.isdecimal() or int(said) != subject:
        raise RowError(f"subject {said} is not that of file name {text!r}")
    marks = (record["Onset"], record["Apex"], record["Offset"])
    return Entry(record.where, _subject(match), _video(match), record["Type"], marks)


def _subject(match: re.Match[str]) -> str:
    return f"{int(match[1]):03d}"


def _video(match: re.Match[str]) -> str:
    return f"{_subject(match)}_{int(match[2])}"


def _find_footage(root: Path) -> tuple[dict[str, Footage], list[str]]:
    holder = LAYOUT.holder(root)
    if holder is None:
        return {}, [f"no {LAYOUT.holders[0]} below {root}: annotations alone"]
    return collect_footage(root, (_candidate(path) for path in videos(holder)))


def _candidate(path: Path) -> Candidate:
    if match := VIDEO.fullmatch(path.stem):
        return Candidate(path, _subject(match), _video(match))
    return Candidate(path, "", None, "its name is no subject_video")
