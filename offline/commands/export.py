"""``fes-offline export``."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from click.core import ParameterSource

from engines.console import option_debug, print_json, setup_log
from engines.errors import UsageError
from engines.manifest import Alignment
from realtime.flow.parameters import EYE_DISTANCE_PX

FORMATS: Final = ("csv", "bids", "elan", "textgrid", "parquet")

MODEL_OPTIONS: Final = (
    "name", "version", "licence", "weights", "decoder", "metrics", "alignment", "eye_distance_px",
)  # fmt: skip
"""Options of models alone."""

_SOMETIMES: Final = ("head", "points", "start_from", "teacher")
"""What only some runs tell of their training."""

if TYPE_CHECKING:
    from offline.training.run_folder import RunFolder

EPILOG = """\b
Examples:
  fes-offline export runs/first --out spotformer.onnx
  fes-offline export runs/first --out spotformer.onnx --name spotformer-small --version 1.2.0 \\
      --decoder decoder.toml --metrics metrics.json
  fes-offline export sessions/p01 --to elan --out p01.eaf
  fes-offline export sessions/p01 --to csv --out p01-tables
"""


@click.command(epilog=EPILOG)
@click.argument("run", metavar="RUN|SESSION", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True,
              help="What to write: an ONNX file; of a session, a file or a folder.")  # fmt: skip
@click.option("--to", type=click.Choice(FORMATS), help="Format for a recorded session.")
@click.option("--from-first-frame", is_flag=True,
              help="Count a session's time from its first frame, as its video does.")  # fmt: skip
@click.option("--name", help="Name of the model; the run folder's by default.")
@click.option("--version", default="1.0.0", show_default=True, help="Version of the model.")
@click.option("--licence", default="MIT", show_default=True, help="Terms of use of the model.")
@click.option("--weights", default="weights.safetensors", show_default=True,
              help="Which weights of the run.")  # fmt: skip
@click.option("--decoder", default="paper", show_default=True, metavar="paper|default|FILE",
              help="Rules of the method's decoder.")  # fmt: skip
@click.option("--metrics", type=click.Path(path_type=Path), help="JSON file of figures.")
@click.option("--alignment", type=click.Choice(["rigid", "nose"]), default="rigid",
              show_default=True, help="How head motion was taken out of the features.")  # fmt: skip
@click.option("--eye-distance-px", type=click.FloatRange(min=1.0), default=EYE_DISTANCE_PX,
              show_default=True, help="Size of the canonical face.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@option_debug
@click.pass_context
def export(
    context: click.Context,
    *,
    run: Path,
    out: Path,
    to: str | None,
    from_first_frame: bool,
    name: str | None,
    version: str,
    licence: str,
    weights: str,
    decoder: str,
    metrics: Path | None,
    alignment: Alignment,
    eye_distance_px: float,
    as_json: bool,
    debug: bool,
) -> None:
    """Write the model of a training RUN as one ONNX file with its manifest inside.

    With --to, write a SESSION that fes-live --record made for another program: tables (csv,
    parquet), BIDS events (bids), ELAN (elan) or Praat (textgrid).
    """
    setup_log(debug)
    if to is not None:
        _refuse(context, MODEL_OPTIONS, "is for models: leave it out with --to")
        _export_session(run, to, out, from_first_frame, as_json)
        return
    _refuse(context, ("from_first_frame",), "is for sessions: say which format, --to")
    _require_run(run)
    # Imported here: torch takes seconds to load, and --help should not wait for it.
    from offline.export import Identity, export_model  # noqa: PLC0415
    from offline.loso.decoders import load_rules  # noqa: PLC0415
    from offline.methods.registry import load_network, method_of_run  # noqa: PLC0415
    from offline.training.run_folder import RunFolder  # noqa: PLC0415

    if out.suffix != ".onnx":
        raise UsageError(f"--out {out}: the name must end in .onnx")
    folder = RunFolder.existing(run)
    rules = load_rules(decoder, method_of_run(folder).name)
    identity = Identity(
        name=name or run.resolve().name,
        version=version,
        licence=licence,
        eye_distance_px=eye_distance_px,
        alignment=alignment,
        decoder=rules.to_dict(),
        training=summarise(folder),
        metrics=_read_json(metrics) if metrics else {},
    )
    exported = export_model(load_network(folder, weights), out, identity)
    report = {
        "model": str(out),
        "check": str(exported.check),
        "sha256": exported.model.sha256,
        "weights_sha256": exported.model.manifest.weights_sha256,
        "largest_difference_from_torch": exported.difference,
    }
    if as_json:
        print_json(report)
    else:
        click.echo(str(out))


def _refuse(context: click.Context, names: Sequence[str], why: str) -> None:
    """Raise ``UsageError`` if the user gave one of these options."""
    for name in names:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise UsageError(f"--{name.replace('_', '-')} {why}")


def _require_run(run: Path) -> None:
    from realtime.recording.session import is_session  # noqa: PLC0415

    if is_session(run):
        raise UsageError(f"{run} is a recorded session: say for what, --to {'|'.join(FORMATS)}")


def _export_session(
    session: Path, to: str, out: Path, from_first_frame: bool, as_json: bool
) -> None:
    from offline.sessions.command import export_with_progress  # noqa: PLC0415

    written = export_with_progress(session, to, out, from_first_frame)
    if as_json:
        print_json({"session": str(session), "to": to, "written": [str(path) for path in written]})
        return
    for path in written:
        click.echo(str(path))


def summarise(folder: "RunFolder") -> dict[str, object]:
    """Return what a manifest tells of a run's training: no path, no machine."""
    config = folder.config()
    epochs = folder.metrics()
    data = config.get("data")
    sources = data if isinstance(data, list) else []
    return {
        "seed": config.get("seed"),
        "data": [{**source, "name": Path(str(source["name"])).name} for source in sources],
        "model": config.get("model"),
        "loss": config.get("loss"),
        "training": config.get("training"),
        "epochs_done": int(epochs[-1]["epoch"]) if epochs else 0,
        **{key: config[key] for key in _SOMETIMES if key in config},
    }


def _read_json(path: Path) -> Mapping[str, object]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"--metrics {path}: not readable JSON: {error}") from error
    if not isinstance(value, dict):
        raise UsageError(f"--metrics {path}: must hold a JSON object")
    return value
