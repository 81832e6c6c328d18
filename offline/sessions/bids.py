"""A session as events of the Brain Imaging Data Structure: a table and what its columns mean."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from offline.sessions.axis import Axis
from offline.sessions.rows import Found, Moment
from offline.sessions.study import Study

COLUMNS: Final = (
    "onset", "duration", "trial_type", "source", "face", "apex", "score", "status", "onset_utc",
)  # fmt: skip
MISSING: Final = "n/a"

_TRIALS: Final = {
    "micro": "micro-expression, shorter than half a second",
    "macro": "macro-expression, half a second to four seconds",
    "mark_micro": "a person marked a moment inside a micro-expression",
    "mark_macro": "a person marked a moment inside a macro-expression",
    "gap": "no frames: nothing could be spotted",
}


def write_bids(study: Study, axis: Axis, path: Path) -> None:
    """Write ``*_events.tsv``; :func:`sidecar` is what belongs beside it.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    text = io.StringIO(newline="")
    out = csv.writer(text, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE,
                     escapechar=None, quotechar=None)  # fmt: skip
    out.writerow(COLUMNS)
    rows = sorted(_rows(study, axis), key=lambda row: float(row[0]))
    out.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")


def sidecar(study: Study) -> str:
    """Return the JSON text that says what the columns mean."""
    names = {str(n): _clean(source.name) for n, source in enumerate(study.sources)}
    document = {
        "onset": {
            "Description": "Begin of the event, from the begin of the recording's time axis",
            "Units": "s",
        },
        "duration": {"Description": "From onset to offset", "Units": "s"},
        "trial_type": {"Description": "What was spotted or marked", "Levels": _TRIALS},
        "source": {"Description": "Number of the camera or file", "Levels": names},
        "face": {"Description": "Track of the face, unique within its source"},
        "apex": {"Description": "Moment of the greatest change, as onset", "Units": "s"},
        "score": {"Description": "Confidence of the spotting, 0 to 1"},
        "status": {
            "Description": "Whether the decision was final when the recording ended",
            "Levels": {"final": "decided", "open": "the recording broke off before"},
        },
        "onset_utc": {"Description": "Time of day of the onset, RFC 3339"},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _rows(study: Study, axis: Axis) -> Iterator[tuple[str, ...]]:
    for found in study.expressions:
        yield _expression(found, axis)
    for moment in study.moments:
        if moment.type in _TRIALS:
            yield _moment(moment, axis)


def _expression(found: Found, axis: Axis) -> tuple[str, ...]:
    onset_s = axis.at(found.source, found.start_s)
    duration_s = axis.at(found.source, found.end_s) - onset_s
    return (
        f"{onset_s:.6f}",
        f"{duration_s:.6f}",
        found.kind.value,
        str(found.source),
        str(found.face),
        f"{axis.at(found.source, found.apex_s):.6f}",
        f"{found.score:.6f}",
        found.status,
        found.onset_utc or MISSING,
    )


def _moment(moment: Moment, axis: Axis) -> tuple[str, ...]:
    onset_s = axis.at(moment.source, moment.time_s)
    until_s = onset_s if moment.until_s is None else axis.at(moment.source, moment.until_s)
    return (
        f"{onset_s:.6f}",
        f"{until_s - onset_s:.6f}",
        moment.type,
        str(moment.source),
        *(MISSING,) * 4,
        moment.utc or MISSING,
    )


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
