"""``fes-bench delay``: how long after a rendered expression its events come."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import click

from benchmarks.commands.options import (
    option_json,
    option_seconds,
    option_serve,
    options_of_the_run,
    run_options,
)
from benchmarks.measure.delays import Delay, Fate, Timing, fates, visible
from benchmarks.measure.figures import Spread
from benchmarks.measure.paths import loss_lines, losses, spread_json
from benchmarks.measure.played import PlayedSource
from benchmarks.measure.rendering import Rendered, render
from benchmarks.measure.report import Json, Report, show
from benchmarks.measure.run import Outcome, measure
from benchmarks.measure.sources import synthetic_seed
from benchmarks.measure.text import number, table
from engines.console import option_debug, setup_log
from engines.errors import UsageError
from engines.intervals import Interval, Kind
from realtime.types import RATE_HZ

REST_S: Final = 5.0
"""Rest at the end, so that what was seen is decided by the stream and not by its end, s."""

PARTS: Final[tuple[tuple[str, str, Callable[[Delay], float]], ...]] = (
    ("total_s", "s", lambda delay: delay.total_s),
    ("algorithmic_s", "s", lambda delay: delay.algorithmic_s),
    ("compute_ms", "ms", lambda delay: delay.compute_ms),
)

EXAMPLES = """
\b
Examples:
  fes-bench delay
  fes-bench delay --camera synthetic:7 --seconds 300 --json
"""


@click.command(epilog=EXAMPLES)
@click.option("--camera", metavar="synthetic[:SEED]", default="synthetic", show_default=True,
              help="Whose expressions are known.")  # fmt: skip
@option_seconds(120.0)
@options_of_the_run
@option_serve
@option_json
@option_debug
def delay(
    *,
    camera: str,
    seconds: float,
    threads: int,
    model: Path | None,
    backend: str,
    face_model: Path | None,
    flow: str,
    serve: bool,
    as_json: bool,
    debug: bool,
) -> int:
    """Measure how long after a rendered expression its events come.

    The script is rendered beforehand and played once, in real time, with five seconds of rest at
    the end.
    """
    setup_log(debug)
    seed = synthetic_seed(camera)
    if seed is None:
        raise UsageError(
            f"--camera {camera}: delays need expressions of known time, which only "
            "synthetic[:SEED] has"
        )
    setup = run_options(
        model=model,
        backend=backend,
        face_model=face_model,
        flow=flow,
        threads=threads,
    )
    played = render(seed, seconds + REST_S, until_s=seconds)
    source = PlayedSource(played.info(), played.reel.once)
    outcome = measure(source, setup.options, serve=serve)
    given = {"seconds": seconds, "seed": seed, "serve": serve}
    report = Report("delay", given, *_figures(outcome, played, source.start_s or 0.0))
    return show(report, outcome, setup, as_json)


def _figures(
    outcome: Outcome, played: Rendered, start_s: float
) -> tuple[dict[str, Json], list[str]]:
    end = outcome.recorder.end
    seen = 0 if end is None else min(played.reel.count, round(end.time_s * RATE_HZ) + 1)
    truth = visible(played.truth, seen)
    found, false = fates(truth, outcome.recorder.arrivals, Timing(start_s, seen))
    figures: dict[str, Json] = {"kinds": {}, **losses(outcome)}
    kinds: dict[str, Json] = {}
    lines: list[str] = []
    for name, wanted in _groups():
        some = [fate for fate in found if fate.true.kind in wanted]
        wrong = [one for one in false if one.kind in wanted]
        kinds[name] = _kind_json(some, wrong)
        lines += [*_kind_lines(name, some, wrong), ""]
    figures["kinds"] = kinds
    return figures, [*lines, *loss_lines(outcome)]


def _groups() -> list[tuple[str, tuple[Kind, ...]]]:
    return [*((kind.value, (kind,)) for kind in Kind), ("all", tuple(Kind))]


def _spreads(delays: Sequence[Delay | None]) -> dict[str, Spread | None]:
    known = [delay for delay in delays if delay is not None]
    return {name: Spread.of([part(delay) for delay in known]) for name, _, part in PARTS}


def _kind_json(some: list[Fate], wrong: list[Interval]) -> dict[str, Json]:
    hits = sum(fate.found for fate in some)
    return {
        "true": len(some),
        "found": hits,
        "missed": len(some) - hits,
        "false_alarms": len(wrong),
        **{
            event: {name: spread_json(spread) for name, spread in spreads.items()}
            for event, spreads in _events(some)
        },
    }


def _events(some: list[Fate]) -> list[tuple[str, dict[str, Spread | None]]]:
    return [
        ("end_after_offset", _spreads([fate.end for fate in some])),
        ("new_after_onset", _spreads([fate.new for fate in some])),
    ]


def _kind_lines(name: str, some: list[Fate], wrong: list[Interval]) -> list[str]:
    hits = sum(fate.found for fate in some)
    title = (
        f"{name}: {len(some)} true, {hits} found, {len(some) - hits} missed, "
        f"{len(wrong)} false alarms"
    )
    if not hits:
        return [title]
    rows = []
    for event, spreads in _events(some):
        for part, unit, _ in PARTS:
            spread = spreads[part]
            cells = [None] * 3 if spread is None else [spread.p50, spread.p95, spread.max]
            count = "0" if spread is None else str(spread.count)
            words = f"{event.replace('_', ' ')}, {part.rpartition('_')[0]} ({unit})"
            rows.append((words, count, *(number(cell) for cell in cells)))
    return [title, *table(("", "events", "p50", "p95", "max"), rows)]
