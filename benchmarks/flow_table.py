"""Flows side by side: time, error against known motion, agreement with the reference.

    python -m benchmarks.flow_table [--clips CLIP]... [--frames N] [--json]

Sixteen calls of OpenCV's Farneback a frame, sixteen of its DIS, the reference and the streaming
flow get the same crops one after the other, one thread each. Of the calls only they are timed, not
the pooling around them; the reference makes more of them, because it follows the head. Motion is
known of rendered faces whose head is still. Agreement is measured on real clips, over all values,
and over those patches at which the reference agrees with itself: its flow of a pair there and back
cancels to 0.5 px. Elsewhere it has lost the skin, mostly where a mouth opens wide.
"""

import logging
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
import cv2

from benchmarks.flow_banks import FLOWS, REFERENCE, make_runners
from benchmarks.flow_figures import (
    Agreement,
    Error,
    Times,
    agreement_of,
    bars_of,
    error_of,
    times_of,
)
from benchmarks.flow_films import GROUPS, ROUNDS, shoot
from benchmarks.flow_portraits import MEDIA, measured_portraits
from benchmarks.flow_stretch import clip_stretch, film_stretch
from benchmarks.flow_trial import Trial, run_trial
from engines.console import option_debug, print_json, run_command, setup_log
from engines.errors import SourceError
from realtime.flow.step import Alignment

log = logging.getLogger("fes.flow_table")

SEED = 5
WARM_TICKS = 3


def film_trials(alignment: Alignment, ticks: int) -> dict[str, list[Trial]]:
    """Render the films and run every flow on them; trials by group."""
    out: dict[str, list[Trial]] = {group: [] for group in GROUPS}
    for number, portrait in enumerate(measured_portraits()):
        for film in ROUNDS[number % len(ROUNDS)]:
            log.info("rendered %s: %s", portrait.name, film.group)
            frames = shoot(portrait, film, ticks, SEED + number)
            stretch = film_stretch(f"{portrait.name}, {film.group}", frames)
            out[film.group].append(run_trial(stretch, alignment, both_ways=False))
    return out


def clip_trials(
    clips: Sequence[Path], alignment: Alignment, ticks: int, named: bool
) -> list[Trial]:
    """Run every flow on a stretch of each clip.

    A clip without a face throughout is left out, unless the user named it.
    """
    out = []
    for clip in clips:
        log.info("clip %s", clip.stem)
        try:
            stretch = clip_stretch(clip, ticks)
        except SourceError as error:
            if named:
                raise
            log.warning("left out: %s", error)
            continue
        out.append(run_trial(stretch, alignment, both_ways=True))
    return out


def warm_up(alignment: Alignment) -> None:
    """Let every flow compile and allocate before anything is timed."""
    portrait = measured_portraits()[0]
    frames = shoot(portrait, ROUNDS[0][0], WARM_TICKS, SEED)
    stretch = film_stretch("warm-up", frames)
    for runner in make_runners(alignment).values():
        for tick, (crop, sites) in enumerate(zip(stretch.crops, stretch.sites, strict=True)):
            runner.push(crop)
            runner.open(tick, sites)


def print_tables(clips: Sequence[Trial], films: dict[str, list[Trial]]) -> None:
    """Print markdown: the flows, their agreement clip by clip, the bars."""
    groups = [group for group in films if films[group]]
    head = ["flow", "ms p50", "ms p95", "times faster than 16 calls"]
    head += [f"error, {group}: mean / median px" for group in groups]
    head += ["r", "median / p95 difference px", "r, consistent", "median / p95 px", "share"]
    everything = [*clips, *(trial for group in groups for trial in films[group])]
    rows = [
        [
            flow,
            *_times_cells(times_of(everything, flow)),
            *(_error_cell(error_of(films[group], flow)) for group in groups),
            *_agreement_cells(agreement_of(clips, flow))[:2],
            *_agreement_cells(agreement_of(clips, flow, consistent=True)),
        ]
        for flow in FLOWS
    ]
    _print_table(head, rows)
    head = ["clip", "flow", *head[-5:]]
    rows = [
        [
            trial.name,
            flow,
            *_agreement_cells(agreement_of([trial], flow))[:2],
            *_agreement_cells(agreement_of([trial], flow, consistent=True)),
        ]
        for trial in clips
        for flow in FLOWS
        if flow != REFERENCE
    ]
    _print_table(head, rows)
    bars = bars_of(clips, films)
    _print_table(
        ["streaming flow", "bar", "measured", ""],
        [[bar.name, bar.bar, bar.measured, "met" if bar.met else "NOT MET"] for bar in bars],
    )


def _times_cells(times: Times | None) -> list[str]:
    if times is None:
        return ["-"] * 3
    return [f"{times.p50_ms:.2f}", f"{times.p95_ms:.2f}", f"{times.faster:.1f}"]


def _error_cell(error: Error | None) -> str:
    return "-" if error is None else f"{error.mean_px:.3f} / {error.median_px:.3f}"


def _agreement_cells(near: Agreement | None) -> list[str]:
    if near is None:
        return ["-"] * 3
    r = "-" if math.isnan(near.r) else f"{near.r:.4f}"
    return [r, f"{near.median_px:.3f} / {near.p95_px:.3f}", f"{near.share:.0%}"]


def _print_table(head: list[str], rows: list[list[str]]) -> None:
    for cells in (head, ["---"] * len(head), *rows):
        click.echo(f"| {' | '.join(cells)} |")
    click.echo("")


def as_document(clips: Sequence[Trial], films: dict[str, list[Trial]]) -> dict[str, object]:
    """Return all figures as plain data."""
    everything = [*clips, *(trial for group in films.values() for trial in group)]
    return {
        "flows": {
            flow: {
                "times": _plain(times_of(everything, flow)),
                "error": {group: _plain(error_of(films[group], flow)) for group in films},
                "agreement": _agreements(clips, flow),
                "clips": {trial.name: _agreements([trial], flow) for trial in clips},
            }
            for flow in FLOWS
        },
        "bars": [asdict(bar) for bar in bars_of(clips, films)],
    }


def _agreements(trials: Sequence[Trial], flow: str) -> dict[str, object]:
    return {
        "all": _plain(agreement_of(trials, flow)),
        "consistent": _plain(agreement_of(trials, flow, consistent=True)),
    }


def _plain(figures: Times | Error | Agreement | None) -> dict[str, float | None] | None:
    if figures is None:
        return None
    return {name: v if math.isfinite(v) else None for name, v in asdict(figures).items()}


@click.command()
@click.option("--clips", multiple=True, type=click.Path(path_type=Path),
              help="A clip; may be given often. Those of the media folder if absent.")  # fmt: skip
@click.option("--frames", type=click.IntRange(18), default=18, show_default=True,
              help="Consecutive ticks of each clip and film.")  # fmt: skip
@click.option("--alignment", type=click.Choice([str(a) for a in Alignment]),
              default=str(Alignment.RIGID), show_default=True,
              help="How head motion is removed.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@option_debug
def cli(
    *, clips: tuple[Path, ...], frames: int, alignment: str, as_json: bool, debug: bool
) -> None:
    """Compare the flows in one run."""
    setup_log(debug)
    cv2.setNumThreads(1)
    paths = clips or tuple(sorted((MEDIA / "videos").glob("*.m*")))
    if not paths:
        log.warning("no clips in %s: only rendered faces are measured", MEDIA / "videos")
    chosen = Alignment(alignment)
    warm_up(chosen)
    real = clip_trials(paths, chosen, frames, bool(clips))
    films = film_trials(chosen, frames)
    if as_json:
        print_json(as_document(real, films))
    else:
        print_tables(real, films)


if __name__ == "__main__":
    sys.exit(run_command(cli))
