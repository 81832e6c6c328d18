"""Final expressions of a recorded video, by the pipeline that also runs live."""

from collections.abc import Callable
from dataclasses import dataclass

from offline.progress import ProgressSource
from realtime.events.messages import EventData, Expression, Phase, StreamEnd
from realtime.live import LiveOptions, run
from realtime.sources.base import Source


@dataclass(frozen=True, slots=True)
class Spotted:
    """What was found in one video.

    Attributes
    ----------
    expressions
        Final ones, by onset.
    end
        How the stream ended.
    """

    expressions: tuple[Expression, ...]
    end: StreamEnd


def spot(
    source: Source, options: LiveOptions, on_event: Callable[[EventData], None] = lambda _: None
) -> Spotted:
    """Find the expressions of a source (see :func:`realtime.live.run`)."""
    found: list[Expression] = []
    ends: list[StreamEnd] = []

    def collect(event: EventData) -> None:
        on_event(event)
        if isinstance(event, Expression) and event.phase is Phase.END:
            found.append(event)
        if isinstance(event, StreamEnd):
            ends.append(event)

    completed = run(ProgressSource(source), options, (), collect)
    if not completed:
        raise KeyboardInterrupt
    found.sort(key=lambda expression: (expression.onset_s or 0.0, expression.kind))
    return Spotted(tuple(found), ends[0])
