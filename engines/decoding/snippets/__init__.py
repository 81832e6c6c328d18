"""From scores of snippets to expressions (MC-WES section 3.5, which PWES follows).

A *video* is a run of consecutive snippets, each with four scores: class-agnostic ``attention``,
and the suppressed T-CAM of ``micro``, ``macro`` and ``background``. Its scores depend on each
other, so that it is decoded as a whole: :mod:`engines.decoding.snippets.batch` is the definition,
and :mod:`engines.decoding.snippets.stream` applies it to a window that rolls over a stream.

1. **Levels.** Multi-top: for each m of M', the max(1, floor(T / m)) snippets of highest attention,
   the earlier ones among equals. Multi-threshold: for each threshold, those above it.
2. **Proposals.** In each level, each run of consecutive snippets; one that several levels yield
   counts once.
3. **Score.** Equations 23 to 25, for micro and macro each: the mean of the class's T-CAM inside,
   less its mean over a quarter (ψ) of the proposal's length before and after, plus ς times the
   video's own score of the class (equations 7 and 8).
4. **Kind.** By duration: micro up to 0.5 s, with the higher of both scores. Or by class: each
   proposal is one of each kind, with that kind's score.
5. **Least score**, 0.1.
6. **Suppression.** Proposals in order of score, then earlier onset, then earlier offset: each is
   kept unless its IoU with one kept before exceeds 0.01.

In ticks, a proposal lasts from the edge of its first snippet to the tick before the edge at which
its last one ends, rounded; its apex is the centre of its snippet with the highest score of its
kind's class. The reported score is φ / (1 + φ): φ itself has no upper end.
"""

from engines.decoding.snippets.batch import decode_snippets
from engines.decoding.snippets.rules import PooledShares, SnippetRules
from engines.decoding.snippets.stream import RollingDecoder

__all__ = ["PooledShares", "RollingDecoder", "SnippetRules", "decode_snippets"]
