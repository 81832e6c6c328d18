"""``fes-engine list``: models, plans and backends of this machine."""

from pathlib import Path

import click

from engines.commands.options import option_json
from engines.commands.plans import describe_plan, plan_text
from engines.console import option_debug, print_json, setup_log
from engines.errors import FesError
from engines.model_file import read_model
from engines.opening import CANDIDATES, version_of, why_not
from engines.registry import list_models
from engines.tensorrt.store import list_plans, plans_folder

Row = dict[str, object]


@click.command("list", epilog="Example: fes-engine list --json")
@option_json
@option_debug
def list_command(as_json: bool, debug: bool) -> None:
    """List the installed models, the plans that are kept, and which backends can run here.

    What cannot be used is listed with the reason.
    """
    setup_log(debug)
    models = [_model(path) for path in list_models()]
    plans = list_plans()
    backends = [_backend(name) for name in CANDIDATES]
    if as_json:
        print_json(
            {
                "models": models,
                "plans_folder": str(plans_folder()),
                "plans": [describe_plan(plan) for plan in plans],
                "backends": backends,
            }
        )
        return
    _show("models:", [_model_text(row) for row in models])
    _show(f"plans in {plans_folder()}:", [plan_text(plan) for plan in plans])
    _show("backends:", [_backend_text(row) for row in backends])


def _show(title: str, lines: list[str]) -> None:
    for line in (title, *(f"  {line}" for line in lines or ["none"])):
        click.echo(line)


def _model(path: Path) -> Row:
    try:
        file = read_model(path)
    except FesError as error:
        return {"path": str(path), "error": str(error)}
    manifest = file.manifest
    return {
        "path": str(path),
        "name": manifest.name,
        "version": manifest.version,
        "method": manifest.method,
        "licence": manifest.licence,
        "sha256": file.sha256,
    }


def _backend(name: str) -> Row:
    reason = why_not(name)
    return {
        "name": name,
        "version": version_of(name),
        "usable": reason is None,
        "why_not": reason,
    }


def _model_text(row: Row) -> str:
    if "error" in row:
        return f"not usable: {row['error']}"
    return f"{row['name']} {row['version']} ({row['method']}): {row['path']}"


def _backend_text(row: Row) -> str:
    version = f" {row['version']}" if row["version"] else ""
    state = "usable" if row["usable"] else f"not usable: {row['why_not']}"
    return f"{row['name']}{version}: {state}"
