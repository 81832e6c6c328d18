"""What decides how a video of a timeline looks, and whether it is there already."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from offline.synth import describe
from offline.synth_options import MIXED, RATES, SynthOptions
from offline.synth_timeline import TimelineVideo
from offline.synth_video import VARIABLE_JITTER, Take, draw_times

FORMAT: Final = 1
"""Raised when equal plans give other videos."""


@dataclass(frozen=True, slots=True)
class TimelineOptions:
    """How a timeline is rendered; equal options give equal bytes on one set of versions.

    Attributes
    ----------
    synth
        As for every dataset; its ``seconds`` are not read, and its portraits are those that
        subjects take turns in: where there are fewer of them, a portrait is changed into others.
    rate_hz, base
        Of the timeline's frames.
    native
        Render at the timeline's rate in place of ``synth.fps``.
    """

    synth: SynthOptions
    rate_hz: float
    base: int = 0
    native: bool = False

    @property
    def manifest(self) -> dict[str, object]:
        """What a folder's videos have in common."""
        settings = {k: v for k, v in describe(self.synth).items() if k != "seconds"}
        timeline = {"rate_hz": self.rate_hz, "base": self.base, "native": self.native}
        return {**settings, "timeline": timeline}


def draw_timeline_take(video: TimelineVideo, options: TimelineOptions) -> Take:
    """Draw a video's frame rate, times and seed; its name and the dataset's seed decide."""
    rng = np.random.default_rng([options.synth.seed, *video.name.encode()])
    seed = int(rng.integers(2**31))
    fps = options.synth.fps
    name = str(rng.choice(list(RATES))) if fps == MIXED else fps
    rate_hz = options.rate_hz if options.native else RATES[name]
    jitter = VARIABLE_JITTER if name == "variable" and not options.native else 0.0
    return Take(video.take, seed, rate_hz, draw_times(video.seconds, rate_hz, jitter, rng))


def cast_of(video: TimelineVideo, options: TimelineOptions) -> tuple[Path | None, int]:
    """Return the portrait of a video's subject, and which of the people made of it they are."""
    portraits = options.synth.portraits
    index = video.number - 1
    if not portraits:
        return None, index
    return portraits[index % len(portraits)], index // len(portraits)


def is_complete(out: Path, video: TimelineVideo, options: TimelineOptions) -> bool:
    """Say whether a video is there as this plan makes it, with its truth, byte for byte."""
    target, truth_file, plan_file = places(out, video)
    try:
        plan = json.loads(plan_file.read_text("utf-8"))
        wanted = {"plan": plan_of(video, options), **hashes_of(target, truth_file)}
    except (OSError, ValueError):
        return False
    return bool(plan == wanted)


def plan_of(video: TimelineVideo, options: TimelineOptions) -> str:
    """Return the hash of all that decides what a video shows."""
    pictures = [_file_hash(path) for path in options.synth.portraits]
    asked = [FORMAT, options.manifest, pictures, asdict(video)]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def places(out: Path, video: TimelineVideo) -> tuple[Path, Path, Path]:
    """Return where a video, its truth and its plan are kept."""
    return (
        out / "rawvideo" / video.subject / f"{video.name}.mp4",
        out / "truth" / f"{video.name}.json",
        out / "plans" / f"{video.name}.json",
    )


def hashes_of(video: Path, truth: Path) -> dict[str, str]:
    """Return the hashes of what a plan made."""
    return {"video": _file_hash(video), "truth": _file_hash(truth)}


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
