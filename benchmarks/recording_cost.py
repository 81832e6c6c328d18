"""What ``--record-video`` costs: processor time and bytes per frame, codec beside codec.

    python -m benchmarks.recording_cost [VIDEO]... [--json]

Each video is scaled to 640 x 480. The synthetic camera is always measured. Every picture that is
read back is compared with the one that was written, and so is its time.
"""

import itertools
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import click
import cv2
import numpy as np

from engines.console import option_debug, print_json, run_command, setup_log
from realtime.recording.encoder import CODECS, Encoder, snap
from realtime.sources.file import open_file
from realtime.synthesis.camera import SyntheticCamera
from realtime.types import RATE_HZ, Frame

SIZE: Final = (640, 480)
FRAMES: Final = 150


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one codec with the frames of one source, per frame; times are those of the processor."""

    write_p50_ms: float
    write_p95_ms: float
    write_p99_ms: float
    read_ms: float
    kb: float
    gb_per_hour: float


@click.command()
@click.argument("videos", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@option_debug
def cost(videos: tuple[Path, ...], as_json: bool, debug: bool) -> None:
    """Measure what --record-video costs with the synthetic camera and with VIDEOS."""
    setup_log(debug)
    rows = [
        {"source": name, "codec": codec, **asdict(measure(frames, codec))}
        for name, frames in _sources(videos)
        for codec, _ in CODECS
    ]
    if as_json:
        print_json(rows)
        return
    columns = list(rows[0])
    print("  ".join(f"{column:>13}" for column in columns))
    for row in rows:
        print("  ".join(f"{_shown(row[column]):>13}" for column in columns))


def _shown(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)[-13:]


def measure(frames: Sequence[Frame], codec: str) -> Cost:
    """Write frames and read them back.

    Raises
    ------
    RuntimeError
        If a picture or a time came back as another.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "video.nut"
        encoder = Encoder(path, SIZE, _refuse, codec)
        taken = []
        for frame in frames:
            # of the whole process: what other programs do does not count
            start_s = time.process_time()
            encoder.write(frame)
            taken.append((time.process_time() - start_s) * 1e3)
        encoder.close()
        start_s = time.process_time()
        with open_file(path) as source:
            found = list(source)
        read_ms = (time.process_time() - start_s) * 1e3 / len(frames)
        size = path.stat().st_size
    _require_same(frames, found)
    p50, p95, p99 = (float(np.percentile(taken, p)) for p in (50, 95, 99))
    kilobytes = size / len(frames) / 1e3
    return Cost(p50, p95, p99, read_ms, kilobytes, kilobytes * RATE_HZ * 3600 / 1e6)


def _sources(videos: Sequence[Path]) -> Iterator[tuple[str, list[Frame]]]:
    camera = SyntheticCamera(seed=1, live=False, size=SIZE)
    yield "synthetic", _first(iter(camera))
    for path in videos:
        with open_file(path) as source:
            yield path.name, _first(iter(source))


def _first(frames: Iterator[Frame]) -> list[Frame]:
    """Return the first frames at the size that is measured, at times that a video can hold."""
    return [
        Frame(frame.index, snap(frame.timestamp_s), np.asarray(cv2.resize(frame.image, SIZE)))
        for frame in itertools.islice(frames, FRAMES)
    ]


def _refuse(error: OSError) -> None:
    raise error


def _require_same(frames: Sequence[Frame], found: Sequence[Frame]) -> None:
    if len(frames) != len(found):
        raise RuntimeError(f"{len(found)} of {len(frames)} frames came back")
    for one, other in zip(frames, found, strict=True):
        shifted_s = other.timestamp_s + frames[0].timestamp_s
        if abs(shifted_s - one.timestamp_s) > 1e-12 or not np.array_equal(one.image, other.image):
            raise RuntimeError(f"frame {one.index} came back as another")


if __name__ == "__main__":
    sys.exit(run_command(cost))
