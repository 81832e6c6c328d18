"""Labels and predictions as CSV files.

Both have the columns ``video, kind, onset, offset`` and, if known, ``apex`` and ``subject``;
predictions also ``score``. Other columns are not read. Frames are whole numbers, not negative, and
inclusive. The kind is ``micro`` or ``macro``, or ``ignore`` for labels that count neither way. An
empty apex is an unknown one; one outside its interval is kept as read and takes no part in errors.

A row that cannot be right stops the reading and is named, with how many there are; on request such
rows are left out and named instead. Two labels of one kind with the same frames, and two prediction
rows that are wholly alike, cannot be right: the second of them is the bad one.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engines.errors import UsageError
from engines.intervals import Kind
from offline.evaluation.csv_rows import BadRowError, Row, Table, read_table
from offline.evaluation.instances import Instance

IGNORE: Final = "ignore"
ADVICE: Final = "correct it (evaluate leaves bad rows out with --skip-bad-rows)"
REQUIRED: Final = ("video", "kind", "onset", "offset")


@dataclass(frozen=True, slots=True)
class Labels:
    """What a table of labels holds.

    Attributes
    ----------
    instances
        Labelled expressions.
    ignored
        Intervals with uncertain labels; their kind is None.
    subjects
        Who is in each video, where the table says so.
    rejected
        Rows that were left out: file, line and reason.
    """

    instances: tuple[Instance, ...]
    ignored: tuple[Instance, ...]
    subjects: Mapping[str, str] = field(default_factory=dict)
    rejected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a table of predictions holds.

    Attributes
    ----------
    instances
        Predicted expressions; the score is 1 in a table that has none.
    subjects
        Who is in each video, where the table says so.
    rejected
        Rows that were left out: file, line and reason.
    scored
        Whether the table has scores.
    """

    instances: tuple[Instance, ...]
    subjects: Mapping[str, str]
    rejected: tuple[str, ...]
    scored: bool


class _Reading:
    """Takes the rows of one table, and keeps what is wrong with them."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._lines: dict[Hashable, int] = {}
        self._subject_lines: dict[str, int] = {}
        self.instances: list[Instance] = []
        self.subjects: dict[str, str] = {}
        self.rejected: list[str] = []

    def take_all(self, read: Callable[[Row], Instance], alike: Callable[[Instance], Hashable],
                 skip_bad: bool) -> None:  # fmt: skip
        """Read every row; refuse the table if one is bad, unless bad rows are skipped."""
        for row in self._table.rows():
            try:
                instance = read(row)
                self._require_new(alike(instance), row)
                self._take_subject(instance.video, row)
            except BadRowError as error:
                self.rejected.append(f"{self._table.path} line {row.line}: {error}")
            else:
                self.instances.append(instance)
        if self.rejected and not skip_bad:
            more = len(self.rejected) - 1
            others = f" (and {more} more bad {'row' if more == 1 else 'rows'})" if more else ""
            raise UsageError(f"{self.rejected[0]}{others}; {ADVICE}")

    def _require_new(self, key: Hashable, row: Row) -> None:
        first = self._lines.setdefault(key, row.line)
        if first != row.line:
            row.refuse(f"is the same as line {first}")

    def _take_subject(self, video: str, row: Row) -> None:
        if not row.has("subject"):
            return
        subject = row.text("subject")
        if self.subjects.setdefault(video, subject) != subject:
            row.refuse(
                f"subject {subject!r} of video {video!r} is {self.subjects[video]!r} "
                f"in line {self._subject_lines[video]}"
            )
        self._subject_lines.setdefault(video, row.line)


def read_truth(path: Path, *, skip_bad: bool = False) -> Labels:
    """Read a table of labels.

    Parameters
    ----------
    path
        CSV file in UTF-8.
    skip_bad
        Whether rows that cannot be right are left out.

    Raises
    ------
    UsageError
        If the file or one of its lines cannot be read; the text names the line.
    """
    reading = _Reading(read_table(path, REQUIRED))
    reading.take_all(_label, lambda i: (i.video, i.kind, i.onset, i.offset), skip_bad)
    return Labels(
        tuple(i for i in reading.instances if i.kind is not None),
        tuple(i for i in reading.instances if i.kind is None),
        reading.subjects,
        tuple(reading.rejected),
    )


def read_prediction_table(path: Path, *, skip_bad: bool = False) -> Predictions:
    """Read a table of predictions.

    Parameters
    ----------
    path
        CSV file in UTF-8.
    skip_bad
        Whether rows that cannot be right are left out.

    Raises
    ------
    UsageError
        If the file or one of its lines cannot be read; the text names the line.
    """
    table = read_table(path, REQUIRED)
    scored = "score" in table.columns
    reading = _Reading(table)
    reading.take_all(lambda row: _prediction(row, scored), lambda i: i, skip_bad)
    return Predictions(tuple(reading.instances), reading.subjects, tuple(reading.rejected), scored)


def read_predictions(path: Path) -> tuple[Instance, ...]:
    """Return the instances of a table of predictions (see :func:`read_prediction_table`)."""
    return read_prediction_table(path).instances


def _label(row: Row) -> Instance:
    if row.text("kind") == IGNORE:
        return _instance(row, None, 1.0)
    return _instance(row, _kind(row), 1.0)


def _prediction(row: Row, scored: bool) -> Instance:
    return _instance(row, _kind(row), row.number("score") if scored else 1.0)


def _kind(row: Row) -> Kind:
    value = row.text("kind")
    if value not in list(Kind):
        row.refuse(f"kind {value!r} is not micro or macro")
    return Kind(value)


def _instance(row: Row, kind: Kind | None, score: float) -> Instance:
    video, onset, offset = row.text("video"), row.frame("onset"), row.frame("offset")
    if onset > offset:
        row.refuse(f"onset {onset} is after offset {offset}")
    apex = row.whole("apex") if row.has("apex") else None
    return Instance(video, kind, onset, offset, apex, score)
