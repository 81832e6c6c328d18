"""What is left on the ten patches of rendered motion that is no expression.

    python -m benchmarks.head_motion [--portraits DIR] [--flow reference] [--json]

A portrait moves its head, or only the light changes, within one window of half a second, seen by a
webcam with noise. The landmarks are those that the tracker finds on the rendered pictures. Whatever
a patch still shows after the head's motion is taken out would be taken for an expression.
"""

import logging
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from benchmarks.flow_motions import MOTIONS, WINDOW_TICK, Motion, shoot_motion
from benchmarks.flow_portraits import measured_portraits
from engines.console import option_debug, print_json, run_command, setup_log
from engines.errors import SourceError
from realtime.faces.tracker import open_tracker
from realtime.flow.extractor import FLOWS, WindowExtractor
from realtime.flow.step import Alignment
from realtime.synthesis.disturbances import Disturbances
from realtime.synthesis.render import Renderer
from realtime.types import FLOW_NODES, RATE_HZ, Face, Frame

log = logging.getLogger("fes.head_motion")

NOISE = Disturbances(noise=1.0)
SIZE = (640, 480)

MOST_RATIO = 1 / 3
MOST_STILL_PX = 0.15

Image = NDArray[np.uint8]
Lengths = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Left:
    """Displacement left on the patches, canonical px: the last step of the window, and all."""

    last_median_px: float
    last_p90_px: float
    all_median_px: float
    all_p90_px: float

    @classmethod
    def of(cls, windows: Sequence[Lengths]) -> "Left":
        """Summarise windows, float32 (16, 10) each."""
        every = np.stack(windows)
        last = np.percentile(every[:, -1], (50, 90))
        whole = np.percentile(every, (50, 90))
        return cls(*(float(value) for value in (*last, *whole)))


@dataclass(frozen=True, slots=True)
class Row:
    """One motion under both alignments."""

    motion: str
    head: bool
    nose: Left
    rigid: Left

    @property
    def ratio(self) -> float:
        """What rigid alignment leaves of what the nose leaves, medians of the last step."""
        return self.rigid.last_median_px / max(self.nose.last_median_px, 1e-6)

    @property
    def met(self) -> bool:
        """A third of what the nose leaves; or, where the nose does well too, no more than noise."""
        small = self.rigid.all_median_px <= MOST_STILL_PX
        if self.head:
            return self.ratio <= MOST_RATIO or (
                small and self.rigid.last_median_px <= MOST_STILL_PX
            )
        return small and self.rigid.all_median_px <= self.nose.all_median_px


def tracked(pictures: Sequence[Image]) -> list[Face]:
    """Return the face that the tracker finds on each picture, uint8 RGB (H, W, 3), in order.

    Raises
    ------
    SourceError
        If it finds none on one of them.
    """
    out = []
    with open_tracker() as tracker:
        for index, picture in enumerate(pictures):
            faces = tracker.track(Frame(index, index / RATE_HZ, picture))
            if not faces:
                raise SourceError(f"rendered picture {index}: the tracker finds no face on it")
            out.append(faces[0])
    return out


def lengths_left(
    pictures: Sequence[Image], faces: Sequence[Face], alignment: Alignment, flow: str = "streaming"
) -> Lengths:
    """Return what one motion leaves on the patches, step by step, float32 (16, 10), canonical px.

    ``pictures`` and ``faces`` are those of ``shoot_motion`` and ``tracked``.
    """
    vectors = vectors_left(pictures, faces, alignment, flow)
    return np.asarray(np.linalg.norm(vectors, axis=-1), np.float32)


def vectors_left(
    pictures: Sequence[Image], faces: Sequence[Face], alignment: Alignment, flow: str = "streaming"
) -> NDArray[np.float32]:
    """Return the same as vectors, float32 (16, 10, 2)."""
    extractor = WindowExtractor(alignment, flow)
    for tick, (picture, face) in enumerate(zip(pictures, faces, strict=True)):
        for window in extractor.push(tick, picture, face):
            if window.tick == WINDOW_TICK:
                return window.features[1:, : len(FLOW_NODES)]
    raise ValueError("the pictures do not span a whole motion")


def measure(renderers: Sequence[Renderer], motion: Motion, flow: str) -> Row:
    """Render one motion of every person in all directions and measure it."""
    left: dict[Alignment, list[Lengths]] = {alignment: [] for alignment in Alignment}
    for seed, renderer in enumerate(renderers):
        for state in motion.variants:
            pictures = shoot_motion(renderer, state, NOISE, seed)
            faces = tracked(pictures)
            for alignment, windows in left.items():
                windows.append(lengths_left(pictures, faces, alignment, flow))
    nose, rigid = Left.of(left[Alignment.NOSE]), Left.of(left[Alignment.RIGID])
    return Row(motion.name, motion.head, nose, rigid)


def print_table(rows: Sequence[Row]) -> None:
    """Print markdown."""
    click.echo(
        "| motion in 0.5 s | nose, last step: median / p90 px | rigid | rigid / nose "
        "| nose, all steps | rigid | |"
    )
    click.echo("| --- " * 7 + "|")
    for row in rows:
        nose, rigid = row.nose, row.rigid
        cells = (
            row.motion,
            f"{nose.last_median_px:.2f} / {nose.last_p90_px:.2f}",
            f"{rigid.last_median_px:.2f} / {rigid.last_p90_px:.2f}",
            f"{row.ratio:.2f}",
            f"{nose.all_median_px:.2f} / {nose.all_p90_px:.2f}",
            f"{rigid.all_median_px:.2f} / {rigid.all_p90_px:.2f}",
            "met" if row.met else "NOT MET",
        )
        click.echo(f"| {' | '.join(cells)} |")
    click.echo(
        f"\nAims: of head motion a third of what the nose leaves at the last step, or at most "
        f"{MOST_STILL_PX} px; of noise and light at most {MOST_STILL_PX} px at the median, and no "
        "more than the nose leaves."
    )


@click.command()
@click.option("--portraits", type=click.Path(path_type=Path),
              help="Folder of pictures to render beside the bundled one.")  # fmt: skip
@click.option("--flow", type=click.Choice(FLOWS), default="streaming", show_default=True,
              help="Which flow.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@option_debug
def cli(*, portraits: Path | None, flow: str, as_json: bool, debug: bool) -> None:
    """Measure what both alignments leave of motion that is no expression."""
    setup_log(debug)
    people = measured_portraits(portraits)
    renderers = [Renderer(portrait, SIZE) for portrait in people]
    rows = []
    for motion in MOTIONS:
        log.info("%s of %d portraits", motion.name, len(people))
        rows.append(measure(renderers, motion, flow))
    if as_json:
        print_json(
            {
                "flow": flow,
                "portraits": [portrait.name for portrait in people],
                "motions": [asdict(row) | {"ratio": row.ratio, "met": row.met} for row in rows],
            }
        )
    else:
        print_table(rows)


if __name__ == "__main__":
    sys.exit(run_command(cli))
