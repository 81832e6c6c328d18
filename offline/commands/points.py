"""``fes-offline points``: point labels from full ones."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from engines.console import option_debug, print_json, setup_log
from engines.errors import UsageError
from engines.intervals import Kind
from offline.evaluation.tables import read_truth
from offline.points.from_truth import DEFAULT_SIGMA, How, points_from_truth
from offline.points.points import Point, write_points

file_option = click.Path(path_type=Path, dir_okay=False)


@click.command(
    epilog="""
    \b
    Examples:
      fes-offline points --truth data/faces/truth.csv --out points.csv
      fes-offline points --truth truth.csv --how uniform --seed 3 --out points.csv
      fes-offline points --truth truth.csv --how gaussian --sigma 0.1 --out points.csv
    """
)
@click.option("--truth", type=file_option, required=True,
              help="CSV: video,kind,onset,offset[,apex,subject].")  # fmt: skip
@click.option("--how", type=click.Choice([how.value for how in How]), default=How.GAUSSIAN.value,
              show_default=True, help="Any frame alike, normal around the apex, or the apex.",
              )  # fmt: skip
@click.option("--sigma", type=click.FloatRange(0, min_open=True), default=DEFAULT_SIGMA,
              show_default="1/6", help="Of gaussian, in lengths of the instance.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--out", type=file_option, required=True, help="CSV: video,frame,kind.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@option_debug
def points(
    *,
    truth: Path,
    how: str,
    sigma: float,
    seed: int,
    out: Path,
    force: bool,
    as_json: bool,
    debug: bool,
) -> None:
    """Draw one labelled frame from every expression of a table of labels.

    Labels of kind "ignore" get none. A file that is there may hold points set by hand: it is
    replaced with --force only.
    """
    setup_log(debug)
    if out.exists() and not force:
        raise UsageError(f"{out} exists; give --force to replace it, or another --out")
    labels = read_truth(truth)
    drawn = points_from_truth(labels.instances, how, seed, sigma)
    write_points(out, drawn)
    counts = _counts(drawn, len(labels.ignored))
    if as_json:
        print_json({"out": str(out), "how": how, "sigma": sigma, "seed": seed, **counts})
        return
    width = f", sigma {sigma:.4g} of the length" if how == How.GAUSSIAN else ""
    click.echo(
        f"{out}: {counts['points']} points for {len(labels.instances)} instances "
        f"({counts['micro']} micro, {counts['macro']} macro) in {counts['videos']} videos; "
        f"{how}{width}, seed {seed}; {counts['ignored']} ignored labels have none"
    )


def _counts(drawn: Sequence[Point], ignored: int) -> dict[str, int]:
    kinds = Counter(point.kind for point in drawn)
    return {
        "points": len(drawn),
        "micro": kinds[Kind.MICRO],
        "macro": kinds[Kind.MACRO],
        "videos": len({point.video for point in drawn}),
        "ignored": ignored,
    }
