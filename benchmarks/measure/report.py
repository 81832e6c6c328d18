"""What every measurement says besides its own figures, for machines and for people."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import click

from benchmarks.measure.machine import PACKAGES, Machine, commit
from benchmarks.measure.run import Outcome
from benchmarks.measure.text import WIDTH
from engines.console import EXIT_INTERRUPTED, print_json
from engines.measure.machine import versions
from engines.model_file import ModelFile
from realtime.events.cloudevents import utc_text
from realtime.live import LiveOptions
from realtime.sources.base import SourceInfo

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one command.

    Attributes
    ----------
    command
        Which one.
    options
        Those that are not of the run itself.
    figures
        For machines.
    lines
        For people.
    """

    command: str
    options: Mapping[str, Json]
    figures: Mapping[str, Json]
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Setup:
    """What runs: the options of the run, its model, and the machine before it began."""

    options: LiveOptions
    model: ModelFile
    machine: Machine


def show(report: Report, outcome: Outcome, setup: Setup, as_json: bool) -> int:
    """Print a report on standard output, whole or as far as the run came.

    Returns
    -------
    int
        Exit code: 0, or 130 when the user ended the run.

    Raises
    ------
    SourceError
        After the report, if the source was lost.
    """
    if as_json:
        print_json(document(report, outcome, setup))
    else:
        click.echo("\n".join([*_head(report, outcome, setup.machine), "", *report.lines]))
    if outcome.failure is not None:
        raise outcome.failure
    return 0 if outcome.completed else EXIT_INTERRUPTED


def document(report: Report, outcome: Outcome, setup: Setup) -> dict[str, Json]:
    """Return a report as one JSON document."""
    return {
        "command": report.command,
        "date_utc": utc_text(datetime.now(UTC)),
        "completed": outcome.completed and outcome.failure is None,
        "error": None if outcome.failure is None else str(outcome.failure),
        "options": {**_given(setup.options), **report.options},
        "source": {
            "name": _shown(outcome.source),
            "width": outcome.source.width,
            "height": outcome.source.height,
            "rate_hz": outcome.source.rate_hz,
        },
        "model": _model(outcome, setup),
        "machine": asdict(setup.machine),
        "others_cores": outcome.others_cores,
        "versions": versions(PACKAGES),
        "commit": commit(),
        "figures": dict(report.figures),
    }


def _given(options: LiveOptions) -> dict[str, Json]:
    face_model = options.face_model
    return {
        "seconds": options.seconds,
        "threads": options.threads,
        "backend": options.backend,
        "flow": options.flow,
        "face_model": None if face_model is None else face_model.name,
    }


def _model(outcome: Outcome, setup: Setup) -> dict[str, Json]:
    hello = outcome.recorder.hello
    return {
        "name": setup.model.manifest.name,
        "version": setup.model.manifest.version,
        "sha256": setup.model.sha256,
        "backend": setup.options.backend if hello is None else hello.backend,
    }


def _head(report: Report, outcome: Outcome, machine: Machine) -> list[str]:
    info = outcome.source
    rate = "" if info.rate_hz is None else f" at {info.rate_hz:g} Hz"
    load = "" if machine.load is None else f"load before {machine.load:.1f}, "
    lines = [
        f"{report.command}: {_shown(info)}, {info.width}x{info.height}{rate}",
        machine.text,
        f"{load}other programs kept {outcome.others_cores:.1f} cores busy meanwhile",
    ]
    if outcome.failure is not None:
        lines.append("the source was lost: figures up to there")
    elif not outcome.completed:
        lines.append("interrupted: figures up to there")
    return [line[:WIDTH] for line in lines]


def _shown(info: SourceInfo) -> str:
    # where a file lies says nothing about a measurement, and may say much about a person
    path = Path(info.name)
    return path.name if path.exists() else info.name
