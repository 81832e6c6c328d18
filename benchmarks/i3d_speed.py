"""What I3D features cost on one core, step by step.

    python -m benchmarks.i3d_speed VIDEO [--frames 17] [--json]

Times are of the processor, in one thread: seconds per frame of the video. The networks have random
weights, which take as long as trained ones.
"""

import itertools
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click
import cv2
import numpy as np
import torch

from engines.console import print_json, run_command
from engines.errors import UsageError
from offline.i3d.clips import Clip
from offline.i3d.config import CROP
from offline.i3d.flow import TvL1
from offline.i3d.pictures import Picture
from offline.i3d.streams import TwoStreams, two_streams
from offline.i3d.weights import I3dWeights
from realtime.sources.open import open_source

SNIPPETS: Final = (8, 32)
RATES_HZ: Final = (30, 200)


@click.command()
@click.argument("video", type=click.Path(path_type=Path))
@click.option("--frames", type=click.IntRange(3), default=17, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def main(video: Path, frames: int, as_json: bool) -> None:
    """Measure the steps on a video's first frames."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    with open_source(str(video)) as source:
        images = [frame.image for frame in itertools.islice(source, frames)]
    if len(images) < 3:
        raise UsageError(f"{video}: has {len(images)} frames, at least 3 are needed")
    pictures: list[Picture] = []
    seconds = {"picture": _took(lambda: pictures.extend(map(Picture.of, images))) / len(images)}
    seconds["TV-L1"] = _took(lambda: _flows(pictures)) / (len(images) - 1)
    streams = two_streams(I3dWeights(seed=0), "cpu")
    for length in SNIPPETS:
        seconds[f"both networks, snippets of {length}"] = _networks(streams, length)
    if as_json:
        print_json(seconds)
        return
    click.echo(
        "| step | s per frame | " + " | ".join(f"min per min, {r} Hz" for r in RATES_HZ) + " |"
    )
    click.echo("| --- |" + " --- |" * (1 + len(RATES_HZ)))
    for step, each in seconds.items():
        minutes = " | ".join(f"{each * rate:.1f}" for rate in RATES_HZ)
        click.echo(f"| {step} | {each:.3f} | {minutes} |")


def _flows(pictures: list[Picture]) -> None:
    solver = TvL1()
    for first, second in itertools.pairwise(pictures):
        solver.between(first.grey, second.grey)


def _networks(streams: TwoStreams, length: int) -> float:
    rng = np.random.default_rng(0)
    rgb = rng.uniform(-1, 1, (3, length, CROP, CROP)).astype(np.float32)
    clip = Clip(rgb, rgb[:2].copy())
    streams.features(clip)
    return _took(lambda: streams.features(clip)) / length


def _took(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


if __name__ == "__main__":
    sys.exit(run_command(main))
