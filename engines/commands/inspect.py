"""``fes-engine inspect``: what a model or a plan is."""

from collections import Counter
from pathlib import Path
from typing import Final

import click
import onnx

from engines.commands.options import argument_model, option_json, read_named
from engines.commands.plans import describe_plan
from engines.console import option_debug, print_json, setup_log
from engines.model_file import ModelFile
from engines.stored_check import check_path
from engines.tensorrt.plan import SUFFIX, read_plan
from engines.tensorrt.store import StoredPlan, list_plans

EPILOG: Final = """\b
Examples:
  fes-engine inspect
  fes-engine inspect my-model.onnx
  fes-engine inspect --json my-model.plan
"""


@click.command(epilog=EPILOG)
@argument_model
@option_json
@option_debug
def inspect(model: Path | None, as_json: bool, debug: bool) -> None:
    """Show the manifest, the graph and the plans of MODEL, or the key of a plan.

    A name that ends in .plan is a plan's; it is read and checked, not run.
    """
    setup_log(debug)
    if model is not None and model.suffix == SUFFIX:
        report = _plan(model)
    else:
        report = _model(read_named(model))
    if as_json:
        print_json(report)
        return
    for key, value in flatten(report):
        click.echo(f"{key}: {value}")


def _plan(path: Path) -> dict[str, object]:
    plan = read_plan(path)
    return {"path": str(path), "bytes": len(plan.content), "key": plan.key.to_dict()}


def _model(file: ModelFile) -> dict[str, object]:
    return {
        "path": str(file.path),
        "sha256": file.sha256,
        **file.manifest.to_dict(),
        "graph": describe_graph(file.content),
        "check": check_path(file.path).is_file(),
        "plans": [describe_plan(plan) for plan in _plans_of(file)],
    }


def describe_graph(content: bytes) -> dict[str, object]:
    """Return what a checked ONNX file computes with, JSON-ready.

    ``parameters`` counts the values of all initialisers, ``operators`` the nodes by operator,
    most frequent first.
    """
    model = onnx.load_model_from_string(content)
    sizes = [_count(tensor) for tensor in model.graph.initializer]
    operators = Counter(node.op_type for node in model.graph.node)
    return {
        "bytes": len(content),
        "opset": model.opset_import[0].version,
        "parameters": sum(sizes),
        "nodes": len(model.graph.node),
        "operators": dict(sorted(operators.items(), key=lambda pair: (-pair[1], pair[0]))),
    }


def _count(tensor: onnx.TensorProto) -> int:
    count = 1
    for size in tensor.dims:
        count *= size
    return count


def _plans_of(file: ModelFile) -> list[StoredPlan]:
    return [
        p for p in list_plans() if p.side is not None and p.side.key.model_sha256 == file.sha256
    ]


def flatten(table: dict[str, object], prefix: str = "") -> list[tuple[str, object]]:
    """Return the entries of nested tables, one row each, keys joined with dots."""
    rows: list[tuple[str, object]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            rows += flatten(value, f"{prefix}{key}.")
        elif isinstance(value, tuple | list):
            rows += _flatten_list(value, prefix + key)
        else:
            rows.append((prefix + key, value))
    return rows


def _flatten_list(values: tuple[object, ...] | list[object], name: str) -> list[tuple[str, object]]:
    if not any(isinstance(value, dict) for value in values):
        return [(name, ", ".join(map(str, values)))]
    rows: list[tuple[str, object]] = []
    for number, value in enumerate(values):
        rows += flatten({str(number): value}, f"{name}.")
    return rows
