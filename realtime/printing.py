"""What the command does with each event besides sending it on."""

from collections.abc import Callable, Sequence
from typing import Final

import click

from realtime.events.jsonl import STDOUT, JsonLinesSink
from realtime.events.messages import EventData, Expression, Phase
from realtime.events.publisher import Sink
from realtime.sources.base import Source, close_all

_NAME: Final = 24
"""Letters of a source's name that fit before an expression."""


def make_listener(
    events: str | None, sources: Sequence[Source], sinks: Sequence[Sink], max_faces: int
) -> Callable[[EventData], None]:
    """Return what is called with each event: final expressions are printed.

    Parameters
    ----------
    events
        Where events are written as JSON lines; where that is standard output nothing is printed,
        and the run ends when nobody listens any more.
    sources
        Open; named before each expression where there are several.
    sinks
        Who gets the events.
    max_faces
        Faces are numbered where there may be several.
    """
    if events == STDOUT:
        return _stopping(sources, sinks)
    return final_printer([one.info.name for one in sources], max_faces > 1)


def final_printer(names: Sequence[str], several_faces: bool) -> Callable[[EventData], None]:
    """Return what prints final expressions.

    Parameters
    ----------
    names
        Of the sources, which are told apart where there are several.
    several_faces
        Whether faces are numbered.
    """
    shorts = [f"{number} {_short(name)}" for number, name in enumerate(names)]
    width = max(map(len, shorts), default=0)

    def show(event: EventData) -> None:
        if isinstance(event, Expression) and event.phase is Phase.END:
            name = f"{shorts[event.source]:{width}}  " if len(shorts) > 1 else ""
            face = f"face {event.face:<3d} " if several_faces else ""
            click.echo(
                f"{name}{face}{event.kind:5}  onset {event.onset_s:8.2f} s  "
                f"apex {event.apex_s:8.2f} s  offset {event.offset_s:8.2f} s  "
                f"score {event.score:.2f}"
            )

    return show


def _stopping(sources: Sequence[Source], sinks: Sequence[Sink]) -> Callable[[EventData], None]:
    def stop_if_nobody_listens(_: EventData) -> None:
        if all(isinstance(sink, JsonLinesSink) and sink.broken for sink in sinks):
            close_all(sources)

    return stop_if_nobody_listens


def _short(name: str) -> str:
    """Return the last part of a path or an address, as far as it fits."""
    return (name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] or name)[-_NAME:]
