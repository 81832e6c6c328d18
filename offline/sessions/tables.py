"""A session as tables for spreadsheets and statistics programs: CSV."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from offline.atomic import replace_file
from offline.sessions.rows import Found, Moment
from offline.sessions.study import Progress, Study
from realtime.events.telemetry import Telemetry

Value = str | int | float | None
Row = Mapping[str, Value]

EXPRESSIONS: Final = "expressions.csv"
MOMENTS: Final = "moments.csv"
SCORES: Final = "scores.csv"

EXPRESSION_COLUMNS: Final = (
    "id", "source", "source_name", "face", "kind", "status",
    "onset_s", "apex_s", "offset_s", "duration_s", "score",
    "onset_utc", "apex_utc", "offset_utc", "algorithmic_delay_s", "compute_delay_ms",
)  # fmt: skip
MOMENT_COLUMNS: Final = (
    "type", "source", "source_name", "face", "time_s", "until_s", "utc", "detail",
)  # fmt: skip
SCORE_COLUMNS: Final = ("source", "source_name", "face", "time_s", "utc")

_DIGITS: Final = 6
# spreadsheets take a file for UTF-8 only where it begins with this
_ENCODING: Final = "utf-8-sig"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def write_csv(study: Study, folder: Path, progress: Progress) -> list[Path]:
    """Write expressions, moments, and the scores of the telemetry, as three tables.

    Raises
    ------
    OSError
        If they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = (
        (EXPRESSIONS, EXPRESSION_COLUMNS, (expression_row(study, e) for e in study.expressions)),
        (MOMENTS, MOMENT_COLUMNS, (moment_row(study, m) for m in study.moments)),
        (SCORES, (*SCORE_COLUMNS, *study.names.scores), _score_rows(study, progress)),
    )
    for name, columns, rows in tables:
        _write(folder / name, columns, rows)
    return [folder / name for name, _, _ in tables]


def expression_row(study: Study, found: Found) -> dict[str, Value]:
    """Return an expression by column; times are stream times of its source."""
    known = found.onset_s is not None and found.offset_s is not None
    return {
        "id": found.id,
        "source": found.source,
        "source_name": study.sources[found.source].name,
        "face": found.face,
        "kind": found.kind.value,
        "status": found.status,
        "onset_s": found.onset_s,
        "apex_s": found.apex_s,
        "offset_s": found.offset_s,
        "duration_s": round(found.end_s - found.start_s, _DIGITS) if known else None,
        "score": found.score,
        "onset_utc": found.onset_utc,
        "apex_utc": found.apex_utc,
        "offset_utc": found.offset_utc,
        "algorithmic_delay_s": found.algorithmic_delay_s,
        "compute_delay_ms": found.compute_delay_ms,
    }


def moment_row(study: Study, moment: Moment) -> dict[str, Value]:
    """Return a moment by column; times are stream times of its source."""
    return {
        "type": moment.type,
        "source": moment.source,
        "source_name": study.sources[moment.source].name,
        "face": moment.face,
        "time_s": moment.time_s,
        "until_s": moment.until_s,
        "utc": moment.utc,
        "detail": moment.detail,
    }


def score_row(study: Study, data: Telemetry) -> dict[str, Value]:
    """Return what a report tells of a face, by column, without the scores."""
    return {
        "source": data.source,
        "source_name": study.sources[data.source].name,
        "face": data.face,
        "time_s": data.time_s,
        "utc": study.utc(data.source, data.time_s),
    }


def _score_rows(study: Study, progress: Progress) -> Iterator[Row]:
    for data in study.telemetry(progress):
        if data.face is not None:
            yield {**score_row(study, data), **data.scores}


def _write(path: Path, columns: Sequence[str], rows: Iterator[Row]) -> None:
    def write(file: IO[bytes]) -> None:
        file.write("".encode(_ENCODING))
        out = csv.writer(_Encoded(file), lineterminator="\r\n")
        out.writerow(columns)
        for row in rows:
            out.writerow([_cell(row.get(column)) for column in columns])

    replace_file(path, write)


class _Encoded:
    """A file that takes text."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Write a text, with a sign for what is no letter."""
        return self._file.write(text.encode("utf-8", "replace"))


def _cell(value: Value) -> Value:
    """Return a value that a spreadsheet shows and does not run: the name of a file may be one."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
