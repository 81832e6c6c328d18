"""How fast one core extracts features, and how much memory it takes by the length of the video.

    python -m benchmarks.extraction_speed [--video FILE] [--minutes 1,5,20] [--json]

Without a video, 20 s of a rendered face (640x480 at 30 frames a second, moderate motion) are
encoded and read over and over, decoding included, until a video of each length is through. Each
length runs in a worker as `--workers` starts them; its features are written to a file as
`fes-offline extract` writes them. Times are of the processor, all threads together; what is loaded
and compiled before the first frame is left out. Other programs still slow a core down (caches and
hardware threads are shared): how many cores they kept busy meanwhile is told.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

import click
from tqdm import tqdm

from benchmarks.measure.machine import processor_s, this_machine
from benchmarks.measure.resident import Sampler
from engines.console import option_debug, print_json, run_command, setup_log
from engines.errors import UsageError
from offline.data.extract_all import extract_all
from offline.data.feature_store import FeatureStore
from offline.data.recording import VideoRecording
from offline.data.videos import Video
from offline.parallel import run_jobs
from realtime.sources.base import Source, SourceInfo
from realtime.sources.open import open_source
from realtime.types import RATE_HZ, Frame

RENDERED_S: Final = 20.0
SIZE: Final = (640, 480)
WARM_UP_FRAMES: Final = 60
SAMPLE_S: Final = 0.05
PROMISED_TIMES: Final = 4.0
PROMISED_MIB: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What one length took.

    Attributes
    ----------
    minutes, frames
        Length.
    frames_per_core_s
        Frames per second of processor time.
    times_real_time
        The same over the rate of the video.
    wall_s
        Time that passed.
    peak_mib
        Highest resident memory of the process.
    file_mib
        Size of the feature file.
    others_cores
        Cores that other programs kept busy meanwhile.
    """

    minutes: float
    frames: int
    frames_per_core_s: float
    times_real_time: float
    wall_s: float
    peak_mib: float
    file_mib: float
    others_cores: float


class Moment(NamedTuple):
    """Processor time of this process and of all, and the time that passed, s."""

    core_s: float
    all_s: float
    wall_s: float


def now() -> Moment:
    """Return the present moment."""
    return Moment(time.process_time(), processor_s(), time.monotonic())


class LoopedSource:
    """A video played over and over until it is as long as is wanted; counts time from frame 60."""

    def __init__(self, path: Path, frames: int, show: bool) -> None:
        self._path, self._show = path, show
        with open_source(str(path)) as once:
            self._once = once.info
        self._info = SourceInfo(
            str(path), False, self._once.width, self._once.height, self._once.rate_hz, frames
        )
        self.started: Moment | None = None

    @property
    def info(self) -> SourceInfo:
        """What is known of it."""
        return self._info

    @property
    def dropped(self) -> int:
        """Always 0."""
        return 0

    def __iter__(self) -> Iterator[Frame]:
        for frame in tqdm(
            self._frames(), total=self._info.frames, unit="frame", disable=not self._show
        ):
            if frame.index == WARM_UP_FRAMES:
                self.started = now()
            yield frame

    def _frames(self) -> Iterator[Frame]:
        rate = self._once.rate_hz or RATE_HZ
        index = 0
        while True:
            with open_source(str(self._path)) as once:
                for frame in once:
                    if index == self._info.frames:
                        return
                    yield Frame(index, index / rate, frame.image)
                    index += 1

    def close(self) -> None:
        """Nothing is open between two frames."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@dataclass(frozen=True)
class Looped(VideoRecording):
    """A recording that opens as one loop."""

    loop: LoopedSource | None = None

    def open(self) -> Source:
        """Return the loop."""
        if self.loop is None:
            raise ValueError("no loop was given")
        return self.loop


def measure(path: Path, minutes: float, show: bool) -> Figures:
    """Extract a video of some length; meant for a process of its own."""
    with open_source(str(path)) as source:
        rate = source.info.rate_hz or RATE_HZ
    frames = max(2 * WARM_UP_FRAMES, round(minutes * 60 * rate))
    loop = LoopedSource(path, frames, show)
    with tempfile.TemporaryDirectory() as folder, Sampler(SAMPLE_S) as sampler:
        store = FeatureStore.open(Path(folder))
        begun = time.monotonic()
        summary = extract_all(store, [Looped(Video(path, "loop", "nobody"), loop=loop)])
        done = now()
        if summary.failed:
            raise UsageError(summary.failed[0].reason)
        written = sum(file.stat().st_size for file in Path(folder).glob("*.npz"))
        _, mib = sampler.between(begun, done.wall_s)
    started = loop.started or done
    core_s, wall_s = done.core_s - started.core_s, done.wall_s - started.wall_s
    speed = (frames - WARM_UP_FRAMES) / core_s
    others = max(0.0, done.all_s - started.all_s - core_s) / wall_s
    return Figures(minutes, frames, speed, speed / rate, wall_s, max(mib), written / 2**20, others)


def render(folder: Path) -> Path:
    """Render the video that is looped."""
    # it loads a portrait and its warps, which a given video needs not wait for
    from offline.synth import write_dataset  # noqa: PLC0415
    from offline.synth_options import SynthOptions  # noqa: PLC0415

    write_dataset(folder, 1, SynthOptions(seconds=RENDERED_S, size=SIZE))
    return next(folder.rglob("*.mp4"))


def _in_a_process(path: Path, minutes: float) -> Figures:
    # memory that an earlier length took and gave back would hide in the next one's
    (figures,) = run_jobs(partial(measure, path, minutes), [sys.stderr.isatty()], apart=True)
    return figures


def _lengths(_context: click.Context, _option: click.Parameter, text: str) -> tuple[float, ...]:
    try:
        lengths = tuple(float(part) for part in text.split(","))
    except ValueError:
        lengths = ()
    if not lengths or not all(0 < length <= 24 * 60 for length in lengths):
        raise click.BadParameter(f"{text}: write minutes above 0 as 1,5,20")
    return lengths


@click.command()
@click.option("--video", type=click.Path(path_type=Path, exists=True),
              help="What is looped; a rendered face if absent.")  # fmt: skip
@click.option("--minutes", default="1,5,20", show_default=True, callback=_lengths,
              help="Lengths to measure.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@option_debug
def cli(*, video: Path | None, minutes: tuple[float, ...], as_json: bool, debug: bool) -> None:
    """Measure the extraction of features: speed per core, and peak memory by length."""
    setup_log(debug)
    machine = this_machine()
    with tempfile.TemporaryDirectory() as folder:
        path = render(Path(folder)) if video is None else video
        rows = [_in_a_process(path, length) for length in minutes]
    slowest, most = min(row.times_real_time for row in rows), max(row.peak_mib for row in rows)
    held = {
        f"at least {PROMISED_TIMES:g} times real time per core": slowest >= PROMISED_TIMES,
        f"under {PROMISED_MIB:g} MiB": most < PROMISED_MIB,
    }
    if as_json:
        print_json({"machine": asdict(machine), "rows": [asdict(r) for r in rows], "held": held})
        return
    click.echo(f"{machine.text}, load before {machine.load}")
    click.echo(
        f"{'minutes':>8} {'frames/s/core':>14} {'x real time':>12} {'peak MiB':>9} {'others':>7}"
    )
    for row in rows:
        click.echo(
            f"{row.minutes:8g} {row.frames_per_core_s:14.0f} {row.times_real_time:12.1f} "
            f"{row.peak_mib:9.0f} {row.others_cores:7.1f}"
        )
    for promise, kept in held.items():
        click.echo(f"{promise}: {'held' if kept else 'NOT held'}")


if __name__ == "__main__":
    sys.exit(run_command(cli))
