"""The ``fes-live`` command."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from engines.console import EXIT_INTERRUPTED, option_debug, print_json, run_command, setup_log
from engines.errors import UsageError

if TYPE_CHECKING:
    from realtime.events.messages import EventData
    from realtime.events.publisher import Sink
    from realtime.service.marking import MarkTaker
    from realtime.sources.base import Source

# What the commands need is imported when they run: --help waits for none of it. These are the
# names that it shows.
BACKENDS: Final = ("auto", "onnxruntime", "tensorrt", "tensorrt-rtx")
FLOWS: Final = ("reference", "streaming")
DEFAULT_PORT: Final = 8765

EXAMPLES = """
\b
Examples:
  fes-live --camera 0
  fes-live --camera synthetic
  fes-live --source interview.mp4 --events interview.jsonl
  fes-live --source interview.mp4 --events - | jq .
  fes-live --source rtsp://camera.local/stream
  fes-live --camera 0 --marks marks.csv
  fes-live cameras
"""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the dashboard and the events are served, and to whom."""

    host: str
    port: int
    token: str | None
    insecure: bool
    origins: tuple[str, ...]


@click.group(invoke_without_command=True, epilog=EXAMPLES)
@click.option("--camera", metavar="INDEX|NAME|synthetic", help="A camera of this machine.")
@click.option(
    "--source", "source", metavar="PATH|URL", help="A video, a folder of images, a stream."
)
@click.option("--rate", "rate_hz", type=click.FloatRange(min=0, min_open=True), metavar="HZ",
              help="Frames per second of a folder of images (30).")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of the synthetic camera.")
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
@click.option("--marks", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.csv",
              help="Append what the dashboard marks (keys m, a); implies --serve.")  # fmt: skip
@click.option("--serve/--no-serve", default=None,
              help="Serve dashboard and events; on for live sources, off for files.")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, help=f"Port of the dashboard ({DEFAULT_PORT}); implies --serve.")
@click.option("--token", envvar="FES_TOKEN", help="What clients must send first.")
@click.option("--insecure", is_flag=True, help="Listen beyond this machine without a token.")
@click.option("--allow-origin", "origins", multiple=True, metavar="ORIGIN",
              help="A web page that may connect besides the dashboard; repeatable.")  # fmt: skip
@click.option("--pace", is_flag=True, help="Play a file at its own speed; implies --serve.")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True),
              help="Stop after this much stream time.")  # fmt: skip
@option_debug
@click.pass_context
def cli(
    context: click.Context,
    camera: str | None,
    source: str | None,
    rate_hz: float | None,
    seed: int,
    model: Path | None,
    backend: str,
    face_model: Path | None,
    flow: str,
    threads: int,
    snippet_window: int | None,
    snippet_settle: int | None,
    events: str | None,
    marks: Path | None,
    serve: bool | None,
    host: str,
    port: int | None,
    token: str | None,
    insecure: bool,
    origins: tuple[str, ...],
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
    from realtime.snippets.contract import rolling_of  # noqa: PLC0415

    rolling = rolling_of(snippet_window, snippet_settle)
    options = LiveOptions(model, backend, face_model, flow, seconds, pace, threads, rolling)
    frames = _open(camera, source, rate_hz, seed)
    try:
        if serve is None:
            serve = frames.info.live or port is not None or pace or marks is not None
        if marks is not None and not serve:
            raise UsageError("--marks are made on the dashboard: leave out --no-serve")
        address = Address(host, DEFAULT_PORT if port is None else port, token, insecure, origins)
        marker = None if marks is None else open_marker(marks, frames.info)
        sinks = _sinks(address if serve else None, events, None if marker is None else marker.take)
        completed = run(frames, options, sinks, _listener(events, frames, sinks), marker=marker)
    finally:
        frames.close()
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


def _open(camera: str | None, source: str | None, rate_hz: float | None, seed: int) -> "Source":
    if (camera is None) == (source is None):
        raise UsageError(
            "give one source: --camera INDEX, --camera synthetic, or --source PATH|URL "
            "(fes-live cameras lists what is there)"
        )
    from realtime.sources.open import open_camera, open_source  # noqa: PLC0415

    if camera is not None:
        return open_camera(camera, seed=seed)
    return open_source(source or "", rate_hz)


def _sinks(
    address: Address | None, events: str | None, take_mark: "MarkTaker | None"
) -> "list[Sink]":
    """Open whoever listens: the service where it is wanted, and the file."""
    from realtime.events.jsonl import JsonLinesSink  # noqa: PLC0415

    out: list[Sink] = []
    if address is not None:
        from realtime.service.server import EventServer  # noqa: PLC0415

        server = EventServer(
            address.host,
            address.port,
            token=address.token,
            insecure=address.insecure,
            origins=address.origins,
            take_mark=take_mark,
        ).start()
        click.echo(f"dashboard: {server.url}", err=True)
        out.append(server)
    try:
        if events is not None:
            out.append(JsonLinesSink(events))
    except UsageError:
        for sink in out:
            sink.close()
        raise
    return out


def _listener(
    events: str | None, source: "Source", sinks: "Sequence[Sink]"
) -> "Callable[[EventData], None]":
    """Return what is done with each event besides sending it on."""
    from realtime.events.jsonl import STDOUT, JsonLinesSink  # noqa: PLC0415

    if events != STDOUT:
        return _print

    def stop_if_nobody_listens(_: "EventData") -> None:
        if all(isinstance(sink, JsonLinesSink) and sink.broken for sink in sinks):
            source.close()

    return stop_if_nobody_listens


def _print(event: "EventData") -> None:
    """Print a final expression as one line of text."""
    from realtime.events.messages import Expression, Phase  # noqa: PLC0415

    if isinstance(event, Expression) and event.phase is Phase.END:
        click.echo(
            f"{event.kind:5}  onset {event.onset_s:8.2f} s  apex {event.apex_s:8.2f} s  "
            f"offset {event.offset_s:8.2f} s  score {event.score:.2f}"
        )


def main() -> None:
    """Entry point of ``fes-live``."""
    # NumPy's linear algebra would start a thread per core; nothing here is large enough for one
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(run_command(cli))
