"""What the streaming decoder says about an expression as it learns more."""

from dataclasses import dataclass
from enum import StrEnum

from engines.intervals import Interval


class Phase(StrEnum):
    """Where an expression is in its life: new, any number of updates, then end or retracted."""

    NEW = "new"
    UPDATE = "update"
    END = "end"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class Change:
    """One step in the life of one expression.

    Attributes
    ----------
    phase
        ``new``: an apex is seen; ``update``: onset, apex or offset moved; ``end``: the interval
        is final; ``retracted``: the expression lost to a better one or came to nothing.
    id
        The same through all phases of one expression, never used again.
    interval
        What is known of it. Before the end, the offset is the best so far, or the newest tick
        where none has been found.
    decided_at
        The newest tick when this was decided.
    """

    phase: Phase
    id: int
    interval: Interval
    decided_at: int
