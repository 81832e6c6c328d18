"""What one rendered frame is made of: the state of the face, the head and the light."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from realtime.synthesis.action_units import no_actions


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Rigid motion away from the portrait's own pose.

    Attributes
    ----------
    yaw_deg, pitch_deg, roll_deg
        Turns about the vertical, the horizontal and the viewing axis, degrees. Positive: the
        nose goes right in the picture, down in the picture, and the head tips clockwise.
    shift_px
        Translation (x right, y down), canonical px.
    lean
        Relative growth of the person: 0.1 is ten per cent nearer.
    """

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    shift_px: tuple[float, float] = (0.0, 0.0)
    lean: float = 0.0


@dataclass(frozen=True, slots=True)
class Light:
    """Light of one frame: overall gain, warmth (red over blue) and a gradient to the right."""

    gain: float = 1.0
    warmth: float = 0.0
    gradient: float = 0.0


@dataclass(frozen=True, slots=True)
class FaceState:
    """All that changes from frame to frame.

    Attributes
    ----------
    expression
        float32 (len(ACTIONS), 2): action units of scripted expressions, left and right side of
        the picture, canonical px.
    distractor
        The same for motion that is no expression (speech).
    closure
        How far a blink closed the lids (left, right): 0 as in the portrait, 1 shut.
    gaze_px
        Shift of both irises (x, y), canonical px.
    """

    expression: NDArray[np.float32] = field(default_factory=no_actions)
    distractor: NDArray[np.float32] = field(default_factory=no_actions)
    closure: tuple[float, float] = (0.0, 0.0)
    gaze_px: tuple[float, float] = (0.0, 0.0)
    pose: HeadPose = HeadPose()
    light: Light = Light()
