"""Renders one video of a dataset, with its truth."""

import json
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Final, cast

import av
import numpy as np
from av.video.stream import VideoStream

from offline.synth_options import MIXED, RATES, SynthOptions
from offline.synth_tables import VideoTruth, frame_distractors, frame_expressions
from realtime.synthesis.disturbances import MOTIONS
from realtime.synthesis.portraits import Portrait, default_portrait, load_portrait
from realtime.synthesis.render import Renderer
from realtime.synthesis.script import Script
from realtime.synthesis.studio import Studio, frame_times

VARIABLE_JITTER: Final = 0.35
TIME_BASE: Final = Fraction(1, 90_000)
REST_S: Final = 0.3
"""At the end of a video, without an expression."""

QUALITY: Final = {"calm": 18, "moderate": 21, "lively": 24}
"""Constant rate factor of H.264: higher is more compressed."""


@dataclass(frozen=True, slots=True)
class Take:
    """One video of a dataset: who acts, at what times, out of which seed.

    Attributes
    ----------
    number
        0-based number in the dataset; subjects take turns.
    seed
        Of script and sensor.
    rate_hz
        Mean frame rate.
    times
        Of the frames, s, from 0.
    """

    number: int
    seed: int
    rate_hz: float
    times: tuple[float, ...]


def draw_take(number: int, options: SynthOptions) -> Take:
    """Draw video ``number`` of a dataset; equal arguments give equal takes."""
    rng = np.random.default_rng([options.seed, number])
    seed = int(rng.integers(2**31))
    name = str(rng.choice(list(RATES))) if options.fps == MIXED else options.fps
    jitter = VARIABLE_JITTER if name == "variable" else 0.0
    return Take(number, seed, RATES[name], draw_times(options.seconds, RATES[name], jitter, rng))


def render_video(out: Path, number: int, options: SynthOptions) -> None:
    """Render video ``number`` (0-based) with its truth; neither is seen before it is whole."""
    take = draw_take(number, options)
    target, truth_file = paths(out, number, options)
    script = Script(take.seed, MOTIONS[options.motion], until_s=options.seconds - REST_S)
    studio = Studio(
        _renderer(_picture(number, options), options.size),
        script,
        MOTIONS[options.motion],
        take.seed,
    )
    record(target, studio, take, options)
    write_json(truth_file, asdict(_truth(target.stem, take, studio, options)))
    partial_of(target).replace(target)


def record(target: Path, studio: Studio, take: Take, options: SynthOptions) -> None:
    """Render a take into the partial file of a video, which becomes it once its truth is there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _encode(partial_of(target), studio, take, options)


def partial_of(target: Path) -> Path:
    """Return where a video is before it is whole."""
    return target.with_name(f".{target.name}.partial")


def _truth(video: str, take: Take, studio: Studio, options: SynthOptions) -> VideoTruth:
    return VideoTruth(
        video=video,
        subject=take.number % options.subjects + 1,
        portrait=portrait(_picture(take.number, options)).name,
        take=take.number // options.subjects,
        rate_hz=take.rate_hz,
        frames=len(take.times),
        expressions=frame_expressions(studio.script, studio.renderer, take.times),
        distractors=frame_distractors(studio.script, take.times),
    )


def _picture(number: int, options: SynthOptions) -> Path | None:
    return options.portraits[number % options.subjects] if options.portraits else None


def draw_times(
    seconds: float, rate_hz: float, jitter: float, rng: np.random.Generator
) -> tuple[float, ...]:
    """Return the times of all frames of a video, s (see ``frame_times``)."""
    times: list[float] = []
    for time_s in frame_times(rate_hz, jitter, rng):
        if time_s >= seconds - 0.25 / rate_hz:
            break
        times.append(time_s)
    return tuple(times)


def _encode(path: Path, studio: Studio, take: Take, options: SynthOptions) -> None:
    codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
    with av.open(str(path), "w", format="mp4") as container:
        nominal = Fraction(take.rate_hz).limit_denominator(1001)
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
        for time_s in take.times:
            frame = av.VideoFrame.from_ndarray(studio.shoot(time_s).image, format="rgb24")
            frame.time_base = TIME_BASE
            frame.pts = round(time_s / TIME_BASE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def paths(out: Path, number: int, options: SynthOptions) -> tuple[Path, Path]:
    """Return where a video and its truth are kept."""
    subject, take = number % options.subjects + 1, number // options.subjects + 1
    stem = f"{subject:02d}_{100 + take:04d}"
    return out / "rawvideo" / f"s{subject:02d}" / f"{stem}.mp4", out / "truth" / f"{stem}.json"


@lru_cache(maxsize=16)
def portrait(path: Path | None) -> Portrait:
    """Return a picture's portrait, or the bundled one; the latest sixteen are kept."""
    return default_portrait() if path is None else load_portrait(path)


@lru_cache(maxsize=2)
def _renderer(path: Path | None, size: tuple[int, int]) -> Renderer:
    return Renderer(portrait(path), size)


def write_json(path: Path, document: object) -> None:
    """Write a JSON file, replacing it as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(json.dumps(document, indent=1, sort_keys=True), "utf-8")
    partial.replace(path)
