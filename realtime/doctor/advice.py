"""From figures to an answer: can micro-expressions be spotted here, and what should change."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from realtime.doctor.examination import Examination
from realtime.doctor.noise import MICRO_PX
from realtime.flow.parameters import EYE_DISTANCE_PX


class Verdict(StrEnum):
    """Whether micro-expressions can be spotted on this set-up."""

    YES = "yes"
    STRONG_ONLY = "only strong ones"
    NO = "no"
    UNKNOWN = "cannot be told"


LEAST_RATE_HZ: Final = 24.5
"""Below, a micro-expression of a fifth of a second is on fewer than five frames."""

GOOD_SHARE: Final = 0.75
POOR_SHARE: Final = 0.35
"""Of the micro-expressions that models are trained on, those above the noise."""

LOST_SHARE: Final = 0.05
LATE_SHARE: Final = 0.02
FACE_SHARE: Final = 0.9
DIM: Final = 60.0
CLIPPED_SHARE: Final = 0.05
SMALL_EYES_PX: Final = 0.6 * EYE_DISTANCE_PX
FLICKER_PERCENT: Final = 1.0
RESTLESS_PX: Final = 8.0
NOISY_PX: Final = 0.6


@dataclass(frozen=True, slots=True)
class Answer:
    """What the user came for.

    Attributes
    ----------
    micro
        Whether micro-expressions can be spotted.
    why
        In one sentence.
    change
        What to change, the most important thing first.
    """

    micro: Verdict
    why: str
    change: tuple[str, ...]


def answer(found: Examination) -> Answer:
    """Return the verdict on a set-up, and advice."""
    micro, why = _verdict(found)
    return Answer(micro, why, tuple(_advice(found)))


def _verdict(found: Examination) -> tuple[Verdict, str]:
    rate_hz = found.pace.rate_hz
    if found.noise is None:
        return Verdict.UNKNOWN, "the face was not seen long enough, still, without blinks and gaps"
    if rate_hz is None or rate_hz < LEAST_RATE_HZ:
        return Verdict.NO, f"{rate_hz or 0:.1f} frames per second are too few for 0.2 s"
    if found.pace.lost > LOST_SHARE:
        return Verdict.NO, f"{found.pace.lost:.0%} of the frames that were due did not come"
    share, trusted_px = found.noise.micro_share, found.noise.trusted_px
    why = (
        f"displacements from {trusted_px:.2f} px on can be trusted: {share:.0%} of peaks between "
        f"{MICRO_PX[0]} and {MICRO_PX[1]} px, as the models are trained on"
    )
    if share >= GOOD_SHARE:
        return Verdict.YES, why
    return (Verdict.STRONG_ONLY if share >= POOR_SHARE else Verdict.NO), why


def _advice(found: Examination) -> Iterator[str]:
    yield from _about_face(found)
    yield from _about_pace(found)
    yield from _about_light(found)
    yield from _about_motion(found)


def _about_face(found: Examination) -> Iterator[str]:
    if found.face.present < FACE_SHARE:
        yield (
            f"a face was seen in {found.face.present:.0%} of the time: face the camera, nothing "
            "before mouth or brows, light from the front"
        )
    eyes_px = found.face.eyes_px
    if eyes_px is not None and eyes_px < SMALL_EYES_PX:
        yield (
            f"the face is small ({eyes_px:.0f} px between the eyes; {EYE_DISTANCE_PX:.0f} are "
            f"used): come {EYE_DISTANCE_PX / eyes_px:.1f} times as near, or raise the resolution"
        )


def _about_pace(found: Examination) -> Iterator[str]:
    pace = found.pace
    if pace.rate_hz is not None and pace.rate_hz < LEAST_RATE_HZ:
        yield (
            f"{pace.rate_hz:.1f} frames per second: more light, for a camera in the dark exposes "
            "longer; fix the exposure; a lower resolution where the cable is the limit"
        )
    if pace.late > LATE_SHARE:
        yield (
            f"{pace.late:.0%} of the frames come late: close other programs, give the camera a USB "
            "port of its own, or a cable where it is wireless"
        )
    if pace.dropped > LATE_SHARE * pace.frames:
        yield (
            f"{pace.dropped} frames were dropped: this machine is too slow or busy; "
            "fes-bench latency says which stage"
        )


def _about_light(found: Examination) -> Iterator[str]:
    face, flicker = found.face, found.flicker
    dim = face.brightness is not None and face.brightness < DIM
    if dim or face.dark > CLIPPED_SHARE:
        yield f"the face is dark ({face.brightness or 0:.0f} of 255): more light, from the front"
    if face.burnt > CLIPPED_SHARE:
        yield f"{face.burnt:.0%} of the face is burnt out: less light, or a shorter exposure"
    if flicker is None or flicker.percent < FLICKER_PERCENT:
        return
    if flicker.frequency_hz is not None:
        yield (
            f"the light flickers by {flicker.percent:.1f} % (seen at {flicker.frequency_hz:.1f} "
            "Hz): set the camera's power line frequency (50 or 60 Hz), or take daylight"
        )
    else:
        yield (
            f"the brightness wanders by {flicker.percent:.1f} %: fix exposure and white balance, "
            "and keep screens and windows off the face"
        )


def _about_motion(found: Examination) -> Iterator[str]:
    if found.noise is None and found.face.present >= FACE_SHARE:
        yield "there was too little stillness to tell: again, longer (--seconds 30), and silent"
    restless = found.head_p95_px is not None and found.head_p95_px > RESTLESS_PX
    if restless:
        yield (
            f"the head moves by {found.head_p95_px:.1f} px in half a second: a chair with a back, "
            "a camera that stands firmly, the screen at eye level"
        )
    noise = found.noise
    if noise is not None and noise.trusted_px > NOISY_PX and not restless:
        where = "brows" if noise.brows_px > noise.mouth_px else "mouth"
        yield (
            f"the picture is noisy at the {where} ({noise.trusted_px:.2f} px): more light, so that "
            "the gain falls; no beauty filter, noise reduction, background blur or autofocus; a "
            "higher bit rate; and was the face kept still, without speaking?"
        )
