"""Points drawn from full labels, as GIM's experiments do: one frame in every instance.

The paper draws each from a Gaussian around the true apex and does not give its sigma. Here sigma is
a share of the instance's length in frames, by default one sixth: three sigma to either side span
an instance whose apex is in its middle, so that points are near the apex and at most a few in a
thousand draws fall outside and are clipped.
"""

import math
import zlib
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import groupby
from typing import Final

import numpy as np

from engines.errors import UsageError
from engines.intervals import Kind
from offline.evaluation.instances import Instance
from offline.points.points import Point

DEFAULT_SIGMA: Final = 1 / 6
"""Standard deviation of a Gaussian point, in lengths of its instance."""


class How(StrEnum):
    """Where in its instance a point lies."""

    UNIFORM = "uniform"
    GAUSSIAN = "gaussian"
    APEX = "apex"


def points_from_truth(
    instances: Sequence[Instance], how: How | str, seed: int, sigma: float = DEFAULT_SIGMA
) -> list[Point]:
    """Return exactly one point for each instance, ordered by video and onset.

    A video's points depend on its own instances and the seed alone: not on the order of the table,
    nor on what other videos it names. No two points are on one frame: where a draw falls on a frame
    that is taken, the nearest free frame of the instance is, and where none is free, an earlier
    point makes room.

    Parameters
    ----------
    instances
        Labelled expressions, in frames. An apex that is unknown, or outside the interval, is taken
        to be in the middle.
    how
        ``uniform``: any frame from onset to offset alike; ``gaussian``: normal around the apex,
        rounded, clipped to the instance; ``apex``: the apex itself.
    seed
        Of the draws.
    sigma
        Standard deviation of ``gaussian``, in lengths of the instance.

    Raises
    ------
    UsageError
        If ``how`` or sigma is not possible, an instance has no kind or begins before frame 0, or
        there are more instances than frames that they span.
    """
    rule = _rule(how)
    if not (math.isfinite(sigma) and sigma > 0):
        raise UsageError(f"sigma {sigma:g} is not a positive share of an instance's length")
    ordered = sorted(instances, key=_place_in_table)
    points: list[Point] = []
    for video, group in groupby(ordered, key=lambda instance: instance.video):
        rng = np.random.default_rng((seed, zlib.crc32(video.encode())))
        points += _points_of_video(list(group), rule, rng, sigma)
    return points


def _place_in_table(one: Instance) -> tuple[str, int, int, str, int]:
    apex = one.onset - 1 if one.apex is None else one.apex
    return one.video, one.onset, one.offset, one.kind or "", apex


def _rule(how: How | str) -> How:
    try:
        return How(how)
    except ValueError as error:
        raise UsageError(f"points cannot be {how!r}: choose {', '.join(How)}") from error


def _points_of_video(
    instances: Sequence[Instance], how: How, rng: np.random.Generator, sigma: float
) -> list[Point]:
    kinds = [_require_sound(instance) for instance in instances]
    frames = _place(instances, [_draw(instance, how, rng, sigma) for instance in instances])
    return [Point(i.video, f, k) for i, f, k in zip(instances, frames, kinds, strict=True)]


def _require_sound(instance: Instance) -> Kind:
    where = f"{instance.video}, frames {instance.onset} to {instance.offset}"
    if instance.kind is None:
        raise UsageError(f"{where}: a label without a kind has no point")
    if instance.onset < 0:
        raise UsageError(f"{where}: a label before the first frame has no point")
    return instance.kind


def _draw(instance: Instance, how: How, rng: np.random.Generator, sigma: float) -> int:
    apex = instance.sound_apex
    centre = (instance.onset + instance.offset) // 2 if apex is None else apex
    match how:
        case How.UNIFORM:
            return int(rng.integers(instance.onset, instance.offset, endpoint=True))
        case How.GAUSSIAN:
            drawn = round(rng.normal(centre, sigma * instance.length))
            return min(max(drawn, instance.onset), instance.offset)
        case How.APEX:
            return centre


def _place(instances: Sequence[Instance], wanted: Sequence[int]) -> list[int]:
    """Give each instance a frame of its own, near the one that it wants."""
    owners: dict[int, int] = {}
    for number, instance in enumerate(instances):
        if not _claim(number, instances, wanted, owners, set()):
            raise UsageError(
                f"{instance.video}: there are more labels around frames {instance.onset} to "
                f"{instance.offset} than frames for their points; correct the labels"
            )
    frames = {owner: frame for frame, owner in owners.items()}
    return [frames[number] for number in range(len(instances))]


def _claim(
    number: int,
    instances: Sequence[Instance],
    wanted: Sequence[int],
    owners: dict[int, int],
    tried: set[int],
) -> bool:
    """Take a free frame, else one whose owner finds another (an augmenting path)."""
    nearest = list(_by_distance(instances[number], wanted[number]))
    free = next((frame for frame in nearest if frame not in owners), None)
    if free is not None:
        owners[free] = number
        return True
    for frame in nearest:
        if frame in tried:
            continue
        tried.add(frame)
        if _claim(owners[frame], instances, wanted, owners, tried):
            owners[frame] = number
            return True
    return False


def _by_distance(instance: Instance, frame: int) -> Iterable[int]:
    frames = range(instance.onset, instance.offset + 1)
    return sorted(frames, key=lambda other: (abs(other - frame), other))
