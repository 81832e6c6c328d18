"""Lids that close over the eye and lips that part: the two places where skin slides apart.

A smooth displacement field cannot show them. Both are written as an inverse vertical map, from
where a pixel is now to where its skin was in the neutral face, exact at the moving edge and
fading away from it. What lies between the edges (eyeball, inside of the mouth) is a layer below.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

LEFT_EYE: Final = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133),
    (33, 7, 163, 144, 145, 153, 154, 155, 133),
)
RIGHT_EYE: Final = (
    (362, 398, 384, 385, 386, 387, 388, 466, 263),
    (362, 382, 381, 380, 374, 373, 390, 249, 263),
)
MOUTH: Final = (
    (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
    (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308),
)
"""Upper and lower edge of each opening, in the order of x; left and right of the picture."""

SOLVER_STEPS: Final = 14


@dataclass(frozen=True, slots=True)
class Opening:
    """The neutral edges of one opening, and how far skin follows them.

    Attributes
    ----------
    xs, upper, lower
        float32 (K,), px of the neutral frame: both edges over x, equal beyond the corners.
    profile
        float32 (K,): share of the largest travel at each x, 0 at the corners.
    fold_px
        Length of the skin above and below that follows the edges, px.
    straight
        True where skin stretches evenly over that length (lid), False where it follows with a
        Gaussian (lip).
    """

    xs: Array
    upper: Array
    lower: Array
    profile: Array
    fold_px: tuple[float, float]
    straight: bool

    @property
    def height_px(self) -> float:
        """Largest distance of the two edges, px."""
        return float((self.lower - self.upper).max())

    def box(self, reach: float) -> tuple[float, float, float, float]:
        """Return x0, y0, x1, y1 of all skin that can move when an edge travels ``reach`` px."""
        inside = self.profile > 0
        above, below = (3 * fold + reach for fold in self.fold_px)
        xs = self.xs[inside]
        return (
            float(xs[0]),
            float(self.upper[inside].min() - above),
            float(xs[-1]),
            float(self.lower[inside].max() + below),
        )


def eye_opening(mesh: Array, eye: tuple[tuple[int, ...], tuple[int, ...]]) -> Opening:
    """Return the lids of one eye of an upright mesh, float32 (468, 3)."""
    unit = float(mesh[263, 0] - mesh[33, 0])
    xs, upper, lower = _edges(mesh, eye)
    # the mesh runs inside the lashes: without this a closing lid drags a rim of eyeball along
    gap = lower - upper
    upper, lower = upper - 0.16 * gap, lower + 0.08 * gap
    height = max(float((lower - upper).max()), 1e-3)
    return Opening(xs, upper, lower, (lower - upper) / height, (0.1 * unit, 0.1 * unit), True)


def mouth_opening(mesh: Array) -> Opening:
    """Return the lips of an upright mesh, float32 (468, 3)."""
    unit = float(mesh[263, 0] - mesh[33, 0])
    xs, upper, lower = _edges(mesh, MOUTH)
    corner_left, corner_right = mesh[78, 0], mesh[308, 0]
    across = (2 * xs - corner_left - corner_right) / max(corner_right - corner_left, 1e-3)
    profile = np.clip(1 - across**2, 0, None) ** 0.8
    return Opening(xs, upper, lower, profile.astype(np.float32), (0.11 * unit, 0.13 * unit), False)


def _edges(mesh: Array, rows: tuple[tuple[int, ...], tuple[int, ...]]) -> tuple[Array, ...]:
    upper, lower = mesh[list(rows[0]), :2], mesh[list(rows[1]), :2]
    start, stop = float(upper[0, 0]), float(upper[-1, 0])
    xs = np.arange(start - 2, stop + 2.5, 0.5, dtype=np.float32)
    curves = [_smooth(edge, xs, start, stop) for edge in (upper, lower)]
    middle = (curves[0] + curves[1]) / 2
    return (
        xs,
        np.minimum(curves[0], middle).astype(np.float32),
        np.maximum(curves[1], middle).astype(np.float32),
    )


def _smooth(edge: Array, xs: Array, start: float, stop: float) -> Array:
    """Fit a curve through both corners: nine points joined by lines would show their kinks."""
    along = np.clip((xs - start) / (stop - start), 0, 1)
    chord = edge[0, 1] + (edge[-1, 1] - edge[0, 1]) * along
    knots = np.clip((edge[1:-1, 0] - start) / (stop - start), 0, 1)
    rise = edge[1:-1, 1] - (edge[0, 1] + (edge[-1, 1] - edge[0, 1]) * knots)
    basis = _vanishing(knots)
    weights = np.linalg.lstsq(basis, rise, rcond=None)[0]
    return np.asarray(chord + _vanishing(along) @ weights, np.float32)


def _vanishing(at: Array) -> Array:
    return np.stack([at * (1 - at) * at**power for power in range(4)], axis=1)


@dataclass(frozen=True, slots=True)
class Parted:
    """An opening whose edges have travelled: ``up_px`` upwards and ``down_px`` downwards."""

    opening: Opening
    up_px: float
    down_px: float

    def edges(self, x: Array) -> tuple[Array, Array]:
        """Return the y of the upper and the lower edge now, float32 of the shape of ``x``."""
        opening = self.opening
        share = _at(x, opening, opening.profile)
        upper = _at(x, opening, opening.upper) - self.up_px * share
        lower = _at(x, opening, opening.lower) + self.down_px * share
        return upper, lower

    def skin(self, x: Array, y: Array, below: NDArray[np.bool_] | None = None) -> Array:
        """Return the neutral y of the skin that is now at (x, y), float32 of their shape.

        ``below`` says which points belong to the lower lid or lip; without it the middle of the
        opening decides.
        """
        return self._skin(y, below, *self.edges(x), _at(x, self.opening, self.opening.profile))

    def moved(self, points: Array, below: NDArray[np.bool_]) -> Array:
        """Return where neutral skin points, float32 (N, 2), are now: float32 (N,) y.

        ``below`` says which points belong to the lower lid or lip.
        """
        x, neutral = points[:, 0], points[:, 1]
        upper, lower = self.edges(x)
        share = _at(x, self.opening, self.opening.profile)
        y = neutral.copy()
        for _ in range(SOLVER_STEPS):
            y += neutral - self._skin(y, below, upper, lower, share)
        return y

    def _skin(
        self, y: Array, below: NDArray[np.bool_] | None, upper: Array, lower: Array, share: Array
    ) -> Array:
        under = y > (upper + lower) / 2 if below is None else below
        up, down = np.float32(-self.up_px) * share, np.float32(self.down_px) * share
        above = y - up * self._follow(upper - y, up, 0)
        return np.where(under, y - down * self._follow(y - lower, -down, 1), above)

    def _follow(self, distance: Array, towards: Array, edge: int) -> Array:
        """Share of the edge's travel that skin at some distance from it makes, in [0, 1]."""
        fold = self.opening.fold_px[edge]
        if self.opening.straight:
            stretched = fold + np.maximum(towards, 0)
            return np.clip(1 - distance / stretched, 0, 1)
        return np.asarray(np.exp(-0.5 * (np.maximum(distance, 0) / fold) ** 2), np.float32)


def _at(x: Array, opening: Opening, curve: Array) -> Array:
    return np.interp(x, opening.xs, curve).astype(np.float32)
