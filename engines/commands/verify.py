"""``fes-engine verify``: run stored inputs, compare outputs and the expressions in them."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from engines.backend import Backend
from engines.commands.options import (
    argument_model,
    option_json,
    option_precision,
    option_threads,
    read_named,
)
from engines.console import option_debug, print_json, setup_log
from engines.model_file import ModelFile
from engines.precision import Precision
from engines.registry import BACKENDS, open_backend
from engines.selfcheck import Agreement, verify
from engines.stored_check import read_check

HEAD: Final = "largest difference"
ACCEPTED: Final = "accepted, as a sum"

EPILOG: Final = """
\b
Examples:
  fes-engine verify
  fes-engine verify --backend onnxruntime my-model.onnx
  fes-engine verify --backend tensorrt-rtx --precision fp32 --json
"""


@click.command("verify", epilog=EPILOG)
@argument_model
@click.option("--backend", type=click.Choice(BACKENDS), default="auto", show_default=True)
@option_precision
@option_threads
@option_json
@option_debug
def verify_command(
    *,
    model: Path | None,
    backend: str,
    precision: Precision | None,
    threads: int,
    as_json: bool,
    debug: bool,
) -> None:
    """Run the inputs stored beside MODEL and compare the outputs with the stored ones.

    Each probability may differ by what the precision allows, absolutely and relatively. The
    expressions that the outputs of the stored sequence decode to must be equal: the same kinds,
    onsets, apexes and offsets.
    """
    setup_log(debug)
    file = read_named(model)
    check = read_check(file)
    with open_backend(file, backend, threads, precision) as loaded:
        agreement = verify(loaded, check)
    if as_json:
        print_json(_report(file, loaded, agreement))
        return
    for line in _lines(file, loaded, agreement):
        click.echo(line)


def _report(file: ModelFile, backend: Backend, agreement: Agreement) -> dict[str, object]:
    return {
        "model": file.manifest.name,
        "version": file.manifest.version,
        "sha256": file.sha256,
        "backend": backend.name,
        "precision": backend.precision,
        "windows": agreement.windows,
        "tolerance": asdict(agreement.tolerance),
        "worst": asdict(agreement.worst),
        "differences": {name: asdict(d) for name, d in agreement.differences.items()},
        "events": [asdict(event) for event in agreement.events],
    }


def _lines(file: ModelFile, backend: Backend, agreement: Agreement) -> list[str]:
    allowed = agreement.tolerance
    width = max(len(name) for name in (HEAD, *agreement.differences))
    kinds = Counter(event.kind.value for event in agreement.events)
    found = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    return [
        f"{file.manifest.name} {file.manifest.version} on {backend.name} in {backend.precision}: "
        f"{agreement.windows} windows agree",
        f"{HEAD:{width}}  absolute  relative",
        *(
            f"{name:{width}}  {d.absolute:8.1e}  {d.relative:8.1e}"
            for name, d in agreement.differences.items()
        ),
        f"{ACCEPTED:{width}}  {allowed.absolute:8.1e}  {allowed.relative:8.1e}",
        f"expressions of the stored sequence: {len(agreement.events)} equal"
        + (f" ({found})" if found else ""),
    ]
