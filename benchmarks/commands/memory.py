"""``fes-bench memory``: resident memory through a long run."""

from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from benchmarks.commands.options import (
    finite,
    option_camera,
    option_json,
    option_serve,
    option_source,
    options_of_the_run,
    run_options,
)
from benchmarks.measure.figures import TEN_MINUTES_S
from benchmarks.measure.machine import MIB
from benchmarks.measure.paths import loss_lines, losses
from benchmarks.measure.report import Json, Report, show
from benchmarks.measure.resident import Growth, Sampler
from benchmarks.measure.run import Outcome, measure
from benchmarks.measure.sources import open_live
from benchmarks.measure.text import number, sparkline
from engines.console import option_debug, setup_log

WARM_UP_S: Final = 5.0
"""After the first frame, s; of a short run, a fifth."""

EXTRAPOLATED: Final = " (extrapolated from a short run)"

FEWEST_SAMPLES: Final = 60
LONGEST_S: Final = 1.0

EXAMPLES = """
\b
Examples:
  fes-bench memory --minutes 10
  fes-bench memory --minutes 60 --camera 0 --json
"""


@click.command(epilog=EXAMPLES)
@option_camera
@option_source
@click.option("--minutes", type=click.FloatRange(min=0.01, max=1440), default=10.0,
              callback=finite,
              show_default=True, help="Stream time to measure.")  # fmt: skip
@options_of_the_run
@option_serve
@option_json
@option_debug
def memory(
    *,
    camera: str | None,
    source: str | None,
    minutes: float,
    threads: int,
    model: Path | None,
    backend: str,
    face_model: Path | None,
    flow: str,
    serve: bool,
    as_json: bool,
    debug: bool,
) -> int:
    """Sample resident memory while a source is played at its own pace."""
    setup_log(debug)
    seconds = 60 * minutes
    setup = run_options(
        model=model,
        backend=backend,
        face_model=face_model,
        flow=flow,
        threads=threads,
        seconds=seconds,
    )
    opened = open_live(camera, source, seconds)
    every_s = max(0.02, min(LONGEST_S, seconds / FEWEST_SAMPLES))
    with Sampler(every_s) as sampler:
        outcome = measure(opened.source, setup.options, serve=serve, keep=False)
    given = {"minutes": minutes, "serve": serve, "sample_every_s": every_s}
    report = Report("memory", given, *_figures(outcome, sampler, seconds, opened.reel_bytes))
    return show(report, outcome, setup, as_json)


def _figures(
    outcome: Outcome, sampler: Sampler, seconds: float, reel_bytes: int
) -> tuple[dict[str, Json], list[str]]:
    recorder = outcome.recorder
    warm_s = min(WARM_UP_S, seconds / 5)
    first_s, last_s = recorder.first_done_s or 0.0, recorder.last_done_s or 0.0
    times_s, mib = sampler.between(first_s + warm_s, last_s)
    growth, reel_mib = Growth.of(times_s, mib), reel_bytes / MIB
    figures: dict[str, Json] = {
        "warm_up_s": warm_s,
        "resident_mib": None if growth is None else {**asdict(growth), "grown": growth.grown},
        "rendered_frames_mib": reel_mib,
        **losses(outcome),
    }
    if growth is None:
        return figures, ["nothing was sampled: the run ended within its warm-up"]
    return figures, [*_lines(growth, mib, reel_mib), "", *loss_lines(outcome)]


def _lines(growth: Growth, mib: list[float], reel_mib: float) -> list[str]:
    reel = f", {number(reel_mib)} of it rendered frames" if reel_mib else ""
    return [
        f"resident memory over {growth.seconds / 60:.1f} min, {growth.samples} samples, MiB",
        "",
        f"{sparkline(mib)}  {min(mib):.1f} to {max(mib):.1f}",
        "",
        f"first {growth.first:.1f}, last {growth.last:.1f} ({growth.grown:+.2f}), "
        f"peak {growth.peak:.1f}{reel}",
        "growth (least squares): "
        + ("-" if growth.per_ten_minutes is None else f"{growth.per_ten_minutes:+.2f}")
        + " in ten minutes"
        + (EXTRAPOLATED if growth.seconds < TEN_MINUTES_S / 2 else ""),
    ]
