"""Under which rules predictions are judged."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from engines.errors import UsageError
from offline.evaluation.bootstrap import DRAWS, LEVEL
from offline.evaluation.instances import Instance
from offline.evaluation.variants import HIT, PROTOCOL, Variant


@dataclass(frozen=True, slots=True)
class Rules:
    """How predictions are judged; the default is the protocol.

    Attributes
    ----------
    iou
        Threshold of a hit, above 0 and at most 1.
    ignore_kind
        Whether a prediction of one kind may find a label of the other.
    variant
        How predictions are matched.
    bar
        Least score of a prediction that counts, chosen elsewhere; None for all of them. Average
        precision, F1-ME(0.5) and F1-ME(1.0) are over all predictions in either case.
    bars
        The same for each video by itself; a video that is not named has none. None in place of
        ``bar``.
    fps
        Frame rate of all videos, Hz; without one, nothing is said in seconds.
    draws, level, seed
        Of the confidence intervals; no draws, no intervals.

    Raises
    ------
    UsageError
        If a value is out of range.
    """

    iou: float = HIT
    ignore_kind: bool = False
    variant: Variant = PROTOCOL
    bar: float | None = None
    fps: float | None = None
    draws: int = DRAWS
    level: float = LEVEL
    seed: int = 0
    bars: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        if not 0 < self.iou <= 1:
            raise UsageError(f"the IoU is above 0 and at most 1, not {self.iou}")
        if self.fps is not None and not 0 < self.fps < math.inf:
            raise UsageError(f"the frame rate is above 0 Hz and finite, not {self.fps}")
        if self.bar is not None and not math.isfinite(self.bar):
            raise UsageError(f"the bar on the score is finite, not {self.bar}")
        if self.bars is not None and self.bar is not None:
            raise UsageError("one bar is for all videos, or each video has its own: not both")
        if not all(math.isfinite(bar) for bar in (self.bars or {}).values()):
            raise UsageError("the bars on the score are finite")
        if self.draws < 0 or self.seed < 0 or not 0 < self.level < 1:
            raise UsageError("draws and seed are not negative, and the level is in (0, 1)")

    @property
    def barred(self) -> bool:
        """Whether some predictions may not count for their score."""
        return self.bar is not None or self.bars is not None

    def counts(self, prediction: Instance) -> bool:
        """Return whether a prediction scores at least its bar."""
        bar = self.bar if self.bars is None else self.bars.get(prediction.video)
        return bar is None or prediction.score >= bar

    def describe(self) -> str:
        """Return the rules in words, in one line."""
        words = [self.variant.describe(self.iou)]
        words.append("kinds ignored" if self.ignore_kind else "kinds compared")
        if self.bar is not None:
            words.append(f"scores from {self.bar:g}")
        if self.bars is not None:
            words.append(self._describe_bars(list(self.bars.values())))
        return ", ".join(words)

    def _describe_bars(self, bars: list[float]) -> str:
        if not bars:
            return "scores from a bar of each video, none of which has one"
        return f"scores from a bar of each video, {min(bars):g} to {max(bars):g}"

    def to_dict(self) -> dict[str, object]:
        """Return the rules as a JSON-ready dictionary, in words as well."""
        return {
            "described": self.describe(),
            "iou": self.iou,
            "matching": self.variant.matching.value,
            "above": self.variant.above,
            "plus_one": self.variant.plus_one,
            "ignore_kind": self.ignore_kind,
            "bar": self.bar,
            "bars": None if self.bars is None else dict(self.bars),
            "fps": self.fps,
            "bootstrap": {"draws": self.draws, "level": self.level, "seed": self.seed},
        }
