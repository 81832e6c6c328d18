"""Options that the commands share; named as those of ``fes-live``."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import click

from benchmarks import STARTED_S
from benchmarks.measure.machine import this_machine
from benchmarks.measure.report import Setup
from engines.model_file import read_model
from engines.registry import BACKENDS, default_model_path
from realtime.flow.extractor import FLOWS
from realtime.live import LiveOptions

Function: TypeAlias = Callable[..., Any]

option_camera = click.option(
    "--camera",
    metavar="synthetic[:SEED]|INDEX|NAME",
    help="The rendered face (default), or a camera of this machine.",
)
option_source = click.option(
    "--source", metavar="PATH|URL", help="A video, a folder of images, a stream."
)
option_serve = click.option(
    "--serve/--no-serve",
    default=True,
    show_default=True,
    help="Serve the events to a client of its own process meanwhile.",
)
option_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def finite(_: click.Context, __: click.Parameter, value: float) -> float:
    """Return an option's number; ``nan`` passes the ranges of click.

    Raises
    ------
    click.BadParameter
        If it is not finite.
    """
    if not math.isfinite(value):
        raise click.BadParameter(f"{value} is not a finite number")
    return value


def option_seconds(default: float) -> Callable[[Function], Function]:
    """Return ``--seconds`` with a default."""
    return click.option(
        "--seconds",
        type=click.FloatRange(min=0.5, max=86_400),
        callback=finite,
        default=default,
        show_default=True,
        help="Stream time to measure.",
    )


def options_of_the_run(function: Function) -> Function:
    """Add ``--threads``, ``--model``, ``--backend``, ``--face-model`` and ``--flow``."""
    for option in (
        click.option("--flow", type=click.Choice(FLOWS), default="streaming",
                     show_default=True, help="Implementation of the optical flow."),
        click.option("--face-model", type=click.Path(path_type=Path), metavar="FILE.task",
                     help="MediaPipe face landmarker; the bundled face mesh if absent."),
        click.option("--backend", type=click.Choice(BACKENDS), default="auto", show_default=True),
        click.option("--model", type=click.Path(path_type=Path),
                     help="Model file; the default one if absent."),
        click.option("--threads", type=click.IntRange(min=1, max=256), default=1,
                     show_default=True, help="Threads of flow and model."),
    ):  # fmt: skip
        function = option(function)
    return function


def run_options(
    *,
    model: Path | None,
    backend: str,
    face_model: Path | None,
    flow: str,
    threads: int,
    seconds: float | None = None,
) -> Setup:
    """Return what is to run; a wrong model is refused at once.

    Raises
    ------
    ModelError
        If the model cannot be used.
    """
    options = LiveOptions(
        model=model,
        backend=backend,
        face_model=face_model,
        flow=flow,
        seconds=seconds,
        threads=threads,
    )
    return Setup(options, read_model(model or default_model_path()), this_machine())


def since_start_s(rendering_s: float = 0.0) -> float:
    """Return the seconds since the program began, without those that rendering took."""
    return time.monotonic() - STARTED_S - rendering_s
