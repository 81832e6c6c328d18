"""How each facial action moves the ten patches.

Directions follow the Facial Action Coding System; one row per patch of ``FLOW_NODES``, in (x right,
y down). A pattern's largest displacement is about 1; an amplitude in canonical px scales it.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BROW_LEFT: Final = (0, 1, 2)
BROW_RIGHT: Final = (5, 4, 3)
"""Outer to inner, like the left brow."""

CORNER_LEFT, TOP, CORNER_RIGHT, BOTTOM = 6, 7, 8, 9


@dataclass(frozen=True, slots=True)
class Pattern:
    """One facial action.

    Attributes
    ----------
    name
        Its name, with the number of the action unit.
    brow
        (3, 2): the image-left brow, outer to inner; mirrored for the other one.
    corner
        (2,): the image-left mouth corner; mirrored for the other one.
    top, bottom
        (2,): upper and lower lip.
    share
        Relative frequency.
    lids
        Change of lid aperture that goes with it, as a fraction of the amplitude.
    """

    name: str
    brow: tuple[tuple[float, float], ...] = ((0, 0), (0, 0), (0, 0))
    corner: tuple[float, float] = (0, 0)
    top: tuple[float, float] = (0, 0)
    bottom: tuple[float, float] = (0, 0)
    share: float = 1.0
    lids: float = 0.0

    def displacement(self, left: float, right: float) -> Floats:
        """Return (10, 2), with the strength of each half of the face in [0, 1]."""
        out = np.zeros((10, 2))
        mirror = np.array([-1.0, 1.0])
        out[list(BROW_LEFT)] = np.array(self.brow) * left
        out[list(BROW_RIGHT)] = np.array(self.brow) * mirror * right
        out[CORNER_LEFT] = np.array(self.corner) * left
        out[CORNER_RIGHT] = np.array(self.corner) * mirror * right
        tilt = (left - right) * 0.3 * abs(self.corner[0])
        out[TOP] = np.array(self.top) * (left + right) / 2 + (-tilt, 0)
        out[BOTTOM] = np.array(self.bottom) * (left + right) / 2 + (-tilt, 0)
        return out


UPPER: Final = (
    Pattern("AU1 inner brow raise", brow=((0, -0.2), (0, -0.6), (0.1, -1)), lids=0.1),
    Pattern("AU2 outer brow raise", brow=((-0.1, -1), (0, -0.8), (0, -0.4)), lids=0.1),
    Pattern("AU1+2 brow raise", brow=((0, -0.8), (0, -1), (0, -0.9)), share=3, lids=0.25),
    Pattern("AU4 frown", brow=((0.2, 0.4), (0.4, 0.7), (0.5, 0.8)), share=2, lids=-0.15),
    Pattern("AU1+4 grief", brow=((0.1, 0.1), (0.3, -0.2), (0.5, -0.6))),
)
LOWER: Final = (
    Pattern("AU12 smile", corner=(-1, -0.6), top=(0, -0.25), bottom=(0, 0.05), share=3, lids=-0.15),
    Pattern(
        "AU12+25 open smile",
        corner=(-1, -0.4),
        top=(0, -0.35),
        bottom=(0, 0.5),
        share=3,
        lids=-0.2,
    ),
    Pattern("AU14 dimple", corner=(-0.8, -0.1)),
    Pattern("AU15 corners down", corner=(-0.1, 1), top=(0, 0.15), bottom=(0, 0.35), share=2),
    Pattern("AU10 upper lip raise", corner=(-0.1, -0.4), top=(0, -1), share=1.5),
    Pattern(
        "AU9 nose wrinkle",
        brow=((0.1, 0.2), (0.2, 0.3), (0.3, 0.5)),
        top=(0, -0.7),
        corner=(0, -0.3),
        lids=-0.2,
    ),
    Pattern("AU17 chin raise", corner=(0.05, 0.25), top=(0, -0.3), bottom=(0, -1)),
    Pattern("AU18 pucker", corner=(0.9, 0.05), top=(0, -0.2), bottom=(0, 0.15), share=1.5),
    Pattern("AU20 stretch", corner=(-1, 0.3), top=(0, 0.1), bottom=(0, 0.15)),
    Pattern("AU24 press", corner=(0.05, 0), top=(0, 0.5), bottom=(0, -0.8), share=1.5),
    Pattern("AU26 jaw drop", corner=(0.15, 0.35), top=(0, 0.03), bottom=(0, 1), share=3),
    Pattern("AU27 mouth stretch", corner=(0.25, 0.4), top=(0, -0.2), bottom=(0, 1), share=1.5),
    Pattern("AU16+25 teeth", corner=(-0.4, 0.3), top=(0, -0.35), bottom=(0, 0.8)),
    Pattern("AU22+25 funnel", corner=(0.7, 0.1), top=(0, -0.5), bottom=(0, 0.6)),
)
SIDEWAYS: Final = Pattern("lips to one side", corner=(0, 0), share=1.0)


def draw_pattern(rng: np.random.Generator, family: tuple[Pattern, ...]) -> Pattern:
    """Return one pattern of a family by its share."""
    shares = np.array([pattern.share for pattern in family])
    return family[int(rng.choice(len(family), p=shares / shares.sum()))]


def draw_displacement(
    rng: np.random.Generator, pattern: Pattern, one_sided: float = 0.25
) -> Floats:
    """Return a person's own version of a pattern, (10, 2), largest displacement 1.

    Parameters
    ----------
    rng
        Source of randomness.
    pattern
        The action.
    one_sided
        Probability that it is clearly stronger on one side of the face.
    """
    left, right = rng.uniform(0.85, 1.0, 2)
    if rng.random() < one_sided:
        weak = rng.uniform(0.0, 0.6)
        left, right = (1.0, weak) if rng.random() < 0.5 else (weak, 1.0)
    out = pattern.displacement(left, right)
    out *= rng.uniform(0.7, 1.3, (10, 1))
    angle = rng.normal(0, 0.2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    out = out @ turn.T + rng.normal(0, 0.04, out.shape)
    return np.asarray(out / np.hypot(out[:, 0], out[:, 1]).max())


def draw_sideways(rng: np.random.Generator) -> Floats:
    """Return a skew of the mouth to one side, (10, 2), largest displacement 1."""
    out = np.zeros((10, 2))
    sign = rng.choice([-1.0, 1.0])
    out[[CORNER_LEFT, TOP, CORNER_RIGHT, BOTTOM], 0] = sign * rng.uniform(0.5, 1, 4)
    out[[CORNER_LEFT, TOP, CORNER_RIGHT, BOTTOM], 1] = rng.normal(0, 0.2, 4)
    return np.asarray(out / np.hypot(out[:, 0], out[:, 1]).max())
