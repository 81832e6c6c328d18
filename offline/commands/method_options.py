"""Options of commands that train: the method, and the points that it may learn from."""

from collections.abc import Callable
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

import click

METHODS: Final = ("spotformer", "gim", "mc-wes", "pwes")
"""Names of :data:`offline.training.settings.SETTINGS`, here so that --help needs no torch."""

P = ParamSpec("P")
R = TypeVar("R")


def points_options(command: Callable[P, R]) -> Callable[P, R]:
    """Add ``--points`` and ``--points-from-truth``."""
    from_truth = click.option(
        "--points-from-truth",
        type=click.Choice(("gaussian", "uniform", "apex")),
        help="Draw the points, by --seed, from labels that the features have.",
    )
    from_file = click.option(
        "--points",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE.csv",
        help="One labelled frame per expression: columns video,frame,kind; for --method gim and "
        "pwes.",
    )
    return from_file(from_truth(command))
