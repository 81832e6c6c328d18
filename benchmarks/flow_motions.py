"""Rendered motion that is no expression: the head moves, the light changes, the face is at rest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.synthesis.action_units import no_actions
from realtime.synthesis.disturbances import Disturbances
from realtime.synthesis.render import Renderer
from realtime.synthesis.sensor import Sensor
from realtime.synthesis.state import FaceState, HeadPose, Light
from realtime.types import RATE_HZ, WINDOW

REST_TICKS: Final = 4
"""The face is at rest this long, so that the tracker settles, before the window begins."""

WINDOW_TICK: Final = REST_TICKS + WINDOW // 2
"""Centre of the window that spans a whole motion."""

TICKS: Final = REST_TICKS + WINDOW

TURN_DEG, LEAN, SLIDE_PX = 10.0, 0.08, 20.0
"""Degrees, growth of the person, canonical px."""

FLICKER_HZ, FLICKER = 10.0, 0.03
"""Mains of 50 Hz seen at 30 frames per second beats at 10 Hz; share of the brightness."""

BRIGHTER, GRADIENT = 0.1, 0.1
"""Slow change: growth of the light, and of its slope across the picture."""

State = Callable[[float], FaceState]
"""From the part of the motion that is over, 0 to 1, to the state of face, head and light."""


@dataclass(frozen=True, slots=True)
class Motion:
    """One kind of motion within half a second.

    Attributes
    ----------
    name
        For the table.
    variants
        In its directions.
    head
        True where the head moves; False where nothing does but light and noise.
    """

    name: str
    variants: tuple[State, ...]
    head: bool = True


def moving(pose: HeadPose) -> State:
    """Return the smooth motion from rest to a pose."""

    def state(part: float) -> FaceState:
        level = ease(part)
        return FaceState(
            pose=HeadPose(
                level * pose.yaw_deg,
                level * pose.pitch_deg,
                level * pose.roll_deg,
                (level * pose.shift_px[0], level * pose.shift_px[1]),
                level * pose.lean,
            )
        )

    return state


def ease(part: float) -> float:
    """Return a smooth step from 0 to 1."""
    return float(np.sin(0.5 * np.pi * np.clip(part, 0, 1)) ** 2)


def _flicker(part: float) -> FaceState:
    seconds = part * (WINDOW - 1) / RATE_HZ
    # not at multiples of the period: a window's ends would look alike
    return FaceState(light=Light(1 + FLICKER * float(np.sin(2 * np.pi * FLICKER_HZ * seconds + 1))))


def _lamp(sign: float) -> State:
    def state(part: float) -> FaceState:
        level = sign * ease(part)
        return FaceState(light=Light(gain=1 + BRIGHTER * level, gradient=GRADIENT * level))

    return state


def _still(_part: float) -> FaceState:
    return FaceState()


def _both(make: Callable[[float], HeadPose]) -> tuple[State, ...]:
    return moving(make(1.0)), moving(make(-1.0))


MOTIONS: Final = (
    Motion("still", (_still,), head=False),
    Motion("yaw 10°", _both(lambda s: HeadPose(yaw_deg=s * TURN_DEG))),
    Motion("pitch 10°", _both(lambda s: HeadPose(pitch_deg=s * TURN_DEG))),
    Motion("roll 10°", _both(lambda s: HeadPose(roll_deg=s * TURN_DEG))),
    Motion("distance 8 %", _both(lambda s: HeadPose(lean=s * LEAN))),
    Motion("sliding across 20 px", _both(lambda s: HeadPose(shift_px=(s * SLIDE_PX, 0)))),
    Motion("sliding down 20 px", _both(lambda s: HeadPose(shift_px=(0, s * SLIDE_PX)))),
    Motion("flicker 3 %", (_flicker,), head=False),
    Motion("light 10 %", (_lamp(1.0), _lamp(-1.0)), head=False),
)


def shoot_motion(
    renderer: Renderer,
    state: State,
    noise: Disturbances,
    seed: int = 0,
    actions: NDArray[np.float32] | None = None,
) -> list[NDArray[np.uint8]]:
    """Render a motion: rest, then sixteen ticks of it.

    Parameters
    ----------
    renderer
        Who moves.
    state
        How.
    noise
        Of the sensor.
    seed
        Of the noise.
    actions
        float32 (len(ACTIONS), 2): an expression that grows along with the motion, canonical px.

    Returns
    -------
    list of uint8 (H, W, 3)
        ``TICKS`` pictures at 30 Hz.
    """
    sensor = Sensor(np.random.default_rng([seed, 7]), renderer.stage.size, noise)
    shown = no_actions() if actions is None else actions
    out = []
    for part in parts():
        now = replace(state(part), expression=np.float32(ease(part)) * shown)
        out.append(sensor.expose(renderer.render(now).image, now.light))
    return out


def parts() -> Sequence[float]:
    """Return the part of the motion that is over at each of ``TICKS`` ticks."""
    moved = [tick / (WINDOW - 1) for tick in range(WINDOW)]
    return [0.0] * REST_TICKS + moved
