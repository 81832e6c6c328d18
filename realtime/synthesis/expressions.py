"""Scripted expressions: which action units, how strong, and how they rise and fall."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.intervals import Kind
from realtime.synthesis.action_units import ACTIONS, BUMPS, Side, no_actions

Mix = tuple[tuple[str, float], ...]

MIDLINE: Final = frozenset({"AU17", "AU18", "AU23", "AU24", "AU25", "AU26"})
"""Action units of unpaired muscles: they act on both sides whatever the expression's side."""

VISIBLE: Final = 0.06
"""Share of the peak from which on an annotator sees an expression."""

SHORTEST_MICRO_S, LONGEST_MICRO_S = 0.24, 0.54
"""From rest to rest. The visible frames at 30 Hz, both ends counted, span 0.2 s to 0.5 s."""

SHORTEST_MACRO_S, LONGEST_MACRO_S = 0.65, 3.95
"""From rest to rest. The visible frames at 30 Hz, both ends counted, span over 0.5 s to 4 s."""

PLATEAU_SAG: Final = 0.08
"""Loss of intensity towards the end of a plateau, so that the apex is one moment."""

MICRO_PX, MACRO_PX = (0.4, 2.5), (1.5, 10.0)
"""Range of the peak displacement, canonical px, drawn uniformly in the logarithm."""

MACRO_MIXES: Final[tuple[Mix, ...]] = (
    (("AU12", 1.0), ("AU6", 0.45)),
    (("AU12", 1.0), ("AU6", 0.5), ("AU25", 0.5)),
    (("AU12", 1.0),),
    (("AU1", 0.9), ("AU2", 1.0), ("AU5", 0.25)),
    (("AU1", 0.7), ("AU2", 0.7), ("AU5", 0.3), ("AU26", 1.0), ("AU25", 0.4)),
    (("AU4", 1.0), ("AU7", 0.3)),
    (("AU4", 1.0), ("AU7", 0.4), ("AU24", 0.5)),
    (("AU1", 0.9), ("AU4", 0.5), ("AU15", 1.0), ("AU17", 0.4)),
    (("AU9", 1.0), ("AU10", 0.6), ("AU4", 0.3)),
    (("AU10", 1.0), ("AU17", 0.5)),
    (("AU20", 1.0), ("AU25", 0.4), ("AU1", 0.4), ("AU2", 0.4)),
    (("AU15", 1.0), ("AU17", 0.7)),
    (("AU14", 1.0),),
    (("AU18", 1.0),),
    (("AU23", 0.8), ("AU24", 1.0)),
    (("AU26", 1.0), ("AU25", 0.5)),
)

MICRO_MIXES: Final[tuple[Mix, ...]] = (
    (("AU4", 1.0),),
    (("AU1", 1.0),),
    (("AU2", 1.0),),
    (("AU1", 1.0), ("AU2", 0.9)),
    (("AU12", 1.0),),
    (("AU12", 1.0), ("AU6", 0.4)),
    (("AU14", 1.0),),
    (("AU15", 1.0),),
    (("AU17", 1.0),),
    (("AU10", 1.0),),
    (("AU9", 1.0), ("AU4", 0.4)),
    (("AU24", 1.0),),
    (("AU20", 1.0),),
    (("AU4", 1.0), ("AU7", 0.4)),
    (("AU4", 0.9), ("AU15", 1.0)),
)


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression of a script.

    Attributes
    ----------
    kind
        Micro or macro.
    mix
        Action units with the share of ``peak_px`` that each makes.
    side
        Side of the picture that shows it.
    onset_s, apex_s, offset_s
        Neutral until the onset and from the offset on; full intensity at the apex.
    peak_px
        Displacement at the apex of the mesh point that a unit of share 1 moves most,
        canonical px (96 px between the outer eye corners).
    attack_s, release_s
        Time from the onset to the plateau, and from the plateau to the offset.

    Raises
    ------
    ValueError
        If the times are out of order or an action unit is unknown.
    """

    kind: Kind
    mix: Mix
    side: Side
    onset_s: float
    apex_s: float
    offset_s: float
    peak_px: float
    attack_s: float
    release_s: float

    def __post_init__(self) -> None:
        rises, falls = self.onset_s + self.attack_s, self.offset_s - self.release_s
        if not self.onset_s < rises <= self.apex_s + 1e-9 or not self.apex_s - 1e-9 <= falls:
            raise ValueError(
                f"expression at {self.onset_s} s: apex {self.apex_s} s off its plateau"
            )
        if unknown := [name for name, _ in self.mix if name not in BUMPS]:
            raise ValueError(f"unknown action unit {unknown[0]}; known: {', '.join(ACTIONS)}")

    def intensity(self, time_s: float) -> float:
        """Return the intensity at a time, in [0, 1]: 0 outside, 1 at the apex."""
        if not self.onset_s < time_s < self.offset_s:
            return 0.0
        rise = min(1.0, (time_s - self.onset_s) / self.attack_s)
        fall = min(1.0, (self.offset_s - time_s) / self.release_s)
        before = self.apex_s - self.onset_s - self.attack_s
        after = self.offset_s - self.release_s - self.apex_s
        reach = before if time_s < self.apex_s else after
        away = min(1.0, abs(time_s - self.apex_s) / reach) if reach > 1e-9 else 0.0
        return _ease(rise) * _ease(fall) * (1 - PLATEAU_SAG * away**2)

    def actions(self, time_s: float) -> NDArray[np.float32]:
        """Return the action units at a time, float32 (len(ACTIONS), 2), canonical px."""
        total = no_actions()
        level = self.peak_px * self.intensity(time_s)
        for name, share in self.mix if level else ():
            weights = (1.0, 1.0) if name in MIDLINE else self.side.weights
            total[ACTIONS.index(name)] += np.asarray(weights, np.float32) * share * level
        return total


def _ease(part: float) -> float:
    return float(np.sin(0.5 * np.pi * part) ** 2)


def visible_frames(
    expression: Expression, times_s: NDArray[np.float64]
) -> tuple[int, int, int] | None:
    """Return onset, apex and offset of an expression as frames, as an annotator would mark them.

    Parameters
    ----------
    expression
        In the time of the frames.
    times_s
        float64 (T,): increasing times of the frames.

    Returns
    -------
    tuple or None
        The first frame with at least 6 % of the peak, the first that shows the most, and the
        last with at least 6 %; None where no frame shows so much.
    """
    first = int(np.searchsorted(times_s, expression.onset_s))
    last = int(np.searchsorted(times_s, expression.offset_s))
    levels = np.array([expression.intensity(time_s) for time_s in times_s[first:last]])
    seen = np.flatnonzero(levels >= VISIBLE)
    if not seen.size:
        return None
    return first + int(seen[0]), first + int(np.argmax(levels)), first + int(seen[-1])


def draw_expression(rng: np.random.Generator, kind: Kind, onset_s: float) -> Expression:
    """Draw a plausible expression that begins at ``onset_s``."""
    micro = kind is Kind.MICRO
    mixes = MICRO_MIXES if micro else MACRO_MIXES
    duration = _micro_duration(rng) if micro else _macro_duration(rng)
    attack = duration * rng.uniform(0.3, 0.48) if micro else _limb(rng, duration)
    release = duration * rng.uniform(0.35, 0.5) if micro else 1.2 * _limb(rng, duration)
    sided = rng.random() < (0.4 if micro else 0.15)
    side = Side.BOTH if not sided else (Side.LEFT if rng.random() < 0.5 else Side.RIGHT)
    low, high = MICRO_PX if micro else MACRO_PX
    return Expression(
        kind=kind,
        mix=mixes[int(rng.integers(len(mixes)))],
        side=side,
        onset_s=onset_s,
        apex_s=onset_s + attack,
        offset_s=onset_s + duration,
        peak_px=float(np.exp(rng.uniform(np.log(low), np.log(high)))),
        attack_s=attack,
        release_s=release,
    )


def _micro_duration(rng: np.random.Generator) -> float:
    return float(rng.uniform(SHORTEST_MICRO_S, LONGEST_MICRO_S))


def _macro_duration(rng: np.random.Generator) -> float:
    """Mostly one to two seconds, some held almost to the longest."""
    if rng.random() < 0.2:
        return float(rng.uniform(2.0, LONGEST_MACRO_S))
    return float(np.exp(rng.uniform(np.log(SHORTEST_MACRO_S), np.log(2.2))))


def _limb(rng: np.random.Generator, duration: float) -> float:
    return float(min(rng.uniform(0.2, 0.65), 0.4 * duration))
