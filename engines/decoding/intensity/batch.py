"""The decoder's definition: all expressions of a whole segment at once."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engines.decoding.batch import in_order
from engines.decoding.curves import read_curves
from engines.decoding.intensity.proposals import Piece, Span, fits, pieces, spans
from engines.decoding.intensity.rules import ACTION, INTENSITY, IntensityRules
from engines.decoding.intensity.segment import Segment
from engines.decoding.intensity.suppression import suppress
from engines.intervals import Interval, Kind


def decode_intensity(
    scores: Mapping[str, NDArray[np.float32]], rules: IntensityRules, first_tick: int = 0
) -> tuple[Interval, ...]:
    """Find the expressions of one segment (GIM section 3.6.3; see the package docstring).

    Parameters
    ----------
    scores
        ``intensity``, ``micro_action`` and ``macro_action``, float32 (T,), probabilities of
        consecutive ticks. Other names are not read.
    rules
        What to go by.
    first_tick
        Tick of the first row.

    Returns
    -------
    tuple of Interval
        In order of onset, then apex, then kind, then offset.

    Raises
    ------
    ValueError
        If a score is missing, not a probability, or of another length than the others.
    """
    curves = read_curves(scores, rules.outputs)
    segment = Segment(first_tick)
    segment.intensity = curves[INTENSITY].tolist()
    segment.action = {kind: curves[name].tolist() for kind, name in ACTION.items()}
    found = [
        interval
        for piece in pieces(curves[INTENSITY], rules)
        for interval in decide(
            segment, Piece(piece.onset + first_tick, piece.offset + first_tick), rules
        )
    ]
    return in_order(found)


def decide(segment: Segment, piece: Piece, rules: IntensityRules) -> list[Interval]:
    """Return the expressions of one piece, best first, macro before micro.

    Parameters
    ----------
    segment
        With a quarter of the piece's length around it, as far as the segment goes.
    piece, rules
        What to look at, and what to go by.
    """
    found = spans(segment, piece, rules)
    macro, micro = (_of_kind(segment, found, kind, rules) for kind in (Kind.MACRO, Kind.MICRO))
    share = rules.micro_inside_macro
    if share < 1:
        micro = [
            one
            for one in micro
            if not any(one.intersection(big) / one.length > share for big in macro)
        ]
    return [*macro, *micro]


def _of_kind(
    segment: Segment, found: list[Span], kind: Kind, rules: IntensityRules
) -> list[Interval]:
    own = rules.of(kind)
    proposals = []
    for span in found:
        if fits(segment, span, kind, own):
            score = segment.contrast(span.onset, span.offset)
            if score >= own.score_floor:
                proposals.append(Interval(kind, span.onset, span.apex, span.offset, score))
    return suppress(proposals, sigma=rules.soft_sigma, iou=rules.nms_iou, floor=own.score_floor)
