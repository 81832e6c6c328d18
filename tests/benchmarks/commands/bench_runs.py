"""Commands as a user runs them, and what every JSON report must look like."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from benchmarks.cli import whole
from engines.console import run_command
from realtime.pipeline.timing import STAGES

Table = dict[str, object]


def _object(required: Table) -> Table:
    return {"type": "object", "properties": required, "required": [*required]}


NUMBER: Table = {"type": "number", "minimum": 0}
COUNT: Table = {"type": "integer", "minimum": 0}
TEXT: Table = {"type": "string", "minLength": 1}
MAYBE: Table = {"type": ["number", "null"]}
SPREAD: Table = {
    "anyOf": [
        {"type": "null"},
        _object({"count": COUNT, "p50": MAYBE, "p95": MAYBE, "p99": MAYBE, "max": MAYBE}),
    ]
}
LOSSES: Table = {
    "frames": COUNT, "drops": COUNT, "gaps": COUNT, "repeated_ticks": COUNT, "faces_found": COUNT,
}  # fmt: skip
FIRST: Table = _object({"program_s": NUMBER, "run_s": MAYBE, "total_s": MAYBE})
DELAYS: Table = _object({"total_s": SPREAD, "algorithmic_s": SPREAD, "compute_ms": SPREAD})
KIND: Table = _object(
    {
        "true": COUNT, "found": COUNT, "missed": COUNT, "false_alarms": COUNT,
        "end_after_offset": DELAYS, "new_after_onset": DELAYS,
    }
)  # fmt: skip
FIGURES: dict[str, Table] = {
    "latency": _object(
        {
            "stages_ms": _object(dict.fromkeys(STAGES, SPREAD)),
            "histogram_total_ms": {
                "type": "array",
                "items": _object({"low": NUMBER, "high": NUMBER, "count": COUNT}),
            },
            "messages_received": {"type": ["integer", "null"]},
            "first_scored": FIRST,
            **LOSSES,
        }
    ),
    "throughput": _object(
        {
            "sustained_hz": MAYBE,
            "slowest_10_s_hz": MAYBE,
            "share_of_wall_time": {"type": "object", "additionalProperties": NUMBER},
            "cores_busy": MAYBE,
            "first_scored": FIRST,
            **LOSSES,
        }
    ),
    "memory": _object(
        {
            "warm_up_s": NUMBER,
            "rendered_frames_mib": NUMBER,
            "resident_mib": {
                "anyOf": [
                    {"type": "null"},
                    _object(
                        {
                            "samples": COUNT, "seconds": NUMBER, "first": NUMBER, "last": NUMBER,
                            "peak": NUMBER, "grown": {"type": "number"}, "per_ten_minutes": MAYBE,
                        }
                    ),
                ]
            },
            **LOSSES,
        }
    ),
    "delay": _object(
        {"kinds": _object({"micro": KIND, "macro": KIND, "all": KIND}), **LOSSES},
    ),
}  # fmt: skip


def _schema(command: str) -> Table:
    return _object(
        {
            "command": {"const": command},
            "date_utc": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT[\d:.]+Z$"},
            "completed": {"type": "boolean"},
            "error": {"type": ["string", "null"]},
            "options": {"type": "object", "required": ["threads", "backend", "flow", "seconds"]},
            "source": _object({"name": TEXT, "width": COUNT, "height": COUNT, "rate_hz": MAYBE}),
            "model": _object(
                {
                    "name": TEXT, "version": TEXT, "backend": TEXT,
                    "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                }
            ),
            "machine": _object(
                {
                    "cpu": TEXT, "cores": COUNT, "cores_of_machine": COUNT, "memory_mib": COUNT,
                    "load": MAYBE, "system": TEXT, "python": TEXT,
                }
            ),
            "others_cores": NUMBER,
            "versions": {"type": "object", "required": ["numpy", "mediapipe", "onnxruntime"]},
            "commit": {"type": ["string", "null"]},
            "figures": FIGURES[command],
        }
    )  # fmt: skip


def bench(capfd: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    code = run_command(whole(), [*map(str, arguments)])
    out, err = capfd.readouterr()
    return code, out, err


def report(capfd: pytest.CaptureFixture[str], command: str, *arguments: str | Path) -> Table:
    """The JSON report of a run that goes well."""
    code, out, err = bench(capfd, command, *arguments, "--json")
    assert code == 0, err
    return checked(command, out)


def checked(command: str, out: str) -> Table:
    """A report that is one JSON document as it must be."""
    document: Table = json.loads(out)
    Draft202012Validator(_schema(command)).validate(document)
    return document


def figures(document: Table) -> Table:
    found = document["figures"]
    assert isinstance(found, dict)
    return found


def part(figures: Table, *names: str) -> Table:
    for name in names:
        inner = figures[name]
        assert isinstance(inner, dict)
        figures = inner
    return figures
