"""``fes-engine build``: compile a model into a TensorRT plan."""

import time
from dataclasses import dataclass
from pathlib import Path

import click

from engines.commands.options import argument_model, option_json, read_named
from engines.console import option_debug, print_json, setup_log
from engines.contracts import MOST_ROWS
from engines.errors import ModelError, UsageError
from engines.model_file import ModelFile
from engines.precision import PRECISIONS, Precision
from engines.tensorrt.availability import reach
from engines.tensorrt.build import build_plan, plan_key
from engines.tensorrt.distribution import (
    DISTRIBUTIONS,
    TENSORRT_RTX,
    Distribution,
    find_distribution,
    load,
)
from engines.tensorrt.key import BatchRange, batch_of
from engines.tensorrt.plan import Plan
from engines.tensorrt.store import find_key, plans_folder
from engines.tensorrt.target import TARGETS, gpu_target, require_targets

LARGEST_BATCH = 1024


@dataclass(frozen=True, slots=True)
class Outcome:
    """A plan, and how it came to be.

    Attributes
    ----------
    plan
        The plan.
    built
        False where it was there already.
    seconds
        What building took, 0 where it was not built.
    """

    plan: Plan
    built: bool
    seconds: float


@click.command(
    "build",
    epilog="""
    \b
    Examples:
      fes-engine build
      fes-engine build --target SM86 --target SM89 my-model.onnx
      fes-engine build --distribution tensorrt --json my-model.onnx
    """,
)
@argument_model
@click.option(
    "--distribution",
    type=click.Choice(list(DISTRIBUTIONS)),
    help="Which TensorRT builds; by default the first of these that is installed.",
)
@click.option(
    "--target",
    "targets",
    multiple=True,
    help=f"GPU generation, repeatable: {', '.join(TARGETS)}; by default all. For tensorrt-rtx.",
)
@click.option(
    "--precision",
    type=click.Choice(PRECISIONS),
    default="fp16",
    show_default=True,
    help="Number format of the network.",
)
@click.option(
    "--max-batch",
    type=click.IntRange(1, MOST_ROWS),
    help="Most windows (32) or snippets (4096) in one call.",
)
@click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the plan; by default $FES_PLANS, else one in the user's cache.",
)
@click.option("--force", is_flag=True, help="Build even if there is such a plan.")
@option_json
@option_debug
def build(
    *,
    model: Path | None,
    distribution: str | None,
    targets: tuple[str, ...],
    precision: Precision,
    max_batch: int | None,
    folder: Path | None,
    force: bool,
    as_json: bool,
    debug: bool,
) -> None:
    """Compile MODEL into a TensorRT plan.

    Where no MODEL is given, the one that comes with the package is meant. tensorrt-rtx builds
    for the named targets on any machine; tensorrt builds for the GPU at hand.
    """
    setup_log(debug)
    file = read_named(model)
    chosen = _choose(distribution)
    wanted, batch = _targets(chosen, targets), _batch(file, max_batch)
    place = folder or plans_folder()
    key = plan_key(file, chosen, wanted, precision, batch)
    found = None if force else find_key(key, place, exact=True)
    start = time.perf_counter()
    plan = found or build_plan(
        file, chosen, wanted, precision, batch=batch, progress=True, folder=place
    )
    seconds = 0.0 if found else time.perf_counter() - start
    _print(Outcome(plan, found is None, seconds), as_json)


def _batch(file: ModelFile, most: int | None) -> BatchRange:
    contract = file.manifest.input
    if most is not None and most > LARGEST_BATCH and not contract.joint:
        raise UsageError(f"--max-batch {most}: at most {LARGEST_BATCH} windows in one call")
    return batch_of(contract, most)


def _choose(name: str | None) -> Distribution:
    if name is not None:
        return find_distribution(name)
    for distribution in DISTRIBUTIONS.values():
        try:
            load(distribution)
        except ModelError:
            continue
        return distribution
    # named, so that its error says what to install
    return TENSORRT_RTX


def _targets(distribution: Distribution, named: tuple[str, ...]) -> tuple[str, ...]:
    if distribution.ahead or named:
        return require_targets(distribution, named)
    _, _, gpu = reach(distribution)
    return (gpu_target(distribution, gpu.capability, gpu.name),)


def _print(outcome: Outcome, as_json: bool) -> None:
    plan = outcome.plan
    if as_json:
        print_json(
            {
                "path": str(plan.path),
                "key": plan.key.to_dict(),
                "digest": plan.key.digest,
                "size": len(plan.content),
                "built": outcome.built,
                "seconds": round(outcome.seconds, 3),
            }
        )
        return
    key = plan.key
    click.echo(f"{plan.path}")
    click.echo(f"key: {key.digest} (model {key.model_sha256[:12]}, batch {key.batch})")
    click.echo(f"{key.distribution} {key.version}, {key.precision}, {', '.join(key.targets)}")
    took = f"built in {outcome.seconds:.1f} s" if outcome.built else "was there; --force rebuilds"
    click.echo(f"{len(plan.content)} bytes, {took}")
