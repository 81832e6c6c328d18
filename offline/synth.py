"""Writes a dataset of synthetic faces: videos, and the truth about them.

Layout: ``rawvideo/s01/01_0101.mp4`` as in CAS(ME)², one JSON file per video under ``truth/``, and
the tables of :mod:`offline.synth_tables`. A finished video is never rendered again.
"""

import json
import platform
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import lru_cache
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Final, cast

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from tqdm import tqdm

from engines.errors import UsageError
from offline.synth_tables import (
    VideoTruth,
    frame_distractors,
    frame_expressions,
    read_truth_file,
    write_tables,
)
from realtime.synthesis.disturbances import MOTIONS
from realtime.synthesis.portraits import Portrait, default_portrait, find_portraits, load_portrait
from realtime.synthesis.render import Renderer
from realtime.synthesis.script import Script
from realtime.synthesis.studio import Studio, frame_times

RATES: Final = {"25": 25.0, "29.97": 30000 / 1001, "30": 30.0, "60": 60.0, "variable": 30.0}
MIXED: Final = "mixed"
VARIABLE_JITTER: Final = 0.35
TIME_BASE: Final = Fraction(1, 90_000)
QUALITY: Final = {"calm": 18, "moderate": 21, "lively": 24}
"""Constant rate factor of H.264: higher is more compressed."""

MANIFEST: Final = "dataset.json"
SHORTEST_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class SynthOptions:
    """What is rendered; equal options give equal bytes on one set of versions.

    Attributes
    ----------
    seconds
        Length of each video.
    seed
        Of everything.
    fps
        A key of ``RATES``, or ``mixed`` for one of them per video.
    size
        Width and height, px, both even.
    motion
        A key of ``MOTIONS``.
    portraits
        Pictures, one per subject; empty for the bundled portrait.

    Raises
    ------
    UsageError
        If a value cannot be honoured.
    """

    seconds: float = 60.0
    seed: int = 0
    fps: str = "30"
    size: tuple[int, int] = (640, 480)
    motion: str = "moderate"
    portraits: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        if self.seconds < SHORTEST_S:
            raise UsageError(f"--seconds {self.seconds:g}: a video lasts at least {SHORTEST_S:g} s")
        if self.fps not in (*RATES, MIXED):
            raise UsageError(f"--fps {self.fps}: choose from {', '.join((*RATES, MIXED))}")
        if self.motion not in MOTIONS:
            raise UsageError(f"--motion {self.motion}: choose from {', '.join(MOTIONS)}")
        if min(self.size) < 120 or self.size[0] % 2 or self.size[1] % 2:
            raise UsageError(
                f"--size {self.size[0]}x{self.size[1]}: both sides are even and at least 120 px"
            )

    @property
    def subjects(self) -> int:
        """Number of different people."""
        return max(1, len(self.portraits))


def choose_portraits(folder: Path | None, only: Sequence[str] = ()) -> tuple[Path, ...]:
    """Return the pictures of a folder, or those of them that ``only`` names.

    Raises
    ------
    UsageError
        If the folder has no pictures, or lacks one that is named.
    """
    if folder is None:
        if only:
            raise UsageError("--only names pictures of --portraits; give that folder as well")
        return ()
    found = {path.stem: path for path in find_portraits(folder)}
    if missing := [name for name in only if name not in found]:
        raise UsageError(f"--only {missing[0]}: no such picture in {folder}")
    return tuple(found[name] for name in (only or found))


def write_dataset(out: Path, videos: int, options: SynthOptions, workers: int = 1) -> int:
    """Render the videos that are missing and rewrite the tables.

    Parameters
    ----------
    out
        Folder; made if absent. An earlier run with the same options is continued.
    videos
        Number of videos in all; subjects take turns.
    options
        What is rendered.
    workers
        Processes.

    Returns
    -------
    int
        Number of videos that were rendered now.

    Raises
    ------
    UsageError
        If the folder holds a dataset made with other options, or a portrait shows no face.
    """
    if videos < 1 or workers < 1:
        raise UsageError("--videos and --workers are at least 1")
    for path in options.portraits:
        _portrait(path)
    _claim(out, options)
    missing = [n for n in range(videos) if not _paths(out, n, options)[0].is_file()]
    with tqdm(total=videos, initial=videos - len(missing), unit="video") as progress:
        _tabulate(out, videos, options)
        for _ in _rendered(out, missing, options, workers):
            # after every video, so that none is ever there without its labels
            _tabulate(out, videos, options)
            progress.update()
    return len(missing)


def _tabulate(out: Path, videos: int, options: SynthOptions) -> None:
    paths = [_paths(out, number, options) for number in range(videos)]
    write_tables(out, [read_truth_file(truth) for video, truth in sorted(paths) if video.is_file()])


def _rendered(
    out: Path, numbers: Sequence[int], options: SynthOptions, workers: int
) -> Iterator[int]:
    if workers == 1 or len(numbers) < 2:
        for number in numbers:
            yield render_video(out, number, options)
        return
    # a forked process would inherit mediapipe's threads half-way through their work
    count, context = min(workers, len(numbers)), get_context("spawn")
    with ProcessPoolExecutor(count, context, initializer=_settle) as pool:
        tasks = [pool.submit(render_video, out, number, options) for number in numbers]
        try:
            for task in as_completed(tasks):
                yield task.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _settle() -> None:
    """Prepare a worker: one thread each, and an interrupt ends it without a word."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    cv2.setNumThreads(1)


def render_video(out: Path, number: int, options: SynthOptions) -> int:
    """Render video ``number`` (0-based) with its truth; neither is seen before it is whole."""
    target, truth_file = _paths(out, number, options)
    rng = np.random.default_rng([options.seed, number])
    seed = int(rng.integers(2**31))
    rate_name = str(rng.choice(list(RATES))) if options.fps == MIXED else options.fps
    script = Script(seed, MOTIONS[options.motion], until_s=options.seconds - 0.3)
    path = options.portraits[number % options.subjects] if options.portraits else None
    renderer = _renderer(path, options.size)
    studio = Studio(renderer, script, MOTIONS[options.motion], seed)
    rate = RATES[rate_name]
    jitter = VARIABLE_JITTER if rate_name == "variable" else 0.0
    times = _times(options.seconds, rate, jitter, rng)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    _encode(partial, studio, times, rate, options)
    truth = VideoTruth(
        video=target.stem,
        subject=number % options.subjects + 1,
        portrait=_portrait(path).name,
        take=number // options.subjects,
        rate_hz=rate,
        frames=len(times),
        expressions=frame_expressions(script, renderer, times),
        distractors=frame_distractors(script, times),
    )
    _write_json(truth_file, asdict(truth))
    partial.replace(target)
    return number


def _times(seconds: float, rate_hz: float, jitter: float, rng: np.random.Generator) -> list[float]:
    times: list[float] = []
    for time_s in frame_times(rate_hz, jitter, rng):
        if time_s >= seconds - 0.25 / rate_hz:
            return times
        times.append(time_s)
    return times


def _encode(
    path: Path, studio: Studio, times: Sequence[float], rate_hz: float, options: SynthOptions
) -> None:
    codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
    with av.open(str(path), "w", format="mp4") as container:
        nominal = Fraction(rate_hz).limit_denominator(1001)
        stream = cast(VideoStream, container.add_stream(codec, rate=nominal))
        stream.width, stream.height = options.size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = TIME_BASE
        # one thread and no reordering: the same bytes on every machine, and pts equal to dts
        stream.codec_context.thread_count = 1
        stream.codec_context.max_b_frames = 0
        if codec == "libx264":
            crf = str(QUALITY[options.motion])
            stream.options = {"crf": crf, "preset": "veryfast", "threads": "1"}
        else:
            stream.bit_rate = 4_000_000
        for time_s in times:
            frame = av.VideoFrame.from_ndarray(studio.shoot(time_s).image, format="rgb24")
            frame.time_base = TIME_BASE
            frame.pts = round(time_s / TIME_BASE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _paths(out: Path, number: int, options: SynthOptions) -> tuple[Path, Path]:
    subject, take = number % options.subjects + 1, number // options.subjects + 1
    stem = f"{subject:02d}_{100 + take:04d}"
    return out / "rawvideo" / f"s{subject:02d}" / f"{stem}.mp4", out / "truth" / f"{stem}.json"


@lru_cache(maxsize=16)
def _portrait(path: Path | None) -> Portrait:
    return default_portrait() if path is None else load_portrait(path)


@lru_cache(maxsize=2)
def _renderer(path: Path | None, size: tuple[int, int]) -> Renderer:
    return Renderer(_portrait(path), size)


def _claim(out: Path, options: SynthOptions) -> None:
    """Write the manifest, or check that the one in the folder asks for the same."""
    manifest = out / MANIFEST
    settings = {**asdict(options), "portraits": [p.stem for p in options.portraits]}
    wanted = json.loads(json.dumps(settings))
    if manifest.is_file():
        try:
            made = json.loads(manifest.read_text("utf-8")).get("options")
        except (ValueError, AttributeError) as error:
            raise UsageError(f"{manifest}: not a manifest; choose another --out") from error
        if made != wanted:
            raise UsageError(f"{out} holds videos made with other options; choose another --out")
        return
    packages = ("fes", "numpy", "opencv-contrib-python", "mediapipe", "av", "scikit-image")
    versions = {name: version(name) for name in packages if _installed(name)}
    document = {"options": wanted, "versions": {"python": platform.python_version(), **versions}}
    _write_json(manifest, document)


def _installed(name: str) -> bool:
    try:
        return bool(version(name))
    except ModuleNotFoundError:
        return False


def _write_json(path: Path, document: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(json.dumps(document, indent=1, sort_keys=True), "utf-8")
    partial.replace(path)
