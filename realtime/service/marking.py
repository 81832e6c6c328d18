"""What a client says when a person marks a moment."""

import json
import math
import time
from collections import deque
from collections.abc import Callable
from typing import Final, TypeAlias

from engines.intervals import Kind

MarkTaker: TypeAlias = Callable[[Kind, float, int], object]
"""Takes a mark: its kind, the stream time that the client showed, s, and the number of the source.

It raises ``ValueError`` for a mark that cannot be taken, and ``FesError`` where it cannot be
written."""

MOST_PER_SECOND: Final = 10
"""Messages of one client that are looked at; a person has ten fingers, a mishap none."""

MOST_SOURCES: Final = 1024
"""A mark of a source with a higher number is a mishap."""


def read_mark(text: str | bytes) -> tuple[Kind, float, int]:
    """Read one message (``schemas/mark.json``).

    Returns
    -------
    kind, time_s, source
        What is marked, the stream time that the client shows, s, and the number of the source; 0
        where the client does not say.

    Raises
    ------
    ValueError
        If it is not a mark.
    """
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("a mark must be JSON") from error
    if not isinstance(message, dict) or set(message) - {"source"} != {"type", "kind", "time_s"}:
        raise ValueError("a mark has type, kind and time_s, and may have source")
    kind, time_s, source = message["kind"], message["time_s"], message.get("source", 0)
    if message["type"] != "fes.mark" or kind not in list(Kind):
        raise ValueError("a mark is of type fes.mark, and micro or macro")
    if isinstance(time_s, bool) or not isinstance(time_s, int | float):
        raise ValueError("time_s is a number")
    if not (-1e12 < time_s < 1e12 and math.isfinite(time_s)):
        raise ValueError("time_s is no stream time")
    if isinstance(source, bool) or not isinstance(source, int) or not 0 <= source < MOST_SOURCES:
        raise ValueError("source is the number of none")
    return Kind(kind), float(time_s), source


class Pace:
    """Says which messages of one client are looked at, so that a flood costs nothing.

    Parameters
    ----------
    clock
        Seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._latest: deque[float] = deque(maxlen=MOST_PER_SECOND)

    def allows(self) -> bool:
        """Return whether one more message is within the limit."""
        now_s = self._clock()
        if len(self._latest) == MOST_PER_SECOND and now_s - self._latest[0] < 1:
            return False
        self._latest.append(now_s)
        return True
