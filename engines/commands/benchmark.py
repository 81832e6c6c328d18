"""``fes-engine benchmark``: all usable backends side by side."""

import contextlib
import math
from pathlib import Path
from typing import Final

import click
from tqdm import tqdm

from engines.backend import Backend
from engines.commands.options import argument_model, option_json, option_threads, read_named
from engines.console import option_debug, print_json, setup_log
from engines.errors import UsageError
from engines.measure.machine import this_machine
from engines.measure.report import Comparison, rows_of
from engines.measure.rounds import measure, some_windows
from engines.model_file import ModelFile
from engines.opening import CANDIDATES, gpu_of, why_not
from engines.precision import PRECISIONS, Precision
from engines.registry import AUTO, BACKENDS, open_backend

LARGEST_BATCH: Final = 1024
BAR: Final = "{desc}: {percentage:3.0f}%|{bar}| {remaining} left"
NAMES: Final = tuple(name for name in BACKENDS if name != AUTO)

EPILOG: Final = """\b
Examples:
  fes-engine benchmark
  fes-engine benchmark --batch 1,8 --seconds 5 my-model.onnx
  fes-engine benchmark --backend tensorrt:fp16 --backend tensorrt:fp32 --json
"""


@click.command(epilog=EPILOG)
@argument_model
@click.option("--backend", "backends", multiple=True, metavar="NAME[:PRECISION]",
              help=f"Of {', '.join(NAMES)}; repeatable. All usable if absent.")  # fmt: skip
@click.option("--batch", "batches", default="1,2,4,8,16,32", show_default=True, metavar="N,N",
              help="Windows per call, or snippets of one video.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(min=0.01, max=3600), default=2.0,
              show_default=True, help="For each backend at each batch size.")  # fmt: skip
@option_threads
@option_json
@option_debug
def benchmark(
    *,
    model: Path | None,
    backends: tuple[str, ...],
    batches: str,
    seconds: float,
    threads: int,
    as_json: bool,
    debug: bool,
) -> None:
    """Measure how fast backends run MODEL: time per call, windows (or snippets) per second.

    They take turns in one run, so that whatever else the machine does slows all of them alike.
    A backend that is named runs, or the command fails.
    """
    setup_log(debug)
    if not math.isfinite(seconds):
        raise UsageError(f"--seconds {seconds} is not a finite number")
    sizes = parse_batches(batches)
    wanted = [parse_backend(text) for text in dict.fromkeys(backends)]
    file = read_named(model)
    left_out: dict[str, str] = {}
    if not wanted:
        left_out = {name: reason for name in CANDIDATES if (reason := why_not(name)) is not None}
        wanted = [(name, None) for name in CANDIDATES if name not in left_out]
    comparison = _compare(file, wanted, sizes, seconds, threads, left_out)
    if as_json:
        print_json(comparison.to_dict())
        return
    for line in comparison.lines():
        click.echo(line)


def parse_batches(text: str) -> tuple[int, ...]:
    """Return the numbers of a list such as ``1,8,32``, each once, in order of size.

    Raises
    ------
    UsageError
        If one is not a whole number from 1 to 1024.
    """
    parts = [part.strip() for part in text.split(",")]
    sizes = {int(part) for part in parts if part.isascii() and part.isdecimal() and len(part) < 5}
    if len(sizes) < len(set(parts)) or not all(1 <= size <= LARGEST_BATCH for size in sizes):
        raise UsageError(
            f"--batch {text!r} must be whole numbers from 1 to {LARGEST_BATCH}, such as 1,8,32"
        )
    return tuple(sorted(sizes))


def parse_backend(text: str) -> tuple[str, Precision | None]:
    """Return the two parts of ``NAME[:PRECISION]``.

    Raises
    ------
    UsageError
        If there is no such backend or precision.
    """
    name, colon, wanted = text.partition(":")
    if name not in NAMES:
        raise UsageError(f"--backend {name!r} is unknown; choose among {', '.join(NAMES)}")
    for precision in PRECISIONS:
        if wanted == precision:
            return name, precision
    if colon:
        raise UsageError(f"--backend {text!r}: the precision is one of {', '.join(PRECISIONS)}")
    return name, None


def _compare(
    file: ModelFile,
    wanted: list[tuple[str, Precision | None]],
    batches: tuple[int, ...],
    seconds: float,
    threads: int,
    left_out: dict[str, str],
) -> Comparison:
    windows = some_windows(max(batches), file.manifest.input.row)
    with contextlib.ExitStack() as stack:
        loaded: dict[str, Backend] = {}
        for name, precision in wanted:
            backend = stack.enter_context(open_backend(file, name, threads, precision))
            loaded[f"{backend.name} {backend.precision}"] = backend
        total = seconds * len(loaded) * len(batches)
        bar = stack.enter_context(
            tqdm(total=total, unit="s", desc="measuring", leave=False, bar_format=BAR, disable=None)
        )
        figures = measure(loaded, windows, batches, seconds, bar.update)
        gpu = next((g for name, _ in wanted if (g := gpu_of(name)) is not None), None)
    return Comparison(
        model=f"{file.manifest.name} {file.manifest.version}",
        sha256=file.sha256,
        threads=threads,
        rows=rows_of(figures),
        left_out=left_out,
        machine=this_machine(gpu),
    )
