"""The commands as a user runs them, and a film for them to read."""

import json
import subprocess
import sys
from pathlib import Path

from engines.intervals import Kind
from realtime.synthesis.action_units import Side
from realtime.synthesis.expressions import Expression

TIMEOUT_S = 600.0
FIELDS = ("kind", "onset_s", "apex_s", "offset_s", "score")

SMILE = Expression(
    Kind.MACRO, (("AU12", 1.0), ("AU6", 0.4)), Side.BOTH, 0.6, 1.1, 1.8, 7.0, 0.4, 0.5
)
FILM_TICKS = 85

Found = tuple[tuple[str, float, float, float, float], ...]


def command(*arguments: str | Path) -> list[str]:
    """``fes-live`` of this checkout, whatever is installed."""
    start = "from realtime.cli import main; main()"
    return [sys.executable, "-c", start, *map(str, arguments)]


def fes_live(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )


def read_events(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def final_expressions(events: list[dict[str, object]]) -> Found:
    """What was found, in the order of onsets, without the delays of this very run."""
    out = []
    for event in events:
        if event["type"] == "fes.expression.end":
            data = event["data"]
            assert isinstance(data, dict)
            out.append(tuple(data[name] for name in FIELDS))
    return tuple(sorted(out, key=lambda found: (found[1], found[0])))
