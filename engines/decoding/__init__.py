"""From per-tick scores to expressions, for a file and for a stream.

:mod:`engines.decoding.choice` picks the decoder by a model's method. GIM's is in
:mod:`engines.decoding.intensity`, that of MC-WES and PWES, which score snippets, in
:mod:`engines.decoding.snippets`; here is SpotFormer's (its section 3.4).

A *segment* is a run of consecutive ticks, each with the eight named scores. Both decoders find
the same intervals in it; :mod:`engines.decoding.batch` is the definition, written plainly, and
:mod:`engines.decoding.stream` reaches it tick by tick, each interval as early as it is certain.

For each kind on its own, with the kind's :class:`~engines.decoding.rules.KindRules`:

1. **Apex.** Every tick l with apex probability > ``apex_threshold`` makes at most one proposal.
2. **Boundary search.** The onset search walks outward from the apex, l, l - 1, l - 2 ..., the
   offset search l, l + 1, l + 2 .... Ticks ``left_min`` to ``left_max`` (``right_min`` to
   ``right_max``) away are candidates; the most probable one is chosen, the one nearest to the
   apex among equals. The walk ends at the segment's end, and

   - *before* a tick, other than the apex itself, where the opposite boundary's probability is
     > ``barrier``;
   - once the best candidate has a probability >= ``boundary_threshold`` and the ``settle`` ticks
     beyond it brought nothing better (``settle`` = 0: never).

   No candidate, no proposal.
3. **Check.** Kept only if onset > offset probability at the onset, and the reverse at the offset.
4. **Score.** The product of onset, apex and offset probability (or its cube root, their geometric
   mean), at least ``score_floor``.
5. **Suppression.** Proposals in order of score, then earlier onset, then earlier apex: each is
   kept unless its IoU with one kept before exceeds ``nms_iou``.

Then across kinds: a kept micro-expression is dropped when more than ``micro_inside_macro`` of its
ticks lie in one kept macro-expression.
"""

from engines.decoding.changes import Change, Phase
from engines.decoding.choice import (
    Decoder,
    Rules,
    TickRules,
    decode,
    make_decoder,
    read_rules,
    rules_of,
)
from engines.decoding.intensity import IntensityKindRules, IntensityRules
from engines.decoding.rules import DecoderRules, KindRules
from engines.decoding.snippets import PooledShares, RollingDecoder, SnippetRules, decode_snippets
from engines.decoding.stream import StreamDecoder

__all__ = [
    "Change",
    "Decoder",
    "DecoderRules",
    "IntensityKindRules",
    "IntensityRules",
    "KindRules",
    "Phase",
    "PooledShares",
    "RollingDecoder",
    "Rules",
    "SnippetRules",
    "StreamDecoder",
    "TickRules",
    "decode",
    "decode_snippets",
    "make_decoder",
    "read_rules",
    "rules_of",
]
