"""How predictions are matched with labels: the protocol, and the ways others depart from it.

The protocol (MEGC): inclusive frames, a hit from IoU 0.5 on, one prediction for one label. Public
codes of this field depart from each of the three; the variants exist to cross-check their figures.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

HIT: Final = 0.5
"""IoU from which a prediction counts as a hit."""


class Matching(StrEnum):
    """How many labels a prediction may find."""

    ONE_TO_ONE = "one-to-one"
    MANY_TRUTHS = "many-truths"


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to match; the default is the protocol.

    Attributes
    ----------
    matching
        One label for one prediction, or any number of labels for one prediction. A label is found
        once in either case, by the first of the predictions in order.
    above
        Whether a hit needs an IoU above the threshold instead of at least the threshold.
    plus_one
        Whether both end frames count in a length; without, a length is offset − onset.
    """

    matching: Matching = Matching.ONE_TO_ONE
    above: bool = False
    plus_one: bool = True

    def describe(self, iou: float) -> str:
        """Return the rule in words, such as ``one-to-one, inclusive-frame IoU >= 0.5``."""
        length = "inclusive-frame IoU" if self.plus_one else "IoU of lengths offset - onset"
        return f"{self.matching.value}, {length} {'>' if self.above else '>='} {iou:g}"


PROTOCOL: Final = Variant()
