"""``fes-offline label``: mark one frame of each expression, in the browser."""

import glob
import time
import webbrowser
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
from filelock import FileLock, Timeout

from engines.console import option_debug, setup_log
from engines.errors import UsageError
from engines.model_file import read_model
from engines.registry import BACKENDS
from offline.labelling.desk import Desk
from offline.labelling.point_file import PointFile
from offline.labelling.server import LabelServer
from offline.labelling.tapes import open_tapes, row_names
from realtime.live import LiveOptions

DEFAULT_PORT: Final = 8766
MAX_PORT: Final = 65535


@click.command(
    epilog="""
    \b
    Examples:
      fes-offline label interview.mp4 --out points.csv
      fes-offline label my-videos --out points.csv --model mine.onnx
      fes-offline label interview.mp4 --out points.csv --no-scores --no-browser
    """
)
@click.argument("videos", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="CSV: video,frame,kind; one that is there is continued.")  # fmt: skip
@click.option("--model", type=click.Path(path_type=Path), help="Model file; the default if absent.")
@click.option("--backend", type=click.Choice(BACKENDS), default="auto", show_default=True)
@click.option("--scores/--no-scores", default=True, show_default=True,
              help="Compute the model's curves while you label.")  # fmt: skip
@click.option("--port", type=click.IntRange(0, MAX_PORT), default=DEFAULT_PORT, show_default=True,
              help="Of the page, on this machine only; 0 takes a free one.")  # fmt: skip
@click.option("--browser/--no-browser", default=True, show_default=True,
              help="Open the page in the browser.")  # fmt: skip
@option_debug
def label(
    *,
    videos: tuple[Path, ...],
    out: Path,
    model: Path | None,
    backend: str,
    scores: bool,
    port: int,
    browser: bool,
    debug: bool,
) -> None:
    """Mark one frame of each expression in videos, on a page in the browser.

    The page shows exact frames of the files. The key m marks a micro-expression, a or M a
    macro-expression, u takes the last step back. Every key press is on disk before it is shown;
    Ctrl-C here ends it.
    """
    setup_log(debug)
    if model is not None:
        # a file that is no model is named now, not after minutes of reading
        read_model(model)
    tapes = open_tapes(videos, scores)
    options = LiveOptions(model=model, backend=backend) if scores else None
    with _alone(out):
        file = PointFile(out, row_names(tapes))
        desk = Desk(file, [tape.name for tape in tapes])
        with LabelServer(tapes, desk, options, out.name, port) as server:
            click.echo(f"label: {server.url} (Ctrl-C ends it; points go to {out})", err=True)
            if browser:
                webbrowser.open(server.url)
            try:
                _wait()
            finally:
                click.echo(_summary(file))


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Hold the points' file, so that two sessions do not take turns in it."""
    lock = FileLock(out.with_name(f".{out.name}.lock"))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise UsageError(
            f"{out} is being labelled by another fes-offline label; end that, or give another --out"
        ) from None
    except OSError as error:
        raise UsageError(f"cannot write {out}: {error.strerror}; choose another place") from error
    try:
        # what a session that was killed had half written; the file itself is whole
        for partial in out.parent.glob(f".{glob.escape(out.name)}.*.partial"):
            partial.unlink(missing_ok=True)
        yield
    finally:
        lock.release()


def _wait() -> None:
    """Sleep until Ctrl-C; in short turns, since not every system interrupts a longer one."""
    while True:
        time.sleep(0.5)


def _summary(file: PointFile) -> str:
    kinds = Counter(point.kind.value for point in file.points)
    videos = len({point.video for point in file.points})
    return (
        f"{file.path}: {len(file.points)} points ({kinds['micro']} micro, {kinds['macro']} macro) "
        f"in {videos} videos"
    )
