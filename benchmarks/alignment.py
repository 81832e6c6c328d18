"""What head motion leaves on the patches under each alignment, on real clips.

    python -m benchmarks.alignment [CLIP ...] [--flow reference]

Without clips, those of ``videos/`` in the media folder are read.
"""

import sys
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.score_clips import MEDIA
from engines.console import option_debug, run_command, setup_log
from engines.errors import SourceError
from offline.data.extraction import ExtractionOptions, extract_path
from realtime.flow.extractor import FLOWS
from realtime.flow.step import Alignment
from realtime.types import FLOW_NODES, WINDOW

BROWS, MOUTH = slice(0, 6), slice(6, 10)


def last_step_px(path: Path, options: ExtractionOptions) -> NDArray[np.float64]:
    """Return the displacement of each patch over a whole window, (windows, 10), canonical px."""
    windows = extract_path(path, options).windows
    if not windows:
        raise SourceError(f"{path}: no face for a whole window")
    last = np.stack([w[WINDOW - 1, : len(FLOW_NODES)] for w in windows.values()])
    return np.asarray(np.hypot(last[..., 0], last[..., 1]), np.float64)


def describe(lengths: NDArray[np.float64]) -> str:
    """Return medians and 90th percentiles, brows / mouth."""
    cells = []
    for percentile in (50, 90):
        brows, mouth = (np.percentile(lengths[:, part], percentile) for part in (BROWS, MOUTH))
        cells.append(f"{brows:.2f} / {mouth:.2f}")
    return " | ".join(cells)


@click.command()
@click.argument("clips", nargs=-1, type=click.Path(path_type=Path))
@click.option("--flow", type=click.Choice(FLOWS), default="streaming", show_default=True)
@option_debug
def cli(*, clips: tuple[Path, ...], flow: str, debug: bool) -> None:
    """Print a table of both alignments."""
    setup_log(debug)
    paths = clips or tuple(sorted((MEDIA / "videos").glob("*.m*")))
    if not paths:
        raise SourceError("no clips; name some")
    click.echo("| clip | nose: median | nose: p90 | rigid: median | rigid: p90 |")
    click.echo("| --- | --- | --- | --- | --- |")
    for path in paths:
        cells = [
            describe(last_step_px(path, ExtractionOptions(alignment, flow)))
            for alignment in (Alignment.NOSE, Alignment.RIGID)
        ]
        click.echo(f"| {path.stem} | {' | '.join(cells)} |")


if __name__ == "__main__":
    sys.exit(run_command(cli))
