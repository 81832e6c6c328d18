"""CAS(ME)²: a workbook without a header, whose keys two naming rules translate into folders.

Row (1, ``disgust1_2``) is in the folder ``s15/15_0101…``: subject 1 is participant 15 by the first
rule, ``disgust1`` is code 101 by the second. A CSV file in the same columns has its rules beside
it, ``naming_rule1.csv`` and ``naming_rule2.csv``, as ``fes-offline synth`` writes them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engines.errors import UsageError
from offline.datasets.assembly import Parts, assemble
from offline.datasets.books import read_book
from offline.datasets.cells import RowError, cell_text, number_text, plain, required_text
from offline.datasets.entries import Entry, read_rows
from offline.datasets.footage import Candidate, Footage, collect_footage
from offline.datasets.layout import Layout, files, folders, videos
from offline.datasets.options import DatasetOptions, Habit
from offline.datasets.records import Dataset
from offline.datasets.tables import Book, Row, Sheet

NAME: Final = "casme2"
HABIT: Final = Habit(rate_hz=30.0)
SHEET: Final = "CASFEcode_final"
RULES: Final = ("naming rule1", "naming rule2")
SUBJECT: Final = re.compile(r"s(\d+)", re.IGNORECASE)
VIDEO: Final = re.compile(r"(\d+)_(\d+)(?!\d).*")
LAYOUT: Final = Layout(
    SUBJECT,
    ("rawpic", "longVideoFaceCropped", "rawvideo"),
    ("casme2code", "casmesqgt", "annotations"),
)
COLUMNS: Final = 8
"""Up to the type; the self-report after it is not read."""


@dataclass(frozen=True, slots=True)
class Names:
    """The two naming rules.

    Attributes
    ----------
    subjects
        Folder number (15) by subject number (1).
    codes
        Code (101) by the plain form of the key (``disgust1``).
    """

    subjects: Mapping[int, int]
    codes: Mapping[str, int]

    def entry(self, sheet: Sheet, row: Row) -> Entry:
        """Return what a row says.

        Raises
        ------
        RowError
            If a rule does not know its subject or its key.
        """
        number, key = number_text(row[0]), required_text(row[1], "video")
        if not number:
            raise RowError("subject is empty")
        if not number.isdecimal() or int(number) not in self.subjects:
            raise RowError(f"subject {number} is not in {RULES[0]}")
        head, _, count = key.rpartition("_")
        code = self.codes.get(plain(head if head and count.isdecimal() else key))
        if code is None:
            raise RowError(f"video {key!r} is not in {RULES[1]}")
        subject = self.subjects[int(number)]
        name = video_name(subject, code)
        return Entry(
            sheet.where(row), subject_name(subject), name, row[7], (row[2], row[3], row[4])
        )


def load(root: Path, options: DatasetOptions) -> Dataset:
    """Read CAS(ME)², or what ``fes-offline synth`` wrote in its columns.

    Raises
    ------
    UsageError
        If the annotations or their naming rules are absent or cannot be used.
    """
    path = options.annotations or LAYOUT.table(root)
    book = read_book(path)
    sheet = book.sheet(SHEET) or _widest(book)
    if not _wide(sheet):
        raise UsageError(
            f"{path}: {sheet.name} has no row of the {COLUMNS} columns subject, video, onset, "
            "apex, offset, action units, emotion, type: is it another table?"
        )
    names = _read_names(book)
    entries, rejected = read_rows(sheet.rows, sheet.where, lambda row: names.entry(sheet, row))
    footage, notes = _find_footage(root)
    parts = Parts(NAME, root, path, entries, rejected, footage, notes)
    return assemble(parts, HABIT, options)


def _wide(sheet: Sheet) -> bool:
    return any(len(row.cells) >= COLUMNS for row in sheet.rows)


def _widest(book: Book) -> Sheet:
    """Return the first sheet that may be the annotation, whatever its name."""
    seen = [sheet for sheet in book.sheets if _wide(sheet)]
    return next((sheet for sheet in seen if not sheet.hidden), seen[0] if seen else book.sheets[0])


def subject_name(number: int) -> str:
    """Return a subject's name, that of the folder: ``s15``."""
    return f"s{number:02d}"


def video_name(subject: int, code: int) -> str:
    """Return a video's name, the part of its folder's that both rules give: ``15_0101``."""
    return f"{subject:02d}_{code:04d}"


def _read_names(book: Book) -> Names:
    people, keys = (_rule(book, rule) for rule in RULES)
    subjects, codes = {}, {}
    for row in people.rows:
        folder, number = SUBJECT.fullmatch(cell_text(row[1])), number_text(row[2])
        if folder and number.isdecimal():
            subjects[int(number)] = int(folder[1])
    for row in keys.rows:
        code, key = number_text(row[0]), plain(cell_text(row[1]))
        if code.isdecimal() and key:
            codes[key] = int(code)
    if not subjects:
        raise UsageError(f"{book.path}: {people.name} has no row of participant, folder, number")
    if not codes:
        raise UsageError(f"{book.path}: {keys.name} has no row of code and key")
    return Names(subjects, codes)


def _rule(book: Book, name: str) -> Sheet:
    if sheet := book.sheet(name):
        return sheet
    for path in files(book.path.parent):
        if plain(path.stem) == plain(name):
            return read_book(path).sheets[0]
    raise UsageError(
        f"{book.path}: has no sheet {name!r}, and no {name.replace(' ', '_')}.csv is beside it"
    )


def _find_footage(root: Path) -> tuple[dict[str, Footage], list[str]]:
    holder = LAYOUT.holder(root)
    if holder is None:
        return {}, [f"no {', '.join(LAYOUT.holders)} below {root}: annotations alone"]
    return collect_footage(root, _candidates(holder))


def _candidates(holder: Path) -> Iterator[Candidate]:
    for folder in folders(holder):
        if subject := SUBJECT.fullmatch(folder.name):
            number = int(subject[1])
            for path in videos(folder):
                match = VIDEO.fullmatch(path.name)
                own = match is not None and int(match[1]) == number
                name = video_name(number, int(match[2])) if match and own else None
                complaint = f"its name does not begin with {number}_ and a code"
                yield Candidate(path, subject_name(number), name, complaint)
