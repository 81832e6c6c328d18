"""What networks of several methods find in the videos of people whom none of them has seen.

    python -m benchmarks.supervision --features FOLDER [--decoder paper|default] [--json] RUN...

Each RUN is a folder of ``fes-offline train``, at its last epoch; nothing is chosen on FOLDER.
Beside each stands what chance reaches: as many proposals of the same kinds and lengths, put
anywhere in their videos, averaged over ``--draws``.
"""

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from engines.console import option_debug, print_json, run_command, setup_log
from engines.intervals import Kind
from offline.data.records import FeatureRecord
from offline.data.store import load_folder
from offline.evaluation.instances import Instance
from offline.evaluation.metrics import evaluate
from offline.loso.decoders import load_rules
from offline.loso.plan import Decoding
from offline.loso.prediction import Spotted, spot
from offline.methods.method import Method
from offline.methods.network import SpottingNetwork
from offline.methods.registry import load_network, method_of_run
from offline.training.run_folder import RunFolder
from offline.training.settings import Settings

KINDS = (Kind.MACRO, Kind.MICRO)


@dataclass(frozen=True, slots=True)
class Row:
    """One network: F1 and counts by kind, mean F1 of chance, steps and seconds of training."""

    run: str
    method: str
    labels: str
    training: dict[str, float]
    figures: dict[str, dict[str, float]]
    chance: dict[str, float]
    ranking: float | None


def look(run: RunFolder, decoder: str, records: Sequence[FeatureRecord]) -> list[Spotted]:
    """Return what a run's network says of each video."""
    decoding = Decoding(load_rules(decoder, method_of_run(run).name))
    network = load_network(run)
    return [spot(network, record, decoding) for record in records]


def ranking(records: Sequence[FeatureRecord], looks: Sequence[Spotted]) -> float | None:
    """Return how often a tick of an expression is ranked above another one.

    It is the area under the ROC curve of what says whether anything is going on, attention or
    intensity; None for a method that has neither.
    """
    curves = [seen.curves.get("attention", seen.curves.get("intensity")) for seen in looks]
    within: list[NDArray[np.bool_]] = []
    values: list[NDArray[np.float32]] = []
    for record, curve in zip(records, curves, strict=True):
        if curve is None:
            return None
        going_on = np.zeros(len(curve), np.bool_)
        for one in record.intervals:
            going_on[one.onset : one.offset + 1] = True
        known = ~np.isnan(curve)
        within.append(going_on[known])
        values.append(curve[known])
    yes, score = np.concatenate(within), np.concatenate(values)
    return float(mannwhitneyu(score[yes], score[~yes]).statistic / (yes.sum() * (~yes).sum()))


def figures(
    records: Sequence[FeatureRecord], found: Sequence[Instance]
) -> dict[str, dict[str, float]]:
    """Return F1 and counts, by the protocol, of each kind and overall."""
    truth = [Instance.of(r.name, i) for r in records for i in r.intervals]
    ignored = [Instance.of(r.name, i) for r in records for i in r.ignored]
    report = evaluate(truth, found, ignored=ignored)
    counts = {str(kind): report.kinds[kind].counts for kind in KINDS}
    counts["overall"] = report.overall.counts
    return {name: {"f1": c.f1, "tp": c.tp, "fp": c.fp, "fn": c.fn} for name, c in counts.items()}


def elsewhere(
    found: Sequence[Instance], ticks: dict[str, int], rng: np.random.Generator
) -> list[Instance]:
    """Return the same proposals anywhere in their videos."""
    moved = []
    for one in found:
        length = one.offset - one.onset
        onset = int(rng.integers(max(1, ticks[one.video] - length)))
        moved.append(replace(one, onset=onset, offset=onset + length, apex=None))
    return moved


def chance(
    records: Sequence[FeatureRecord], found: Sequence[Instance], draws: int, seed: int
) -> dict[str, float]:
    """Return the mean F1 of proposals that were put anywhere."""
    rng = np.random.default_rng(seed)
    ticks = {record.name: len(record.scored) for record in records}
    drawn = [figures(records, elsewhere(found, ticks, rng)) for _ in range(draws)]
    return {name: float(np.mean([d[name]["f1"] for d in drawn])) for name in drawn[0]}


def trained(run: RunFolder) -> dict[str, float]:
    """Return the steps of a training and the seconds that they took."""
    epochs = run.metrics()
    return {"steps": epochs[-1]["steps"], "seconds": sum(e.get("seconds", 0.0) for e in epochs)}


def learns_from(method: Method[Settings, SpottingNetwork]) -> str:
    """Return which labels a method is given."""
    if method.uses_video_labels:
        return "kinds of a video"
    return "a point each" if method.uses_points else "boundaries"


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--features", "folder", required=True, type=click.Path(path_type=Path))
@click.option("--decoder", default="default", show_default=True, help="Of each method.")
@click.option("--draws", type=click.IntRange(1), default=20, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@option_debug
def supervision(
    *,
    runs: tuple[Path, ...],
    folder: Path,
    decoder: str,
    draws: int,
    seed: int,
    as_json: bool,
    debug: bool,
) -> None:
    """Compare networks of several methods on the features in a folder."""
    setup_log(debug)
    records = load_folder(folder)
    rows = []
    for path in runs:
        run = RunFolder.existing(path)
        looks = look(run, decoder, records)
        found = [
            Instance.of(record.name, interval)
            for record, seen in zip(records, looks, strict=True)
            for interval in seen.found
        ]
        by_chance = chance(records, found, draws, seed)
        method = method_of_run(run)
        found_figures = figures(records, found)
        labels = learns_from(method)
        rows.append(
            Row(
                path.name,
                method.name,
                labels,
                trained(run),
                found_figures,
                by_chance,
                ranking(records, looks),
            )
        )
    if as_json:
        print_json(
            {"decoder": decoder, "videos": len(records), "runs": [asdict(row) for row in rows]}
        )
        return
    click.echo(f"{len(records)} videos, decoder {decoder}; F1 at IoU 0.5, one to one")
    for row in rows:
        click.echo(line(row))


def line(row: Row) -> str:
    """Return one run as a line of text."""
    parts = [f"{row.run:12}{row.method:12}{row.labels:18}{row.training['seconds'] / 60:6.1f} min"]
    for name, found in row.figures.items():
        counts = f"{found['tp']:g}/{found['fp']:g}/{found['fn']:g}"
        parts.append(f"{name} {found['f1']:.3f} ({counts}; chance {row.chance[name]:.3f})")
    if row.ranking is not None:
        parts.append(f"ranks {row.ranking:.3f}")
    return "  ".join(parts)


if __name__ == "__main__":
    sys.exit(run_command(supervision))
