"""``fes-bench throughput``: frames per second, as fast as it goes."""

from pathlib import Path
from typing import Final

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.commands.options import (
    option_json,
    option_seconds,
    options_of_the_run,
    run_options,
    since_start_s,
)
from benchmarks.measure.figures import slowest_rate_hz
from benchmarks.measure.paths import (
    READ,
    first_scored,
    first_scored_lines,
    loss_lines,
    losses,
    work_shares,
)
from benchmarks.measure.recorder import Recorder
from benchmarks.measure.report import Json, Report, show
from benchmarks.measure.run import Outcome, measure
from benchmarks.measure.sources import open_taken
from benchmarks.measure.text import number, table
from engines.console import option_debug, setup_log

WARM_UP: Final = 30
"""Frames that are not counted: the first windows fill, caches warm."""

STRETCH_S: Final = 10.0

EXAMPLES = """
\b
Examples:
  fes-bench throughput
  fes-bench throughput --source interview.mp4
  fes-bench throughput --seconds 120 --threads 2 --json
"""


@click.command(epilog=EXAMPLES)
@click.option("--camera", metavar="synthetic[:SEED]", help="The rendered face (default).")
@click.option("--source", metavar="PATH|URL", help="A video or a folder of images.")
@option_seconds(60.0)
@options_of_the_run
@option_json
@option_debug
def throughput(
    *,
    camera: str | None,
    source: str | None,
    seconds: float,
    threads: int,
    model: Path | None,
    backend: str,
    face_model: Path | None,
    flow: str,
    as_json: bool,
    debug: bool,
) -> int:
    """Measure frames per second from a recording, as fast as it goes.

    A file is decoded as it is read, and that counts. The synthetic camera is rendered into memory
    beforehand, and that does not.
    """
    setup_log(debug)
    setup = run_options(
        model=model,
        backend=backend,
        face_model=face_model,
        flow=flow,
        threads=threads,
        seconds=seconds,
    )
    opened = open_taken(camera, source, seconds)
    before_s = since_start_s(opened.rendering_s)
    outcome = measure(opened.source, setup.options, waited=_note_read)
    report = Report("throughput", {}, *_figures(outcome, before_s))
    return show(report, outcome, setup, as_json)


def _note_read(recorder: Recorder, duration_ms: float) -> None:
    recorder.heard(READ, duration_ms)


def sustained_hz(done_s: NDArray[np.float64]) -> float | None:
    """Return frames per second after the warm-up; None with fewer than two frames after it."""
    counted = done_s[WARM_UP:]
    if len(counted) < 2 or counted[-1] <= counted[0]:
        return None
    return float((len(counted) - 1) / (counted[-1] - counted[0]))


def _figures(outcome: Outcome, before_s: float) -> tuple[dict[str, Json], list[str]]:
    recorder = outcome.recorder
    sustained = sustained_hz(recorder.done_s)
    slowest = slowest_rate_hz(recorder.done_s[WARM_UP:], STRETCH_S)
    shares = work_shares(recorder)
    cores = recorder.cores_busy
    figures: dict[str, Json] = {
        "sustained_hz": sustained,
        "slowest_10_s_hz": slowest,
        "share_of_wall_time": dict(shares),
        "cores_busy": cores,
        **losses(outcome),
        "first_scored": first_scored(outcome, before_s),
    }
    short = "" if slowest is not None else " (the run was shorter)"
    rows = [(stage, f"{100 * share:.1f} %") for stage, share in shares.items()]
    lines = [
        f"sustained       {number(sustained)} frames/s",
        f"slowest 10 s    {number(slowest)} frames/s{short}",
        f"cores busy      {number(cores)}",
        "",
        *table(("share of wall time", ""), rows),
        "stages run side by side: the shares need not add up to 100 %",
        "",
        *loss_lines(outcome),
        *first_scored_lines(outcome, before_s),
    ]
    return figures, lines
