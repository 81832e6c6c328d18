"""How small an expression may be and still be found, on rendered faces that were not trained on.

    python -m benchmarks.detection_curve FOLDER [--picture docs/detection.png] [--json]

FOLDER was written by ``fes-offline synth``: its ``truth.csv`` says where each expression lies and
how far it moved (``peak_px``, canonical px). Every video is run through the live pipeline.
"""

import csv
import sys
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import click
import numpy as np
from tqdm import tqdm

from benchmarks.score_clips import timestamps_s
from engines.console import option_debug, print_json, run_command, setup_log
from engines.errors import SourceError
from engines.intervals import Kind
from offline.evaluation.instances import Instance
from offline.evaluation.matching import match
from offline.evaluation.metrics import evaluate
from offline.spotting import spot
from realtime.live import LiveOptions
from realtime.sources.open import open_source
from realtime.types import RATE_HZ

EDGES_PX: Final = {
    Kind.MICRO: (0.0, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0),
    Kind.MACRO: (0.0, 2.0, 4.0, 6.0, 9.0, 13.0, 40.0),
}


SCORE_BARS: Final = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7)
FAINT_PX: Final = 0.75


@dataclass(frozen=True, slots=True)
class Labelled:
    """One rendered expression on the tick grid, and how far it moved (canonical px)."""

    instance: Instance
    peak_px: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Recall of the expressions of one kind within a range of peak displacements."""

    kind: str
    low_px: float
    high_px: float
    labels: int
    found: int


def read_truth(path: Path, times: dict[str, list[float]]) -> list[Labelled]:
    """Return the labels of all videos, frames turned into ticks by their timestamps."""
    out = []
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            seconds = times[row["video"]]
            onset, apex, offset = (
                round(seconds[int(row[name])] * RATE_HZ) for name in ("onset", "apex", "offset")
            )
            label = Instance(row["video"], Kind(row["kind"]), onset, offset, apex)
            out.append(Labelled(label, float(row["peak_px"])))
    return out


def run_video(path: Path, options: LiveOptions) -> list[Instance]:
    """Spot one video and return its expressions on the tick grid."""
    return [
        Instance(path.stem, e.kind, round((e.onset_s or 0) * RATE_HZ),
                 round((e.offset_s or 0) * RATE_HZ), round(e.apex_s * RATE_HZ), e.score)
        for e in spot(open_source(str(path)), options).expressions
    ]  # fmt: skip


def recall_bins(labels: list[Labelled], found: list[Instance]) -> list[Bin]:
    """Return recall by peak displacement, kinds compared."""
    hit = {pair.truth for pair in match([label.instance for label in labels], found)}
    out = []
    for kind, edges in EDGES_PX.items():
        for low, high in pairwise(edges):
            inside = [
                n for n, label in enumerate(labels)
                if label.instance.kind == kind and low <= label.peak_px < high
            ]  # fmt: skip
            out.append(Bin(kind.value, low, high, len(inside), sum(n in hit for n in inside)))
    return out


@dataclass(frozen=True, slots=True)
class Trade:
    """What a higher bar on the score of micro-expressions costs and saves.

    ``faint_recall`` is the recall of those that move less than ``FAINT_PX``.
    """

    score: float
    recall: float
    f1: float
    false_per_minute: float
    faint_recall: float


def trade_off(labels: list[Labelled], found: list[Instance], minutes: float) -> list[Trade]:
    """Return recall and false alarms of micro-expressions over a bar on their score."""
    out = []
    micro = [label for label in labels if label.instance.kind is Kind.MICRO]
    for bar in SCORE_BARS:
        kept = [e for e in found if e.kind is not Kind.MICRO or e.score >= bar]
        counts = evaluate([label.instance for label in labels], kept).kinds[Kind.MICRO].counts
        faint = [label.instance for label in micro if label.peak_px < FAINT_PX]
        hits = len(match(faint, kept))
        out.append(
            Trade(bar, counts.recall, counts.f1, counts.fp / minutes, hits / max(1, len(faint)))
        )
    return out


def measure(folder: Path, options: LiveOptions) -> dict[str, object]:
    """Run every video of a folder and return all figures."""
    videos = sorted(folder.rglob("*.mp4"))
    if not videos or not (folder / "truth.csv").is_file():
        raise SourceError(f"{folder}: no rendered videos with a truth.csv; make them with synth")
    times = {video.stem: timestamps_s(video) for video in videos}
    labels = read_truth(folder / "truth.csv", times)
    found = [e for video in tqdm(videos, unit="video") for e in run_video(video, options)]
    report = evaluate([label.instance for label in labels], found)
    minutes = sum(t[-1] for t in times.values()) / 60
    false = {kind.value: report.kinds[kind].counts.fp / minutes for kind in Kind}
    return {
        "minutes": round(minutes, 2),
        "videos": len(videos),
        "report": report.to_dict(),
        "false_alarms_per_minute": false,
        "trade_off": [asdict(trade) for trade in trade_off(labels, found, minutes)],
        "recall": [asdict(bin_) for bin_ in recall_bins(labels, found)],
    }


def draw(figures: dict[str, object], path: Path) -> None:
    """Draw recall over peak displacement, one curve a kind."""
    import matplotlib  # noqa: PLC0415 - only where a picture is wanted

    matplotlib.use("Agg")
    from matplotlib import pyplot  # noqa: PLC0415

    figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.6), sharey=True, layout="constrained")
    bins = [Bin(**row) for row in figures["recall"]]  # type: ignore[attr-defined]
    for axis, kind, colour in zip(axes, Kind, ("#b4430f", "#0b5fbf"), strict=True):
        rows = [b for b in bins if b.kind == kind and b.labels]
        centres = np.arange(len(rows))
        axis.bar(centres, [b.found / b.labels for b in rows], color=colour)
        names = [f"{b.low_px:g}–{b.high_px:g}\nn = {b.labels}" for b in rows]
        axis.set_xticks(centres, names, fontsize=8)
        axis.set_title(f"{kind.value}-expressions")
        axis.set_xlabel("peak displacement, canonical px")
        axis.axhline(0.5, color="0.6", linewidth=0.8, linestyle="--")
        axis.set_ylim(0, 1)
    axes[0].set_ylabel("recall")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--model", type=click.Path(path_type=Path), help="Model file; the default if absent.")
@click.option("--picture", type=click.Path(path_type=Path), help="PNG to draw.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@option_debug
def cli(
    *, folder: Path, model: Path | None, picture: Path | None, as_json: bool, debug: bool
) -> None:
    """Measure recall over peak displacement on rendered faces."""
    setup_log(debug)
    figures = measure(folder, LiveOptions(model=model))
    if picture is not None:
        draw(figures, picture)
    if as_json:
        print_json(figures)
        return
    click.echo(f"{figures['videos']} videos, {figures['minutes']} minutes")
    for name, value in figures["report"]["kinds"].items():  # type: ignore[index]
        click.echo(f"{name}: {value}")
    click.echo(f"false alarms per minute: {figures['false_alarms_per_minute']}")
    click.echo("micro-expressions over a bar on the score:")
    for row in figures["trade_off"]:  # type: ignore[attr-defined]
        click.echo(
            f"  score >= {row['score']:g}: recall {row['recall']:.2f}, F1 {row['f1']:.2f}, "
            f"{row['false_per_minute']:.1f} false a minute, "
            f"recall under {FAINT_PX:g} px {row['faint_recall']:.2f}"
        )
    for row in figures["recall"]:  # type: ignore[attr-defined]
        click.echo(f"{row['kind']} {row['low_px']:g}-{row['high_px']:g} px: "
                   f"{row['found']} of {row['labels']}")  # fmt: skip


if __name__ == "__main__":
    sys.exit(run_command(cli))
