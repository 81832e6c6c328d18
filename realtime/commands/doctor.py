"""``fes-live doctor``."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engines.console import option_debug, print_json, setup_log
from engines.errors import UsageError

if TYPE_CHECKING:
    from realtime.doctor.advice import Answer
    from realtime.doctor.examination import Examination
    from realtime.doctor.flicker import Flicker
    from realtime.doctor.watching import Observations
    from realtime.sources.base import Source

EPILOG = """\b
Examples:
  fes-live doctor --camera 0
  fes-live doctor --camera 0 --seconds 30 --json
  fes-live doctor --source interview.mp4
"""


@click.command(epilog=EPILOG)
@click.option("--camera", metavar="INDEX|NAME|synthetic", help="A camera of this machine.")
@click.option("--source", metavar="PATH|URL", help="A video, a folder of images, a stream.")
@click.option("--rate", "rate_hz", type=click.FloatRange(min=0, min_open=True), metavar="HZ",
              help="Frames per second of a folder of images (30).")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of the synthetic camera.")
@click.option("--face-model", type=click.Path(path_type=Path), metavar="FILE.task",
              help="MediaPipe face landmarker; the bundled face mesh if absent.")  # fmt: skip
@click.option("--seconds", type=click.FloatRange(min=3), default=10.0, show_default=True,
              help="Of stream time to watch.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@option_debug
def doctor(
    *,
    camera: str | None,
    source: str | None,
    rate_hz: float | None,
    seed: int,
    face_model: Path | None,
    seconds: float,
    as_json: bool,
    debug: bool,
) -> None:
    """Say what a camera, its light and its place allow, and what to change.

    Sit as the person who is filmed will sit, look at the camera, keep a still face and do not
    speak: what the flow then measures is noise, and expressions must rise above it.
    """
    setup_log(debug)
    if (camera is None) == (source is None):
        raise UsageError(
            "give one source: --camera INDEX, --camera synthetic, or --source PATH|URL"
        )
    from realtime.doctor.advice import answer  # noqa: PLC0415
    from realtime.doctor.examination import examine  # noqa: PLC0415
    from realtime.pipeline.warm import warm_up_flow  # noqa: PLC0415
    from realtime.sources.open import open_camera, open_source  # noqa: PLC0415

    warm_up_flow()
    with (
        open_source(source or "", rate_hz) if camera is None else open_camera(camera, seed=seed)
    ) as opened:
        found = examine(_watch(opened, face_model, seconds))
    told = answer(found)
    if as_json:
        print_json({"source": opened.info.name, "figures": asdict(found), "answer": asdict(told)})
        return
    for line in (f"{opened.info.name}: {_size(found)}", *_figures(found), *_told(told)):
        click.echo(line)


def _watch(source: "Source", face_model: Path | None, seconds: float) -> "Observations":
    from tqdm import tqdm  # noqa: PLC0415

    from realtime.doctor.watching import watch  # noqa: PLC0415
    from realtime.faces.tracker import open_tracker  # noqa: PLC0415

    click.echo(f"keep still and look at the camera for {seconds:g} s", err=True)
    with open_tracker(face_model) as tracker, tqdm(total=seconds, unit="s", leave=False) as bar:

        def show(elapsed_s: float) -> None:
            bar.n = round(elapsed_s, 1)
            bar.refresh()

        return watch(source, tracker, seconds, show)


def _size(found: "Examination") -> str:
    width, height = found.size
    return f"{width}x{height}, {found.pace.frames} frames in {found.pace.seconds:.1f} s"


def _figures(found: "Examination") -> Iterator[str]:
    pace, face, flicker, noise = found.pace, found.face, found.flicker, found.noise
    if pace.rate_hz is not None:
        yield (
            f"  frames   {pace.rate_hz:.2f} per second; {pace.median_ms:.1f} ms apart (p95 "
            f"{pace.p95_ms:.1f}, longest {pace.longest_ms:.1f}); {pace.dropped} dropped; "
            f"{pace.missing:.1%} of ticks without one"
        )
    yield f"  face     on {face.present:.0%} of ticks" + (
        "" if face.eyes_px is None else f"; {face.eyes_px:.0f} px between the outer eye corners"
    )
    if face.brightness is not None:
        yield (
            f"  light    {face.brightness:.0f} of 255 on the face; {face.dark:.1%} too dark, "
            f"{face.burnt:.1%} burnt out" + _flicker(flicker)
        )
    if found.head_px is not None:
        yield (
            f"  head     moves {found.head_px:.1f} px in half a second (p95 "
            f"{found.head_p95_px:.1f})"
        )
    if noise is not None:
        yield (
            f"  noise    brows {noise.brows_px:.2f} px, mouth {noise.mouth_px:.2f} px (95 of 100 "
            f"windows stay below; median {noise.median_px:.2f}); {noise.windows} windows, "
            f"{noise.blinks} with a blink and {noise.moved} with other motion left out"
        )


def _flicker(flicker: "Flicker | None") -> str:
    if flicker is None:
        return ""
    at = "" if flicker.frequency_hz is None else f" at {flicker.frequency_hz:.1f} Hz"
    return f"; swings by {flicker.percent:.1f} %{at}"


def _told(told: "Answer") -> Iterator[str]:
    yield f"micro-expressions: {told.micro}; {told.why}"
    for line in told.change or ("nothing",):
        yield f"change: {line}"
