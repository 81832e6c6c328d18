"""From expression intensity to expressions (GIM section 3.6.3), for a file and for a stream.

A *segment* is a run of consecutive ticks, each with the scores ``intensity``, a, and
``micro_action`` and ``macro_action``. Both decoders find the same intervals in it;
:mod:`engines.decoding.intensity.batch` is the definition, written plainly, and
:mod:`engines.decoding.intensity.stream` reaches it tick by tick.

1. **Pieces.** A run of ticks with a > the lowest threshold is a piece. One of more than
   ``longest_run`` ticks is cut where a is least in the later half of its first ``longest_run``
   ticks, at the last such tick, which begins the next piece; and again, until it is short enough.
   No proposal leaves its piece, so that pieces are decided each on its own.
2. **Proposals.** In a piece, each run of ticks with a > any of the thresholds; one that several
   thresholds yield counts once.
3. **Kind.** A proposal's apex is its first tick of greatest a. The proposal is of each kind whose
   action score at the apex is at least ``action_threshold``: micro, macro, both or neither.
4. **Gate.** Per kind, only proposals of ``shortest`` to ``longest`` ticks.
5. **Score.** Equations 15 and 16, the outer-inner contrast: with L ticks in the proposal, the mean
   of a inside less the mean over the L / 4 ticks before and the L / 4 after it. Where L / 4 is not
   whole, the farthest tick counts by the fraction, so that the outer weights always sum to L / 2,
   by which the equation divides. Ticks beyond the segment count 0.
6. **Suppression**, per kind: soft non-maximum suppression, then a hard one. The best remaining
   proposal (the earlier onset, then offset, among equals) is taken, and each that remains is
   multiplied by exp(-IoU² / ``soft_sigma``); until none is left. In that order, those whose IoU
   with one kept before exceeds ``nms_iou`` go. What remains must score ``score_floor``.

Then across kinds: a kept micro-expression is dropped when more than ``micro_inside_macro`` of its
ticks lie in one kept macro-expression.

A piece is final once it has ended and the outer ticks of its longest proposal are known, a quarter
of that proposal's length.
"""

from engines.decoding.intensity.batch import decode_intensity
from engines.decoding.intensity.rules import IntensityKindRules, IntensityRules
from engines.decoding.intensity.stream import IntensityDecoder

__all__ = ["IntensityDecoder", "IntensityKindRules", "IntensityRules", "decode_intensity"]
