"""The ``fes-live`` command."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from engines.console import EXIT_INTERRUPTED, option_debug, print_json, run_command, setup_log
from engines.errors import UsageError
from engines.lazy_group import Entry, LazyGroup
from realtime.commands.serving import Address, open_sinks, serving_options

if TYPE_CHECKING:
    from realtime.events.publisher import Sink
    from realtime.pipeline.timing import Stopwatch
    from realtime.sources.base import Source

# What the commands need is imported when they run: --help waits for none of it. These are the
# names that it shows.
BACKENDS: Final = ("auto", "onnxruntime", "tensorrt", "tensorrt-rtx")
FLOWS: Final = ("reference", "streaming")

EXAMPLES = """
\b
Examples:
  fes-live --camera 0
  fes-live --camera synthetic
  fes-live --source interview.mp4 --events interview.jsonl
  fes-live --source interview.mp4 --events - | jq .
  fes-live --source rtsp://camera.local/stream
  fes-live --camera 0 --camera 1 --max-faces 2
  fes-live --camera 0 --marks marks.csv
  fes-live --camera 0 --record sessions/p01 --record-video
  fes-live replay sessions/p01
  fes-live doctor --camera 0
  fes-live cameras
"""


# a command is imported when it is used
COMMANDS: Final = {
    "doctor": Entry("realtime.commands.doctor:doctor", "Say what a camera and its light allow."),
    "replay": Entry("realtime.commands.replay:replay", "Serve a recorded session again."),
}


@click.group(cls=LazyGroup, entries=COMMANDS, invoke_without_command=True, epilog=EXAMPLES)
@click.option("--camera", "cameras_", multiple=True, metavar="INDEX|NAME|synthetic",
              help="A camera of this machine; repeatable.")  # fmt: skip
@click.option("--source", "videos", multiple=True, metavar="PATH|URL",
              help="A video, a folder of images, a stream; repeatable.")  # fmt: skip
@click.option("--rate", "rate_hz", type=click.FloatRange(min=0, min_open=True), metavar="HZ",
              help="Frames per second of a folder of images (30).")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of the synthetic camera.")
@click.option("--patience", "lost_s", type=click.FloatRange(min=0), default=60, show_default=True,
              metavar="SECONDS",
              help="How long a lost camera or stream may stay away; inf: for ever.")  # fmt: skip
@click.option("--max-faces", type=click.IntRange(min=1), default=1, show_default=True, metavar="N",
              help="Faces to follow at a time, in each source.")  # fmt: skip
@click.option(
    "--model", type=click.Path(path_type=Path), help="Model file; the default one if absent."
)
@click.option("--backend", type=click.Choice(BACKENDS), default="auto", show_default=True)
@click.option("--face-model", type=click.Path(path_type=Path), metavar="FILE.task",
              help="MediaPipe face landmarker; the bundled face mesh if absent.")  # fmt: skip
@click.option("--flow", type=click.Choice(FLOWS), default="streaming", show_default=True)
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, metavar="N",
              help="Threads for the flow, and for the model.")  # fmt: skip
@click.option("--snippet-window", type=int, metavar="N",
              help="Snippets that a model of snippets sees at a time (256).")  # fmt: skip
@click.option("--snippet-settle", type=int, metavar="N",
              help="Snippets that follow an expression before it is final (16).")  # fmt: skip
@click.option("--events", metavar="FILE|-", help="Write the events as JSON lines.")
@click.option("--record", type=click.Path(path_type=Path), metavar="DIR",
              help="Write events and telemetry into a new folder; no picture.")  # fmt: skip
@click.option("--record-video", is_flag=True, help="Write the pictures too, without loss.")
@click.option("--lsl", is_flag=True, help="Publish to the Lab Streaming Layer.")
@click.option("--marks", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.csv",
              help="Append what the dashboard marks (keys m, a); implies --serve.")  # fmt: skip
@click.option("--serve/--no-serve", default=None,
              help="Serve dashboard and events; on for live sources, off for files.")  # fmt: skip
@serving_options
@click.option("--pace", is_flag=True, help="Play a file at its own speed; implies --serve.")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True),
              help="Stop after this much stream time.")  # fmt: skip
@option_debug
@click.pass_context
def cli(
    context: click.Context,
    cameras_: tuple[str, ...],
    videos: tuple[str, ...],
    rate_hz: float | None,
    seed: int,
    lost_s: float,
    max_faces: int,
    model: Path | None,
    backend: str,
    face_model: Path | None,
    flow: str,
    threads: int,
    snippet_window: int | None,
    snippet_settle: int | None,
    events: str | None,
    record: Path | None,
    record_video: bool,
    lsl: bool,
    marks: Path | None,
    serve: bool | None,
    address: Address,
    pace: bool,
    seconds: float | None,
    debug: bool,
) -> None:
    """Spot facial expressions as they happen, in a camera or a recording.

    Final expressions are printed as they are decided. It says when a face moved, not what a
    person feels.
    """
    setup_log(debug)
    if context.invoked_subcommand is not None:
        return
    from realtime.live import LiveOptions, run  # noqa: PLC0415
    from realtime.marks import open_marker  # noqa: PLC0415
    from realtime.printing import make_listener  # noqa: PLC0415
    from realtime.snippets.contract import rolling_of  # noqa: PLC0415
    from realtime.sources.base import close_all  # noqa: PLC0415
    from realtime.witnesses import open_witnesses  # noqa: PLC0415

    rolling = rolling_of(snippet_window, snippet_settle)
    options = LiveOptions(model, backend, face_model, flow, seconds, pace, threads, rolling,
                          max_faces)  # fmt: skip
    frames = _open(cameras_, videos, rate_hz, seed, lost_s)
    try:
        if serve is None:
            live = any(one.info.live for one in frames)
            serve = live or address.port is not None or pace or marks is not None
        if marks is not None and not serve:
            raise UsageError("--marks are made on the dashboard: leave out --no-serve")
        marker = None if marks is None else open_marker(marks, [one.info for one in frames])
        witnesses = open_witnesses(record, record_video, lsl)
        take_mark = None if marker is None else marker.take
        sinks = open_sinks(address if serve else None, events, take_mark)
        listener = make_listener(events, frames, [*sinks, *witnesses], max_faces)
        completed = run(frames, options, sinks, listener, marker=marker,
                        stopwatch=_stopwatch(sinks), witnesses=witnesses)  # fmt: skip
    finally:
        close_all(frames)
    context.exit(0 if completed else EXIT_INTERRUPTED)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def cameras(as_json: bool) -> None:
    """List the cameras of this machine."""
    from realtime.sources.cameras import list_cameras  # noqa: PLC0415

    entries = list_cameras()
    if as_json:
        print_json([{"index": c.index, "name": c.name, "path": c.path, "usable": c.usable,
                     "why": c.why} for c in entries])  # fmt: skip
        return
    for entry in entries:
        state = "usable" if entry.usable else f"not usable: {entry.why}"
        click.echo(f"{entry.index}  {entry.name}  ({entry.path})  {state}")
    click.echo("synthetic  a rendered face with known expressions  usable")


def _open(
    cameras_: tuple[str, ...],
    videos: tuple[str, ...],
    rate_hz: float | None,
    seed: int,
    lost_s: float,
) -> "list[Source]":
    if not cameras_ and not videos:
        raise UsageError(
            "give a source: --camera INDEX, --camera synthetic, or --source PATH|URL "
            "(fes-live cameras lists what is there)"
        )
    from realtime.sources.open import open_all  # noqa: PLC0415

    return open_all(cameras_, videos, rate_hz, seed, lost_s)


def _stopwatch(sinks: "Sequence[Sink]") -> "Stopwatch":
    """Return a stopwatch that tells the service's metrics, where there is a service."""
    from realtime.pipeline.timing import Stopwatch  # noqa: PLC0415

    metrics = (getattr(sink, "metrics", None) for sink in sinks)
    return Stopwatch(next((found.heard for found in metrics if found is not None), None))


def main() -> None:
    """Entry point of ``fes-live``."""
    # NumPy's linear algebra would start a thread per core; nothing here is large enough for one
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(run_command(cli))
