"""``fes-offline synth``."""

from pathlib import Path

import click

from engines.console import option_debug, setup_log
from engines.errors import UsageError
from offline.synth import write_dataset
from offline.synth_options import MIXED, RATES, SynthOptions, choose_portraits
from realtime.synthesis.disturbances import MOTIONS


@click.command(
    epilog="""
    \b
    Examples:
      fes-offline synth --out data/faces --videos 8 --seconds 60
      fes-offline synth --out data/train --videos 40 --portraits faces --workers 4
      fes-offline synth --out data/test --portraits faces --only anna,ben --fps mixed
    """
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True,
              help="Folder of the dataset; a run that was interrupted goes on.")  # fmt: skip
@click.option("--portraits", type=click.Path(path_type=Path), metavar="DIR",
              help="Pictures of one face each, one per subject; a bundled one if absent.",
              )  # fmt: skip
@click.option("--only", default="", metavar="NAME,NAME",
              help="Use these pictures alone, by name without suffix.")  # fmt: skip
@click.option("--videos", type=click.IntRange(1), default=4, show_default=True)
@click.option("--seconds", type=float, default=60.0, show_default=True, help="Length of each.")
@click.option("--fps", type=click.Choice([*RATES, MIXED]), default="30", show_default=True)
@click.option("--size", default="640x480", show_default=True, metavar="WxH")
@click.option("--motion", type=click.Choice(list(MOTIONS)), default="moderate", show_default=True,
              help="How much else moves: head, lids, eyes, speech, light.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True)
@option_debug
def synth(
    *,
    out: Path,
    portraits: Path | None,
    only: str,
    videos: int,
    seconds: float,
    fps: str,
    size: str,
    motion: str,
    seed: int,
    workers: int,
    debug: bool,
) -> None:
    """Render videos of synthetic faces whose expressions are known to the frame.

    Writes videos, truth.csv (0-based frames, inclusive), and tables in the columns of CAS(ME)².
    """
    setup_log(debug)
    names = [name.strip() for name in only.split(",") if name.strip()]
    options = SynthOptions(
        seconds=seconds,
        seed=seed,
        fps=fps,
        size=_parse_size(size),
        motion=motion,
        portraits=choose_portraits(portraits, names),
    )
    made = write_dataset(out, videos, options, workers)
    click.echo(f"{made} of {videos} videos rendered, the rest was there: {out}", err=True)


def _parse_size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise UsageError(f"--size {text}: not a size; write it as 640x480")
    return int(width), int(height)
