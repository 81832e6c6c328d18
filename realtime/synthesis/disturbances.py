"""How strong is everything in a video that is no expression, each part of it separately."""

from dataclasses import dataclass, fields
from typing import Final


@dataclass(frozen=True, slots=True)
class Disturbances:
    """Strengths: 0 is absent, 1 is what an ordinary webcam user shows.

    Attributes
    ----------
    drift
        Slow sliding and swaying of the head.
    turns
        Turns in depth that are held for a while; 1 reaches 10 degrees.
    nods
        Quick nods and shakes.
    lean
        Moving nearer and farther.
    blinks
        Blinks and slow half blinks: 1 is about eleven a minute.
    gaze
        Saccades of the eyes.
    speech
        Bursts of speech-like mouth motion between expressions.
    light
        Slow changes of brightness, colour and direction.
    flicker
        Mains flicker, aliased by the frame rate.
    noise
        Sensor noise; 1 has a standard deviation of 1.5 grey levels.
    compression
        JPEG artefacts as of a webcam's MJPEG stream; 1 is quality 65.

    Raises
    ------
    ValueError
        If a strength is negative.
    """

    drift: float = 0.0
    turns: float = 0.0
    nods: float = 0.0
    lean: float = 0.0
    blinks: float = 0.0
    gaze: float = 0.0
    speech: float = 0.0
    light: float = 0.0
    flicker: float = 0.0
    noise: float = 0.0
    compression: float = 0.0

    def __post_init__(self) -> None:
        for part in fields(self):
            if getattr(self, part.name) < 0:
                raise ValueError(f"disturbance {part.name} is negative; 0 switches it off")


STILL: Final = Disturbances()

MOTIONS: Final = {
    "calm": Disturbances(
        drift=0.3, turns=0.1, lean=0.2, blinks=0.7, gaze=0.5, light=0.3, noise=0.5
    ),
    "moderate": Disturbances(
        drift=0.8, turns=0.5, nods=0.4, lean=0.6, blinks=1.0, gaze=1.0, speech=0.6,
        light=0.8, flicker=0.4, noise=1.0,
    ),
    "lively": Disturbances(
        drift=1.4, turns=1.0, nods=1.0, lean=1.4, blinks=1.4, gaze=1.5, speech=1.2,
        light=1.4, flicker=1.0, noise=1.5, compression=0.4,
    ),
}  # fmt: skip
"""Presets by name, from a subject told to sit still to someone in conversation."""
