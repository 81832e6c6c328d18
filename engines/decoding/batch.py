"""The decoder's definition: all expressions of a whole segment at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engines.decoding.context import apply_context
from engines.decoding.curves import Curve, read_curve
from engines.decoding.rules import MARKS, DecoderRules, KindRules
from engines.intervals import Interval, Kind


@dataclass(frozen=True, slots=True)
class _Curves:
    onset: Curve
    offset: Curve
    apex: Curve


def decode(
    scores: Mapping[str, NDArray[np.float32]], rules: DecoderRules, first_tick: int = 0
) -> tuple[Interval, ...]:
    """Find the expressions of one segment (SpotFormer section 3.4; see the package docstring).

    Parameters
    ----------
    scores
        ``{micro,macro}_{onset,offset,apex}``, and ``_expression`` for a kind with context, float32
        (T,), probabilities of consecutive ticks.
        Other names are not read.
    rules
        What to go by.
    first_tick
        Tick of the first row.

    Returns
    -------
    tuple of Interval
        In order of onset, then apex, then kind.

    Raises
    ------
    ValueError
        If a score is missing, not a probability, or of another length than the others.
    """
    kept = {}
    for kind in Kind:
        curves = _curves(scores, kind, rules.of(kind).context)
        found = _proposals(curves, kind, rules)
        kept[kind] = _suppress(found, rules.nms_iou)
    macro = kept[Kind.MACRO]
    share = rules.micro_inside_macro
    micro = [m for m in kept[Kind.MICRO] if not any(_inside(m, big) > share for big in macro)]
    return in_order(_to_interval(p, rules, first_tick) for p in [*micro, *macro])


def in_order(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Sort intervals by onset, then apex, then kind, then offset."""
    return tuple(sorted(intervals, key=lambda i: (i.onset, i.apex, i.kind, i.offset)))


def _curves(scores: Mapping[str, NDArray[np.float32]], kind: Kind, context: int) -> _Curves:
    names = (*MARKS, "expression") if context else MARKS
    rows = {mark: read_curve(scores, f"{kind}_{mark}") for mark in names}
    if len({len(row) for row in rows.values()}) > 1:
        raise ValueError(f"scores of {kind} must be as long as each other")
    if context:
        rest = 1.0 - rows["expression"]
        return _Curves(*apply_context(rows["onset"], rows["offset"], rows["apex"], rest, context))
    return _Curves(rows["onset"], rows["offset"], rows["apex"])


def _proposals(curves: _Curves, kind: Kind, rules: DecoderRules) -> list[Interval]:
    own = rules.of(kind)
    apexes = np.flatnonzero(curves.apex > own.apex_threshold)
    found = [_proposal(int(apex), curves, kind, own) for apex in apexes]
    floor = rules.least_product(kind)
    return [p for p in found if p is not None and p.score >= floor and p.length >= own.shortest]


def _proposal(apex: int, curves: _Curves, kind: Kind, rules: KindRules) -> Interval | None:
    """Return the proposal of one apex; its score is the product of the three probabilities."""
    onset_side, offset_side = curves.onset[apex::-1], curves.offset[apex::-1]
    left = _search(onset_side, offset_side, rules.left_min, rules.left_max, rules)
    right = _search(
        curves.offset[apex:], curves.onset[apex:], rules.right_min, rules.right_max, rules
    )
    if left is None or right is None:
        return None
    onset, offset = apex - left, apex + right
    rises = curves.onset[onset] > curves.offset[onset]
    falls = curves.offset[offset] > curves.onset[offset]
    if not (rises and falls):
        return None
    product = float(curves.onset[onset] * curves.apex[apex] * curves.offset[offset])
    return Interval(kind, onset, apex, offset, product)


def _search(wanted: Curve, opposite: Curve, near: int, far: int, rules: KindRules) -> int | None:
    """Return how far from the apex the boundary is; the curves begin at the apex, outward."""
    crossed = np.flatnonzero(opposite[1 : far + 1] > rules.barrier) + 1
    end = min([far + 1, len(wanted), *crossed[:1].tolist()])
    best = None
    for distance in range(near, end):
        if best is None or wanted[distance] > wanted[best]:
            best = distance
        strong = wanted[best] >= rules.boundary_threshold
        if rules.settle and strong and distance - best >= rules.settle:
            break
    return best


def _suppress(proposals: list[Interval], iou: float) -> list[Interval]:
    kept: list[Interval] = []
    for proposal in sorted(proposals, key=lambda p: (-p.score, p.onset, p.apex)):
        if all(proposal.iou(better) <= iou for better in kept):
            kept.append(proposal)
    return kept


def _inside(micro: Interval, macro: Interval) -> float:
    return micro.intersection(macro) / micro.length


def _to_interval(proposal: Interval, rules: DecoderRules, first_tick: int) -> Interval:
    return Interval(
        proposal.kind,
        proposal.onset + first_tick,
        proposal.apex + first_tick,
        proposal.offset + first_tick,
        rules.score_of(proposal.score),
    )
