"""Events of real clips against their labels, and false alarms where nothing is labelled.

    python -m benchmarks.score_clips [--model FILE] [--media DIR] [--json]

Labels are those of ``labels.csv`` beside the clips; rows that are not certain are neither for nor
against, and the kind is not compared. Distractors (blinks, head turns, leaning) are no expressions:
an event on one is a false alarm.
"""

import csv
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from engines.console import option_debug, print_json, run_command, setup_log
from engines.errors import SourceError
from engines.intervals import Kind
from offline.evaluation.instances import Instance
from offline.evaluation.metrics import evaluate
from offline.spotting import spot
from realtime.live import LiveOptions
from realtime.sources.open import open_source
from realtime.types import RATE_HZ

MEDIA = Path(__file__).resolve().parents[2] / "shared" / "media"


@dataclass(frozen=True, slots=True)
class Row:
    """One clip's result; counts are None where the clip has no labels."""

    clip: str
    seconds: float
    events: int
    hits: int | None = None
    labels: int | None = None
    false_alarms: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """One row of ``labels.csv`` in frames of its clip."""

    onset: int
    apex: int
    offset: int
    kind: str
    certain: bool


def read_labels(path: Path) -> dict[str, list[Label]]:
    """Return the labels by clip, distractors left out."""
    out: dict[str, list[Label]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            labels = out.setdefault(row["clip"], [])
            if row["kind"] in list(Kind):
                onset, apex, offset = (int(row[name]) for name in ("onset", "apex", "offset"))
                labels.append(Label(onset, apex, offset, row["kind"], row["certain"] == "yes"))
    return out


def timestamps_s(path: Path) -> list[float]:
    """Return the timestamp of every frame of a video, s."""
    with open_source(str(path)) as source:
        return [frame.timestamp_s for frame in source]


def score_clip(path: Path, labels: list[Label] | None, options: LiveOptions) -> Row:
    """Spot one clip and compare with its labels."""
    try:
        spotted = spot(open_source(str(path)), options)
    except SourceError as error:
        return Row(path.stem, 0.0, 0, note=str(error))
    found = [
        Instance(path.stem, e.kind, round((e.onset_s or 0) * RATE_HZ),
                 round((e.offset_s or 0) * RATE_HZ), score=e.score)
        for e in spotted.expressions
    ]  # fmt: skip
    if labels is None:
        return Row(path.stem, spotted.end.ticks / RATE_HZ, len(found))
    times = timestamps_s(path)
    truth = _instances(path.stem, (label for label in labels if label.certain), times)
    ignored = _instances(path.stem, (label for label in labels if not label.certain), times)
    counts = evaluate(truth, found, ignored=ignored, ignore_kind=True).overall.counts
    return Row(path.stem, times[-1], len(found), counts.tp, len(truth), counts.fp)


def _instances(clip: str, labels: Iterable[Label], times: list[float]) -> list[Instance]:
    def tick(frame: int) -> int:
        return round((times[frame] - times[0]) * RATE_HZ)

    return [
        Instance(clip, Kind(label.kind), tick(label.onset), tick(label.offset), tick(label.apex))
        for label in labels
    ]


def total_f1(rows: list[Row]) -> float:
    """Return the F1 over all labelled clips."""
    hits = sum(row.hits or 0 for row in rows)
    labels = sum(row.labels or 0 for row in rows)
    wrong = sum(row.false_alarms or 0 for row in rows)
    return 2 * hits / max(1, hits + labels + wrong)


@click.command()
@click.option("--model", type=click.Path(path_type=Path), help="Model file; the default if absent.")
@click.option("--media", type=click.Path(path_type=Path), default=MEDIA, show_default=False,
              help="Folder with videos/ and labels.csv.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@option_debug
def cli(*, model: Path | None, media: Path, as_json: bool, debug: bool) -> None:
    """Score a model on real clips."""
    setup_log(debug)
    clips = sorted((media / "videos").glob("*.m*"))
    if not clips:
        raise SourceError(f"no clips in {media / 'videos'}; name their folder with --media")
    labels = read_labels(media / "labels.csv")
    options = LiveOptions(model=model)
    rows = [score_clip(clip, labels.get(clip.stem), options) for clip in clips]
    if as_json:
        print_json({"f1": total_f1(rows), "clips": [asdict(row) for row in rows]})
        return
    click.echo(f"{'clip':18} {'seconds':>7} {'events':>6} {'hits':>8} {'false':>6}")
    for row in rows:
        hits = "-" if row.hits is None else f"{row.hits} of {row.labels}"
        wrong = "-" if row.false_alarms is None else str(row.false_alarms)
        click.echo(
            f"{row.clip:18} {row.seconds:7.1f} {row.events:6d} {hits:>8} {wrong:>6}  {row.note}"
        )
    click.echo(f"F1 over the labelled clips: {total_f1(rows):.3f}")


if __name__ == "__main__":
    sys.exit(run_command(cli))
