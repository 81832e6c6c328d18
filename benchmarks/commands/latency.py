"""``fes-bench latency``: how long a frame takes from its capture to its last published event."""

from dataclasses import asdict
from pathlib import Path

import click

from benchmarks.commands.options import (
    option_camera,
    option_json,
    option_seconds,
    option_serve,
    option_source,
    options_of_the_run,
    run_options,
    since_start_s,
)
from benchmarks.measure.figures import histogram
from benchmarks.measure.paths import (
    first_scored,
    first_scored_lines,
    loss_lines,
    losses,
    spread_json,
    stage_lines,
    stage_spreads,
)
from benchmarks.measure.recorder import DONE
from benchmarks.measure.report import Json, Report, show
from benchmarks.measure.run import Outcome, measure
from benchmarks.measure.sources import open_live
from benchmarks.measure.text import histogram_lines
from engines.console import option_debug, setup_log

EXAMPLES = """
\b
Examples:
  fes-bench latency --seconds 600
  fes-bench latency --camera 0 --histogram
  fes-bench latency --source interview.mp4 --json
"""


@click.command(epilog=EXAMPLES)
@option_camera
@option_source
@option_seconds(60.0)
@options_of_the_run
@option_serve
@click.option("--histogram", "with_histogram", is_flag=True, help="Show how the total is spread.")
@option_json
@option_debug
def latency(
    *,
    camera: str | None,
    source: str | None,
    seconds: float,
    threads: int,
    model: Path | None,
    backend: str,
    face_model: Path | None,
    flow: str,
    serve: bool,
    with_histogram: bool,
    as_json: bool,
    debug: bool,
) -> int:
    """Measure each stage, and capture to published event, at the source's own pace.

    A file is played as a camera would deliver it. The synthetic camera is rendered beforehand and
    then played forwards and backwards.
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
    opened = open_live(camera, source, seconds)
    before_s = since_start_s(opened.rendering_s)
    outcome = measure(opened.source, setup.options, serve=serve)
    report = Report("latency", {"serve": serve}, *_figures(outcome, before_s, with_histogram))
    return show(report, outcome, setup, as_json)


def _figures(
    outcome: Outcome, before_s: float, with_histogram: bool
) -> tuple[dict[str, Json], list[str]]:
    spreads = stage_spreads(outcome.recorder)
    bins = histogram(outcome.recorder.durations_ms(DONE))
    figures: dict[str, Json] = {
        "stages_ms": {stage: spread_json(spread) for stage, spread in spreads.items()},
        "histogram_total_ms": [asdict(bin_) for bin_ in bins],
        **losses(outcome),
        "messages_received": outcome.received,
        "first_scored": first_scored(outcome, before_s),
    }
    lines = stage_lines(spreads)
    if with_histogram and bins:
        lines += ["", "frames by their total:", *histogram_lines(bins)]
    return figures, [*lines, "", *loss_lines(outcome), *first_scored_lines(outcome, before_s)]
