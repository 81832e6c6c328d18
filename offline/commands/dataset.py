"""``fes-offline dataset``: look at a dataset before days of computing go into it."""

from pathlib import Path

import click

from engines.console import option_debug, print_json, setup_log
from offline.datasets.catalog import NAMES, load_dataset
from offline.datasets.marks import Imputation
from offline.datasets.options import DatasetOptions
from offline.datasets.report import to_json, to_lines


@click.group()
def dataset() -> None:
    """Read datasets as they are distributed."""


@dataset.command(
    epilog="""
    \b
    Examples:
      fes-offline dataset check casme2 --root "CAS(ME)2"
      fes-offline dataset check samm-lv --root SAMM --annotations SAMM_LongVideos_V2_Release.xlsx
      fes-offline dataset check folder --root my-videos --annotations labels.csv --first-frame 1
    """
)
@click.argument("name", type=click.Choice(NAMES))
@click.option("--root", type=click.Path(path_type=Path, file_okay=False), required=True,
              help="Folder of the dataset; without frames in it the annotations alone count.",
              )  # fmt: skip
@click.option("--annotations", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help=".xls, .xlsx or .csv; looked for below the root if absent.")  # fmt: skip
@click.option("--impute", type=click.Choice([rule.value for rule in Imputation]),
              default=Imputation.MIRROR.value, show_default=True,
              help="What stands for an offset that was not annotated; clipped to the video.",
              )  # fmt: skip
@click.option("--first-frame", type=click.IntRange(0, 1),
              help="What the table calls the first frame: 1 in the distributed datasets, 0 in a "
              "folder of your own.")  # fmt: skip
@click.option("--rate", "rate_hz", type=float, metavar="HZ",
              help="Of folders of images: 200 for samm-lv, else 30.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every video.")
@option_debug
def check(
    *,
    name: str,
    root: Path,
    annotations: Path | None,
    impute: str,
    first_frame: int | None,
    rate_hz: float | None,
    as_json: bool,
    debug: bool,
) -> None:
    """Count what a dataset holds, and name what is missing or wrong in it.

    Rejected rows are in no count of instances. Published counts stand beside where there are any.
    """
    setup_log(debug)
    options = DatasetOptions(annotations, Imputation(impute), first_frame, rate_hz)
    found = load_dataset(name, root, options)
    if as_json:
        print_json(to_json(found))
        return
    for line in to_lines(found):
        click.echo(line)
