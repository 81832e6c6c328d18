"""How far pseudo-apexes are from true ones (appendix A.3, figure 7)."""

from collections.abc import Sequence

from engines.intervals import Interval, Kind
from offline.gim.labels import PseudoLabels, TickPoint


def apex_distances(labels: PseudoLabels, truth: Sequence[Interval]) -> dict[Kind, list[int]]:
    """Return the distances from pseudo-apexes to true apexes, ticks.

    Parameters
    ----------
    labels
        Of one record.
    truth
        Its expressions. A point belongs to the one of its kind that holds it and, of several, to
        that of the nearest apex; a point in none is not counted.

    Returns
    -------
    dict
        One list per kind, in the order of the points.
    """
    distances: dict[Kind, list[int]] = {kind: [] for kind in Kind}
    for instance in labels.instances:
        own = _own(instance.point, truth)
        if own is not None:
            distances[instance.point.kind].append(abs(instance.apex - own.apex))
    return distances


def _own(point: TickPoint, truth: Sequence[Interval]) -> Interval | None:
    held = [i for i in truth if i.kind is point.kind and i.onset <= point.tick <= i.offset]
    return min(held, key=lambda i: abs(i.apex - point.tick), default=None)
