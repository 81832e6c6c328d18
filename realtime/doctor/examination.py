"""From what was seen to figures."""

from dataclasses import dataclass

import numpy as np

from realtime.doctor.flicker import Flicker, measure_flicker
from realtime.doctor.noise import Noise, head_motion, measure_noise
from realtime.doctor.watching import Observations
from realtime.types import RATE_HZ


@dataclass(frozen=True, slots=True)
class Pace:
    """How regularly frames come.

    Attributes
    ----------
    frames, seconds
        How many, and from the first timestamp to the last.
    rate_hz
        Frames per second; None with fewer than two.
    median_ms, p95_ms, longest_ms
        Time between one frame and the next.
    late
        Share of the intervals that are above one and a half times the median.
    dropped
        Frames that came while the one before was still worked on.
    missing
        Share of the 30 Hz ticks without a frame of their own.
    """

    frames: int
    seconds: float
    rate_hz: float | None
    median_ms: float | None
    p95_ms: float | None
    longest_ms: float | None
    late: float
    dropped: int
    missing: float

    @property
    def lost(self) -> float:
        """Share of the ticks that are missing beyond what a lower frame rate leaves out."""
        expected = 0.0 if self.rate_hz is None else max(0.0, 1 - self.rate_hz / RATE_HZ)
        return max(0.0, self.missing - expected)


@dataclass(frozen=True, slots=True)
class FaceView:
    """How the camera sees the face.

    Attributes
    ----------
    present
        Share of the ticks with a face.
    eyes_px
        Median distance between the outer eye corners, px of the picture; None without a face.
    brightness
        Mean of the face, 0 to 255.
    dark, burnt
        Share of the face's pixels that hold nothing for want or excess of light.
    """

    present: float
    eyes_px: float | None
    brightness: float | None
    dark: float
    burnt: float


@dataclass(frozen=True, slots=True)
class Examination:
    """All figures.

    Attributes
    ----------
    size
        Width and height of the picture, px.
    head_px, head_p95_px
        How far the head moves in half a second, px on the canonical face: median and 95th
        percentile; None without windows.
    """

    size: tuple[int, int]
    pace: Pace
    face: FaceView
    flicker: Flicker | None
    head_px: float | None
    head_p95_px: float | None
    noise: Noise | None


def examine(seen: Observations) -> Examination:
    """Return the figures of what was seen."""
    windows = seen.stacked
    head = head_motion(windows)
    return Examination(
        size=seen.size,
        pace=_pace(seen),
        face=_face(seen),
        flicker=measure_flicker(
            np.array([light.time_s for light in seen.light]),
            np.array([light.mean for light in seen.light]),
        ),
        head_px=None if head is None else head[0],
        head_p95_px=None if head is None else head[1],
        noise=measure_noise(windows),
    )


def _pace(seen: Observations) -> Pace:
    times_s = np.array(seen.times_s)
    missing = seen.missing / seen.ticks if seen.ticks else 0.0
    if len(times_s) < 2:
        return Pace(len(times_s), 0.0, None, None, None, None, 0.0, seen.dropped, missing)
    intervals_ms = np.diff(times_s) * 1e3
    seconds = float(times_s[-1] - times_s[0])
    median_ms = float(np.median(intervals_ms))
    return Pace(
        frames=len(times_s),
        seconds=seconds,
        rate_hz=(len(times_s) - 1) / seconds,
        median_ms=median_ms,
        p95_ms=float(np.percentile(intervals_ms, 95)),
        longest_ms=float(intervals_ms.max()),
        late=float((intervals_ms > 1.5 * median_ms).mean()),
        dropped=seen.dropped,
        missing=missing,
    )


def _face(seen: Observations) -> FaceView:
    def mean(values: list[float]) -> float:
        return float(np.mean(values)) if values else 0.0

    return FaceView(
        present=seen.with_face / seen.ticks if seen.ticks else 0.0,
        eyes_px=float(np.median(seen.eyes_px)) if seen.eyes_px else None,
        brightness=mean([light.mean for light in seen.light]) if seen.light else None,
        dark=mean([light.dark for light in seen.light]),
        burnt=mean([light.burnt for light in seen.light]),
    )
