"""The default model on one thread of this processor, in every form side by side.

    python -m benchmarks.cpu_table [--model FILE] [--rounds 400] [--json]

Time per window, difference from float32, and F1 on simulated recordings that no training run
draws, decoded by the model's own rules.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final

import click
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.cpu_forms import Form, Run, Windows, interleave, open_forms
from benchmarks.measure.machine import this_machine
from engines.console import option_debug, print_json, run_command, setup_log
from engines.decoding import read_rules
from engines.manifest import require_windows
from engines.model_file import ModelFile, read_model
from engines.registry import default_model_path
from engines.scores import Scores
from offline.data.records import FeatureRecord
from offline.training.data import simulated_recipe
from offline.training.validation import draw_held_out, spotting_f1
from realtime.types import NODES

CALIBRATION_WINDOWS: Final = 400
WARM_UP: Final = 20
BATCH: Final = 64
DRAW: Final = 1000
"""Seed of the held-out recordings; another one than that of any training run's validation."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one form costs and what it changes; all None where it cannot run.

    Attributes
    ----------
    form
        Runtime and number format.
    p50_ms, p95_ms
        Time of one window, ms.
    ratio
        Median time over that of the first form.
    difference
        Largest difference of a probability from the first form's.
    f1, f1_micro, f1_macro
        On held-out recordings.
    kilobytes
        Size of the file that is loaded.
    why_not
        Why it cannot run here.
    """

    form: str
    p50_ms: float | None = None
    p95_ms: float | None = None
    ratio: float | None = None
    difference: float | None = None
    f1: float | None = None
    f1_micro: float | None = None
    f1_macro: float | None = None
    kilobytes: float | None = None
    why_not: str = ""


def measure(model: ModelFile, rounds: int) -> list[Row]:
    """Return a row per form of a model."""
    nodes = [NODES.index(node) for node in require_windows(model.manifest, "this table").nodes]
    rng = np.random.default_rng(DRAW)
    recipe = simulated_recipe()
    calibration = _some_windows([recipe.draw(rng) for _ in range(2)], nodes)
    forms = open_forms(model.content, calibration)
    records = draw_held_out(recipe, DRAW)
    times = _times(forms, _some_windows(records, nodes), rounds)
    return [_row(form, times, forms[0], records, model, nodes) for form in forms]


def _times(forms: Sequence[Form], windows: Windows, rounds: int) -> dict[str, list[float]]:
    out: dict[str, list[float]] = {form.name: [] for form in forms}
    total = (rounds + WARM_UP) * sum(form.run is not None for form in forms)
    for number, form in enumerate(
        tqdm(interleave(forms, rounds + WARM_UP), total=total, desc="timing", disable=None)
    ):
        if form.run is None:
            continue
        window = windows[number % len(windows)][None]
        start = time.perf_counter()
        form.run(window)
        out[form.name].append((time.perf_counter() - start) * 1e3)
    return {name: series[WARM_UP:] for name, series in out.items()}


def _row(
    form: Form,
    times: dict[str, list[float]],
    first: Form,
    records: Sequence[FeatureRecord],
    model: ModelFile,
    nodes: list[int],
) -> Row:
    if form.run is None or first.run is None:
        return Row(form.name, why_not=form.why_not)
    rules = read_rules(model.manifest)
    f1 = spotting_f1(records, rules, partial(_score, form.run, model.manifest.outputs, nodes))
    p50, p95 = np.percentile(times[form.name], (50, 95))
    return Row(
        form.name,
        float(p50),
        float(p95),
        float(p50 / np.median(times[first.name])),
        _difference(form.run, first.run, _some_windows(records, nodes)),
        f1["val_f1"],
        f1["val_f1_micro"],
        f1["val_f1_macro"],
        form.kilobytes,
    )


def _score(
    run: Run, names: Sequence[str], nodes: list[int], features: NDArray[np.float32]
) -> Scores:
    windows = np.ascontiguousarray(features[:, :, nodes])
    parts = [run(windows[start : start + BATCH]) for start in range(0, len(windows), BATCH)]
    columns = zip(*parts, strict=True)
    return Scores(
        {n: np.concatenate(c).astype(np.float32) for n, c in zip(names, columns, strict=True)}
    )


def _difference(run: Run, first: Run, windows: Windows) -> float:
    pairs = zip(run(windows), first(windows), strict=True)
    return max(float(np.abs(got - expected).max()) for got, expected in pairs)


def _some_windows(records: Sequence[FeatureRecord], nodes: list[int]) -> Windows:
    """Return some hundred windows, evenly out of all records."""
    every = np.concatenate([record.features[record.scored] for record in records])
    step = max(1, len(every) // CALIBRATION_WINDOWS)
    return np.ascontiguousarray(every[::step][:, :, nodes])


def _text(row: Row) -> str:
    if row.p50_ms is None:
        return f"{row.form:26} cannot run here: {row.why_not}"
    return (
        f"{row.form:26} {row.p50_ms:6.3f} {row.p95_ms:6.3f} {row.ratio:6.2f} "
        f"{row.difference:10.1e} {row.f1:6.3f} {row.f1_micro:6.3f} {row.f1_macro:6.3f} "
        f"{row.kilobytes:7.0f}"
    )


@click.command()
@click.option("--model", type=click.Path(path_type=Path), help="The default model if absent.")
@click.option("--rounds", type=click.IntRange(min=10), default=400, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@option_debug
def cli(model: Path | None, rounds: int, as_json: bool, debug: bool) -> None:
    """Measure every form of the model on this processor, side by side."""
    setup_log(debug)
    file = read_model(default_model_path() if model is None else model)
    rows = measure(file, rounds)
    if as_json:
        print_json(
            {
                "model": file.manifest.name,
                "version": file.manifest.version,
                "machine": asdict(this_machine()),
                "rows": [asdict(row) for row in rows],
            }
        )
        return
    click.echo(
        f"{file.manifest.name} {file.manifest.version}, one window, one thread; "
        f"{this_machine().text}"
    )
    click.echo(f"{'form':26} {'p50 ms':>6} {'p95':>6} {'ratio':>6} {'difference':>10} "
               f"{'F1':>6} {'micro':>6} {'macro':>6} {'kB':>7}")  # fmt: skip
    for row in rows:
        click.echo(_text(row))


if __name__ == "__main__":
    sys.exit(run_command(cli))
