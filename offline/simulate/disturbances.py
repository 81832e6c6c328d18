"""What real video has besides expressions: blinks, speech, head motion, noise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offline.simulate.patterns import BROW_LEFT, BROW_RIGHT, LOWER, draw_displacement, draw_pattern
from offline.simulate.profiles import add_course, ease, smooth_noise

Floats = NDArray[np.float64]
RATE_HZ = 30


@dataclass(slots=True)
class Motion:
    """Displacement of everything over time, canonical px.

    Attributes
    ----------
    patches
        float64 (T, 10, 2).
    lids
        float64 (T, 2), apertures.
    head
        float64 (T, 3, 2): shift, turn, roll and scale, as ``step_features`` reports them.
    """

    patches: Floats
    lids: Floats
    head: Floats

    @classmethod
    def still(cls, ticks: int) -> "Motion":
        """Return a face that does not move."""
        return cls(np.zeros((ticks, 10, 2)), np.zeros((ticks, 2)), np.zeros((ticks, 3, 2)))

    def stacked(self) -> Floats:
        """Return all of it in the order of ``NODES``, without posture, (T, 14, 2)."""
        return np.concatenate([self.patches, self.lids[:, None], self.head], axis=1)


def add_blinks(rng: np.random.Generator, motion: Motion, per_minute: float) -> None:
    """Add blinks: the lids close, and the brow patches follow a little."""
    ticks = len(motion.lids)
    brows = np.zeros((10, 2))
    brows[list(BROW_LEFT + BROW_RIGHT), 1] = rng.normal(0.5, 0.5) * rng.uniform(0.4, 1.2, 6)
    brows[list(BROW_LEFT), 0] = rng.normal(0, 0.15, 3)
    brows[list(BROW_RIGHT), 0] = rng.normal(0, 0.15, 3)
    for start in rng.integers(0, ticks, rng.poisson(per_minute * ticks / RATE_HZ / 60)):
        slow = rng.random() < 0.15
        close = int(rng.integers(2, 5)) if not slow else int(rng.integers(5, 20))
        shut = int(rng.integers(0, 3)) if not slow else int(rng.integers(0, 30))
        reopen = int(rng.integers(3, 9)) if not slow else int(rng.integers(6, 25))
        course = np.concatenate([ease(close), np.ones(shut), 1 - ease(reopen)])
        depth = rng.uniform(2.5, 9.0) * (rng.uniform(0.3, 0.7) if slow else 1.0)
        add_course(motion.lids, int(start), course, -depth * rng.uniform(0.85, 1.0, 2))
        follow = brows * rng.uniform(0.3, 1.5) * rng.uniform(0.2, 1.6)
        follow = follow + rng.normal(0, 0.1, follow.shape) * (follow != 0)
        add_course(motion.patches, int(start), course, follow * depth / 8)


def add_speech(rng: np.random.Generator, motion: Motion, per_minute: float) -> None:
    """Add bursts of mouth motion at the rate of syllables."""
    ticks = len(motion.lids)
    for start in rng.integers(0, ticks, rng.poisson(per_minute * ticks / RATE_HZ / 60)):
        length = min(int(rng.integers(20, 240)), ticks - int(start))
        envelope = np.minimum(1, np.minimum(np.arange(1, length + 1), np.arange(length, 0, -1)) / 6)
        for _ in range(3):
            shape = draw_displacement(rng, draw_pattern(rng, LOWER), one_sided=0.1)
            shape[:6] *= 0.15
            strength = rng.uniform(0.5, 3.5)
            syllables = smooth_noise(rng, length, rng.uniform(1.5, 4.0))
            wave = strength * envelope * syllables
            motion.patches[start : start + length] += wave[:, None, None] * shape


def add_head(rng: np.random.Generator, motion: Motion, strength: float) -> None:
    """Add head motion, and what of it the alignment leaves on the patches.

    Parameters
    ----------
    rng
        Source of randomness.
    motion
        Changed in place.
    strength
        0 for a chin rest, 1 for someone at a desk, 2 for someone restless.
    """
    ticks = len(motion.lids)
    sway = np.array([[1.5, 1.2], [0.8, 0.8], [0.4, 0.5]]) * strength
    head = np.stack(
        [
            smooth_noise(rng, ticks, rng.uniform(12, 60)) * rng.uniform(0.1, 1) * sway.flat[mode]
            for mode in range(6)
        ],
        axis=1,
    ).reshape(ticks, 3, 2)
    moves = np.array([[30, 24], [9, 8], [7, 8]])
    for start in rng.integers(0, ticks, rng.poisson(strength * 8 * ticks / RATE_HZ / 60)):
        rise, fall = int(rng.integers(6, 45)), int(rng.integers(6, 45))
        course = ease(rise)
        if rng.random() < 0.6:
            course = np.concatenate([course, np.ones(int(rng.integers(0, 40))), 1 - ease(fall)])
        modes = rng.random((3, 2)) < 0.4
        add_course(head, int(start), course, modes * moves * rng.normal(0, 0.7, (3, 2)))
    motion.head += head
    motion.patches += _leak(rng, head)
    motion.lids += (head[:, 1, 1:] * rng.normal(0, 0.15)).repeat(2, axis=1)


def _leak(rng: np.random.Generator, head: Floats) -> Floats:
    """Return the part of head motion that stays on the patches, (T, 10, 2)."""
    share = np.exp(rng.uniform(np.log(0.01), np.log(0.4)))
    size = share * np.array([[0.35, 0.35], [2.5, 2.5], [1.2, 1.2]])
    common = rng.normal(0, 1, (2, 3, 2, 1, 2)) * np.array([0.7, 1.0])[:, None, None, None, None]
    own = rng.normal(0, 0.5, (3, 2, 10, 2))
    upper = np.arange(10) < 6
    gain = np.where(upper[:, None], common[0], common[1]) + own
    gain *= size[:, :, None, None]
    return np.asarray(np.einsum("tmk,mkpc->tpc", head, gain))


def add_drift(rng: np.random.Generator, motion: Motion) -> None:
    """Add slow changes of posture of the face itself, which are not expressions."""
    ticks = len(motion.lids)
    for patch in range(10):
        for axis in range(2):
            slow = smooth_noise(rng, ticks, rng.uniform(60, 200))
            motion.patches[:, patch, axis] += slow * rng.uniform(0, 0.6)
    motion.lids += (smooth_noise(rng, ticks, rng.uniform(40, 150)) * rng.uniform(0, 1.2))[:, None]


def add_gaze(rng: np.random.Generator, motion: Motion, per_minute: float) -> None:
    """Add shifts of gaze: the lids follow the eye in a step, the brows hardly."""
    ticks = len(motion.lids)
    for start in rng.integers(0, ticks, rng.poisson(per_minute * ticks / RATE_HZ / 60)):
        course = ease(int(rng.integers(2, 5)))
        if rng.random() < 0.8:
            course = np.concatenate(
                [course, np.ones(int(rng.integers(3, 60))), 1 - ease(int(rng.integers(2, 5)))]
            )
        drop = rng.normal(0, 1.5)
        add_course(motion.lids, int(start), course, np.full(2, drop))
        follow = np.zeros((10, 2))
        follow[:6] = rng.normal(0, 0.12, (6, 2))
        follow[:6, 1] += 0.05 * drop
        add_course(motion.patches, int(start), course, follow)
