"""``fes-offline train``."""

import logging
import os
from pathlib import Path

import click

from engines.console import option_debug, setup_log
from offline.commands.method_options import METHODS, points_options
from offline.commands.typed import TypedCommand, typed_command

log = logging.getLogger(__name__)

EPILOG = """\b
Examples:
  fes-offline train --preset spotformer-default --data simulated --validate simulated \\
      --out runs/first
  fes-offline train --preset spotformer-paper --data features/casme2 --out runs/paper --seed 7
  fes-offline train --data simulated=0.7,features/synth=0.3 --out runs/mixed \\
      --set training.epochs=3
  fes-offline train --method gim --points points.csv --data features --out runs/mine
  fes-offline train --method mc-wes --video-labels kinds.csv --data features --out runs/weak
"""


@click.command(cls=TypedCommand, epilog=EPILOG)
@click.option(
    "--method",
    type=click.Choice(METHODS),
    help="What is trained.  [default: the preset's method, or spotformer]",
)
@click.option(
    "--preset",
    metavar="NAME|FILE",
    help="Settings: a preset of the package or a TOML file.  [default: METHOD-default]",
)
@click.option(
    "--data",
    required=True,
    metavar="SOURCE[=SHARE],...",
    help="Training data: 'simulated' or folders of feature files, with optional shares.",
)
@points_options
@click.option(
    "--video-labels",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.csv",
    help="Which kinds each video holds: columns video,kinds (micro, macro, micro+macro or none); "
    "for --method mc-wes. [default: as the features' labels say]",
)
@click.option(
    "--validate",
    metavar="SOURCE",
    help="Report F1 after epochs on 'simulated' (held out) or a folder of other feature files.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Run folder; the same command again goes on with an interrupted run.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--set", "overrides", multiple=True, metavar="SECTION.KEY=VALUE",
              help="Override a setting; may be repeated.")  # fmt: skip
@click.option("--threads", type=click.IntRange(min=0), default=0, show_default=True,
              help="Threads of torch; 0 leaves the choice to it.")  # fmt: skip
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
@click.option("--resume", is_flag=True, help="Go on although other settings than the model differ.")
@click.option("--start-from", type=click.Path(path_type=Path),
              help="Begin with the weights of this run folder.")  # fmt: skip
@click.option("--teacher", type=click.Path(path_type=Path),
              help="Learn from the network of this run folder too.")  # fmt: skip
@option_debug
def train(
    *,
    method: str | None,
    preset: str | None,
    data: str,
    points: Path | None,
    points_from_truth: str | None,
    video_labels: Path | None,
    validate: str | None,
    out: Path,
    seed: int,
    overrides: tuple[str, ...],
    threads: int,
    device: str,
    resume: bool,
    start_from: Path | None,
    teacher: Path | None,
    debug: bool,
) -> None:
    """Train a model and write a run folder."""
    setup_log(debug)
    # Threads that spin while they wait take the cores from the feature simulator and from
    # everything else on the machine: measured five times slower where others compute.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Imported here: torch takes seconds to load, reads that setting, and --help need not wait.
    from offline.snippets.reads import random_note  # noqa: PLC0415
    from offline.training.data import parse_sources, recorded_videos, validation_records  # noqa: PLC0415
    from offline.training.points import points_source, require_known_videos  # noqa: PLC0415
    from offline.training.settings import load_settings  # noqa: PLC0415
    from offline.training.start import train as start  # noqa: PLC0415
    from offline.training.validation import SpottingValidation  # noqa: PLC0415
    from offline.training.video_labels import KindsOfFile  # noqa: PLC0415

    settings = load_settings(preset or f"{method or METHODS[0]}-default", overrides, method)
    if note := random_note(settings.files.source):
        log.warning("%s", note)
    labelled = points_source(points, points_from_truth, seed)
    kinds = None if video_labels is None else KindsOfFile.read(video_labels)
    sources = parse_sources(data, reads=settings.files)
    require_known_videos(labelled, recorded_videos(sources), f"--data {data}")
    if kinds is not None:
        kinds.require_known(recorded_videos(sources), f"--data {data}")
    run = start(
        settings,
        sources,
        out,
        seed,
        points=labelled,
        labels=kinds,
        resume=resume,
        start_from=start_from,
        teacher=teacher,
        threads=threads,
        device=device,
        validate=SpottingValidation(validation_records(validate, seed, settings.files))
        if validate
        else None,
        command=typed_command(),
    )
    click.echo(str(run.path))
