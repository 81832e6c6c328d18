"""``fes-offline evaluate``: compare a table of predictions with a table of labels."""

import logging
from pathlib import Path

import click

from engines.console import option_debug, print_json, setup_log
from offline.evaluation.figures import Figures, Report
from offline.evaluation.matching import HIT
from offline.evaluation.metrics import evaluate as compare
from offline.evaluation.tables import read_predictions, read_truth

log = logging.getLogger(__name__)

HEADER = ("", "TP", "FP", "FN", "ignored", "precision", "recall", "F1", "onset", "apex", "offset")
file_option = click.Path(path_type=Path, dir_okay=False)


@click.command(
    epilog="""
    \b
    Examples:
      fes-offline evaluate --truth labels.csv --predictions events.csv
      fes-offline evaluate --truth labels.csv --predictions events.csv --ignore-kind --json
    """
)
@click.option("--truth", type=file_option, required=True, help="CSV: video,kind,onset,apex,offset.")
@click.option(
    "--predictions", type=file_option, required=True, help="CSV: video,kind,onset,offset,score."
)
@click.option("--ignore-kind", is_flag=True, help="Let a prediction find a label of any kind.")
@click.option(
    "--iou",
    type=click.FloatRange(0, 1, min_open=True),
    default=HIT,
    show_default=True,
    help="Least inclusive IoU of a hit.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with figures by video.")
@option_debug
def evaluate(
    *, truth: Path, predictions: Path, ignore_kind: bool, iou: float, as_json: bool, debug: bool
) -> None:
    """Compare predicted expressions with labels, one to one.

    Frames are inclusive. Labels of kind "ignore" count neither way. The last three columns are
    mean absolute errors of the matched predictions, in frames.
    """
    setup_log(debug)
    labels, guesses = read_truth(truth), read_predictions(predictions)
    unknown = {g.video for g in guesses} - {i.video for i in labels.instances + labels.ignored}
    if unknown:
        log.warning("%d predicted videos have no label, such as %s", len(unknown), min(unknown))
    report = compare(
        labels.instances, guesses, ignored=labels.ignored, iou=iou, ignore_kind=ignore_kind
    )
    if as_json:
        print_json(report.to_dict())
    else:
        _print_table(report)


def _print_table(report: Report) -> None:
    named = {kind.value: figures for kind, figures in report.kinds.items()}
    rows = [HEADER, *(_row(name, f) for name, f in (named | {"overall": report.overall}).items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        click.echo("  ".join(cells))


def _row(name: str, figures: Figures) -> tuple[str, ...]:
    c, e = figures.counts, figures.errors
    whole = [str(n) for n in (c.tp, c.fp, c.fn, c.ignored)]
    shares = [f"{share:.4f}" for share in (c.precision, c.recall, c.f1)]
    errors = ["-" if v is None else f"{v:.1f}" for v in (e.onset, e.apex, e.offset)]
    return (name, *whole, *shares, *errors)
