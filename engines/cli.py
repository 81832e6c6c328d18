"""The ``fes-engine`` command: look at model files and check that they run as they should."""

import sys
from pathlib import Path

import click

from engines.console import option_debug, print_json, run_command, setup_log
from engines.errors import FesError
from engines.model_file import ModelFile, read_model
from engines.registry import BACKENDS, default_model_path, list_models, open_backend
from engines.selfcheck import TOLERANCE, read_check, verify

option_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
argument_model = click.argument("model", required=False, type=click.Path(path_type=Path))


@click.group(
    epilog="""
    \b
    Examples:
      fes-engine list
      fes-engine inspect my-model.onnx
      fes-engine verify --json my-model.onnx
    """
)
def cli() -> None:
    """Look at model files, and check that they run as they should.

    Where no MODEL is given, the one that comes with the package is meant.
    """


@cli.command("list", epilog="Example: fes-engine list --json")
@option_json
@option_debug
def list_command(as_json: bool, debug: bool) -> None:
    """List the models that come with the package."""
    setup_log(debug)
    rows = [_describe(path) for path in list_models()]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        text = row.get("error") or f"{row['name']} {row['version']} ({row['method']})"
        click.echo(f"{row['path']}: {text}")
    if not rows:
        click.echo("no model is installed", err=True)


@cli.command(epilog="Example: fes-engine inspect my-model.onnx")
@argument_model
@option_json
@option_debug
def inspect(model: Path | None, as_json: bool, debug: bool) -> None:
    """Show the manifest of MODEL."""
    setup_log(debug)
    file = _read(model)
    manifest = {"path": str(file.path), "sha256": file.sha256, **file.manifest.to_dict()}
    if as_json:
        print_json(manifest)
        return
    for key, value in _flatten(manifest):
        click.echo(f"{key}: {value}")


@cli.command("verify", epilog="Example: fes-engine verify --backend onnxruntime my-model.onnx")
@argument_model
@click.option("--backend", default="auto", show_default=True, help=f"One of {BACKENDS}.")
@click.option("--threads", default=1, show_default=True, help="CPU threads per operator.")
@click.option(
    "--tolerance", default=TOLERANCE, show_default=True, help="Largest accepted difference."
)
@option_json
@option_debug
def verify_command(
    *, model: Path | None, backend: str, threads: int, tolerance: float, as_json: bool, debug: bool
) -> None:
    """Run the inputs stored beside MODEL and compare the outputs with the stored ones."""
    setup_log(debug)
    file = _read(model)
    check = read_check(file)
    with open_backend(file, backend, threads) as loaded:
        agreement = verify(loaded, check, tolerance)
        name = loaded.name
    if as_json:
        print_json(
            {
                "model": file.manifest.name,
                "backend": name,
                "windows": agreement.windows,
                "tolerance": tolerance,
                "differences": agreement.differences,
            }
        )
        return
    click.echo(
        f"{file.manifest.name} on {name}: {agreement.windows} windows agree, "
        f"largest difference {agreement.worst:.2g}"
    )


def _read(path: Path | None) -> ModelFile:
    return read_model(default_model_path() if path is None else path)


def _describe(path: Path) -> dict[str, str]:
    try:
        manifest = read_model(path).manifest
    except FesError as error:
        return {"path": str(path), "error": str(error)}
    return {
        "path": str(path),
        "name": manifest.name,
        "version": manifest.version,
        "method": manifest.method,
        "licence": manifest.licence,
    }


def _flatten(table: dict[str, object], prefix: str = "") -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    for key, value in table.items():
        if isinstance(value, dict):
            rows += _flatten(value, f"{prefix}{key}.")
        elif isinstance(value, tuple | list):
            rows.append((prefix + key, ", ".join(map(str, value))))
        else:
            rows.append((prefix + key, value))
    return rows


def main() -> None:
    """Run ``fes-engine``."""
    sys.exit(run_command(cli))
