"""What the commands share; options are named as those of ``fes-live``."""

from pathlib import Path

import click

from engines.model_file import ModelFile, read_model
from engines.precision import PRECISIONS
from engines.registry import default_model_path

argument_model = click.argument("model", required=False, type=click.Path(path_type=Path))
option_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
option_threads = click.option(
    "--threads",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="CPU threads per operator.",
)
option_precision = click.option(
    "--precision",
    type=click.Choice(PRECISIONS),
    help="Number format; fp32 on the CPU and fp16 on a GPU if absent.",
)


def read_named(model: Path | None) -> ModelFile:
    """Read the model that was named, or the one that comes with the package.

    Raises
    ------
    ModelError
        If it cannot be used.
    """
    return read_model(default_model_path() if model is None else model)
