"""A day of events on a fast clock: nobody in view, one person, many, and gaps."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.intervals import Kind
from realtime.events.messages import (
    EventData,
    Expression,
    FaceFound,
    FaceLost,
    Phase,
    StreamEnd,
    StreamGap,
)
from realtime.events.telemetry import Telemetry
from realtime.types import FLOW_NODES, RATE_HZ

SCENES: Final = ("nobody", "one", "many", "gap")
CHANCES: Final = (0.3, 0.4, 0.2, 0.1)
MOST_FACES: Final = 5
SCENE_S: Final = (60.0, 900.0)
GAP_S: Final = (0.2, 20.0)
PAUSE_S: Final = 12.0
"""Mean time from one expression of a face to the next, s."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happens at a stream time, s."""

    time_s: float
    data: EventData


def make_day(rng: np.random.Generator, seconds: float, telemetry_s: float) -> Iterator[Moment]:
    """Yield what a stream says in order of time, from its first face to its end.

    Parameters
    ----------
    rng
        Draws the scenes.
    seconds
        Length of the day, s of stream time.
    telemetry_s
        From one telemetry of a face to the next, s.
    """
    now_s, face = 0.0, 0
    while now_s < seconds:
        scene = str(rng.choice(SCENES, p=CHANCES))
        length_s = float(rng.uniform(*(GAP_S if scene == "gap" else SCENE_S)))
        last_s = min(seconds, now_s + length_s)
        if scene == "gap":
            yield Moment(last_s, StreamGap(now_s, last_s, "no frames"))
        else:
            count = {"nobody": 0, "one": 1, "many": int(rng.integers(2, MOST_FACES + 1))}[scene]
            yield from _scene(rng, now_s, last_s, range(face, face + count), telemetry_s)
            face += count
        now_s = last_s
    ticks = round(seconds * RATE_HZ)
    yield Moment(seconds, StreamEnd("finished", seconds, ticks, ticks))


def _scene(
    rng: np.random.Generator, first_s: float, last_s: float, faces: range, telemetry_s: float
) -> Iterator[Moment]:
    moments = [Moment(first_s, FaceFound(face, first_s)) for face in faces]
    for face in faces:
        moments += _expressions(rng, first_s, last_s, face)
    for face in [*faces] or [None]:
        times_s = np.arange(first_s, last_s, telemetry_s).tolist()
        moments += [Moment(time_s, _telemetry(rng, time_s, face)) for time_s in times_s]
    # in a scene of nothing at all the sort leaves the order of what is at one moment as it was
    yield from sorted(moments, key=lambda moment: moment.time_s)
    for face in faces:
        yield Moment(last_s, FaceLost(face, last_s))


def _expressions(
    rng: np.random.Generator, first_s: float, last_s: float, face: int
) -> list[Moment]:
    out: list[Moment] = []
    number, onset_s = 0, first_s + float(rng.exponential(PAUSE_S))
    while onset_s + 5 < last_s:
        kind = Kind.MICRO if rng.random() < 0.5 else Kind.MACRO
        length_s = float(rng.uniform(0.2, 0.5) if kind is Kind.MICRO else rng.uniform(0.5, 4.0))
        name = f"0-{face}-{number}"
        apex_s, offset_s = onset_s + length_s / 2, onset_s + length_s
        final = Phase.RETRACTED if rng.random() < 0.1 else Phase.END
        for phase, at_s in ((Phase.NEW, apex_s), (Phase.UPDATE, offset_s), (final, offset_s)):
            is_over = phase is not Phase.NEW
            found = Expression(
                name, phase, kind, onset_s, apex_s, offset_s if is_over else None, 0.7, face
            )
            out.append(Moment(at_s + 0.3, found))
        number, onset_s = number + 1, offset_s + float(rng.exponential(PAUSE_S))
    return out


def _telemetry(rng: np.random.Generator, time_s: float, face: int | None) -> Telemetry:
    if face is None:
        return Telemetry(time_s, rates={"capture_hz": RATE_HZ, "tick_hz": RATE_HZ})
    points = tuple((float(x), float(y)) for x, y in rng.normal(0, 1, (len(FLOW_NODES), 2)).round(2))
    scores = {"micro_apex": float(rng.random()), "macro_apex": float(rng.random())}
    return Telemetry(time_s, face, scores, points, points)
