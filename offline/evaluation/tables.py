"""Labels and predictions as CSV files.

Labels have the columns ``video, kind, onset, apex, offset``, predictions ``video, kind, onset,
offset, score`` and, if known, ``apex``; other columns are not read. Frames are whole numbers and
inclusive. The kind is ``micro`` or ``macro``, or ``ignore`` for labels that count neither way.
An empty apex is an unknown one.
"""

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from engines.errors import UsageError
from engines.intervals import Kind
from offline.evaluation.instances import Instance

IGNORE: Final = "ignore"
TRUTH_COLUMNS: Final = ("video", "kind", "onset", "apex", "offset")
PREDICTION_COLUMNS: Final = ("video", "kind", "onset", "offset", "score")


@dataclass(frozen=True, slots=True)
class Labels:
    """What a table of labels holds.

    Attributes
    ----------
    instances
        Labelled expressions.
    ignored
        Intervals with uncertain labels; their kind is None.
    """

    instances: tuple[Instance, ...]
    ignored: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    where: str
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        value = self.cells[column].strip()
        if not value:
            self.refuse(f"{column} is empty")
        return value

    def frame(self, column: str) -> int:
        value = self.text(column)
        try:
            return int(value)
        except ValueError:
            self.refuse(f"{column} {value!r} is not a whole frame number")

    def optional_frame(self, column: str) -> int | None:
        return self.frame(column) if self.cells.get(column, "").strip() else None

    def score(self) -> float:
        value = self.text("score")
        try:
            score = float(value)
        except ValueError:
            score = math.nan
        if not math.isfinite(score):
            self.refuse(f"score {value!r} is not a finite number")
        return score

    def kind(self) -> Kind:
        value = self.text("kind")
        if value not in list(Kind):
            self.refuse(f"kind {value!r} is not micro or macro")
        return Kind(value)

    def instance(self, kind: Kind | None, score: float) -> Instance:
        onset, offset = self.frame("onset"), self.frame("offset")
        if onset > offset:
            self.refuse(f"onset {onset} is after offset {offset}")
        return Instance(self.text("video"), kind, onset, offset, self.optional_frame("apex"), score)

    def refuse(self, reason: str) -> NoReturn:
        raise UsageError(f"{self.where}: {reason}")


def read_truth(path: Path) -> Labels:
    """Read a table of labels.

    Raises
    ------
    UsageError
        If the file or one of its lines cannot be read; the text names the line.
    """
    instances, ignored = [], []
    for row in _rows(path, TRUTH_COLUMNS):
        if row.cells["kind"].strip() == IGNORE:
            ignored.append(row.instance(None, 1.0))
        else:
            instances.append(row.instance(row.kind(), 1.0))
    return Labels(tuple(instances), tuple(ignored))


def read_predictions(path: Path) -> tuple[Instance, ...]:
    """Read a table of predictions.

    Raises
    ------
    UsageError
        If the file or one of its lines cannot be read; the text names the line.
    """
    rows = _rows(path, PREDICTION_COLUMNS)
    return tuple(row.instance(row.kind(), row.score()) for row in rows)


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[_Row]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, strict=True)
            missing = [c for c in columns if c not in (reader.fieldnames or ())]
            if missing:
                raise UsageError(f"{path}: has no column {', '.join(missing)}")
            for cells in reader:
                where = f"{path} line {reader.line_num}"
                if None in cells or None in cells.values():
                    raise UsageError(f"{where}: has not as many cells as the header")
                yield _Row(where, cells)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path}: is not a CSV file in UTF-8: {error}") from error
