"""How long the evaluator takes for very many predictions.

    python -m benchmarks.evaluator_speed [--predictions N] [--labels N] [--videos N] [--json]

Labels lie anywhere in their videos; a third of the predictions are shifted copies of labels, the
others lie anywhere. Every figure that ``fes-offline evaluate`` prints is computed.
"""

import sys
import time
from collections.abc import Sequence

import click
import numpy as np

from engines.console import option_debug, print_json, run_command, setup_log
from engines.intervals import Kind
from offline.evaluation.instances import Instance
from offline.evaluation.metrics import evaluate
from offline.evaluation.rules import Rules
from offline.evaluation.subjects import assign_subjects
from offline.evaluation.summary import summarise

FPS = 30.0
FRAMES_PER_LABEL = 300


def draw_labels(rng: np.random.Generator, count: int, videos: int) -> list[Instance]:
    """Return labels of both kinds, evenly over the videos."""
    frames = FRAMES_PER_LABEL * max(1, count // videos)
    video = rng.integers(videos, size=count)
    onset = rng.integers(frames, size=count)
    micro = rng.random(count) < 0.3
    length = np.where(micro, rng.integers(6, 15, count), rng.integers(15, 120, count))
    rows = zip(video.tolist(), micro.tolist(), onset.tolist(), length.tolist(), strict=True)
    return [
        Instance(f"{v:05d}", Kind.MICRO if m else Kind.MACRO, o, o + n - 1, o + n // 2)
        for v, m, o, n in rows
    ]


def draw_predictions(
    rng: np.random.Generator, labels: Sequence[Instance], count: int, videos: int
) -> list[Instance]:
    """Return predictions, a third of them near labels."""
    near = [labels[n] for n in rng.integers(len(labels), size=count // 3)]
    guesses = near + draw_labels(rng, count - len(near), videos)
    shifts = rng.integers(-6, 7, size=count).tolist()
    scores = rng.random(count).tolist()
    return [
        Instance(g.video, g.kind, g.onset + shift, g.offset + shift, None, score)
        for g, shift, score in zip(guesses, shifts, scores, strict=True)
    ]


@click.command()
@click.option("--predictions", type=click.IntRange(1), default=100_000, show_default=True)
@click.option("--labels", type=click.IntRange(1), default=10_000, show_default=True)
@click.option("--videos", type=click.IntRange(1), default=150, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@option_debug
def cli(
    *, predictions: int, labels: int, videos: int, seed: int, as_json: bool, debug: bool
) -> None:
    """Measure the evaluator."""
    setup_log(debug)
    rng = np.random.default_rng(seed)
    truth = draw_labels(rng, labels, videos)
    guesses = draw_predictions(rng, truth, predictions, videos)
    subjects = assign_subjects({i.video for i in (*truth, *guesses)})
    start = time.perf_counter()
    report = evaluate(truth, guesses)
    counted = time.perf_counter()
    summarise(truth, guesses, subjects, rules=Rules(fps=FPS))
    done = time.perf_counter()
    figures = {
        "predictions": predictions,
        "labels": labels,
        "videos": videos,
        "true_positives": report.overall.counts.tp,
        "counts_s": round(counted - start, 3),
        "all_figures_s": round(done - counted, 3),
    }
    if as_json:
        print_json(figures)
    else:
        for name, value in figures.items():
            click.echo(f"{name:15} {value}")


if __name__ == "__main__":
    sys.exit(run_command(cli))
