"""A session as Parquet tables: all of it, telemetry included."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import IO, Final

from offline.atomic import replace_file
from offline.sessions.extras import require
from offline.sessions.study import Progress, Study
from offline.sessions.tables import (
    EXPRESSION_COLUMNS,
    MOMENT_COLUMNS,
    SCORE_COLUMNS,
    Value,
    expression_row,
    moment_row,
    score_row,
)
from realtime.events.telemetry import Telemetry

EXPRESSIONS: Final = "expressions.parquet"
MOMENTS: Final = "moments.parquet"
TELEMETRY: Final = "telemetry.parquet"

ROWS: Final = 8192
"""Rows that are in memory at a time."""

Cell = Value | datetime | list[list[float]] | list[tuple[float, float]]
Row = dict[str, Cell]

_WHOLE: Final = ("source", "face", "drops", "repeated")
_TEXTS: Final = ("id", "source_name", "kind", "status", "type", "detail")
_POINTS: Final = ("patches", "shifts", "outline")


def write_parquet(study: Study, folder: Path, progress: Progress) -> list[Path]:
    """Write expressions, moments and telemetry, as three tables; UTC columns are timestamps.

    Raises
    ------
    UsageError
        If ``pyarrow`` is not there.
    OSError
        If they cannot be written.
    """
    require("pyarrow.parquet", "export")
    arrow = require("pyarrow", "export")
    folder.mkdir(parents=True, exist_ok=True)
    expressions = (_with_times(expression_row(study, found)) for found in study.expressions)
    moments = (_with_times(moment_row(study, moment)) for moment in study.moments)
    telemetry = (_telemetry_row(study, data) for data in study.telemetry(progress))
    tables: tuple[tuple[str, Sequence[str], Iterator[Row]], ...] = (
        (EXPRESSIONS, EXPRESSION_COLUMNS, expressions),
        (MOMENTS, MOMENT_COLUMNS, moments),
        (TELEMETRY, _telemetry_columns(study), telemetry),
    )
    for name, columns, rows in tables:
        _write(arrow, folder / name, columns, rows)
    return [folder / name for name, _, _ in tables]


def _telemetry_columns(study: Study) -> tuple[str, ...]:
    names = study.names
    return (
        *SCORE_COLUMNS,
        *(f"score_{name}" for name in names.scores),
        *(f"rate_{name}" for name in names.rates),
        *(f"latency_{name}_ms" for name in names.stages),
        *("drops", "repeated", "algorithmic_delay_s"),
        *_POINTS,
    )


def _telemetry_row(study: Study, data: Telemetry) -> Row:
    return {
        **_with_times(score_row(study, data)),
        **{f"score_{name}": value for name, value in data.scores.items()},
        **{f"rate_{name}": value for name, value in data.rates.items()},
        **{f"latency_{name}_ms": value for name, value in data.latency_ms.items()},
        "drops": data.drops,
        "repeated": data.repeated,
        "algorithmic_delay_s": data.algorithmic_delay_s,
        "patches": list(data.patches),
        "shifts": list(data.shifts),
        "outline": list(data.outline),
    }


def _with_times(row: dict[str, Value]) -> Row:
    """Return a row with moments where it has their text, and with valid letters alone."""
    out: Row = {}
    for name, value in row.items():
        if not isinstance(value, str):
            out[name] = value
        elif name.endswith("utc"):
            out[name] = datetime.fromisoformat(value)
        else:
            out[name] = value.encode("utf-8", "replace").decode()
    return out


def _write(arrow: ModuleType, path: Path, columns: Sequence[str], rows: Iterator[Row]) -> None:
    schema = arrow.schema([(name, _type(arrow, name)) for name in columns])

    def write(file: IO[bytes]) -> None:
        with ExitStack() as stack:
            out = stack.enter_context(arrow.parquet.ParquetWriter(file, schema))
            for chunk in _chunks(rows):
                out.write_table(arrow.Table.from_pylist(chunk, schema=schema))

    replace_file(path, write)


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == ROWS:
            yield chunk
            chunk = []
    yield chunk


def _type(arrow: ModuleType, column: str) -> object:
    if column in _WHOLE:
        return arrow.int64()
    if column in _TEXTS:
        return arrow.string()
    if column in _POINTS:
        return arrow.list_(arrow.list_(arrow.float32()))
    if column.endswith("utc"):
        return arrow.timestamp("ms", tz="UTC")
    return arrow.float64()
