"""What an event is on a marker stream: when it was, and what it says."""

import json
from collections.abc import Callable
from typing import Final

from realtime.events.cloudevents import Envelope, JsonValue, payload
from realtime.events.messages import (
    EventData,
    Expression,
    FaceFound,
    FaceLost,
    Hello,
    Mark,
    Snapshot,
    StreamEnd,
    StreamGap,
    StreamState,
)
from realtime.events.telemetry import Telemetry

_MOMENTS: Final = ("onset", "apex", "offset")

DIGITS: Final = 6
"""Of the times on the LSL clock: a microsecond."""


def moment_s(data: EventData) -> float | None:
    """Return the stream time of what an event speaks of, s; None for what is no marker.

    That of an expression is its apex, which is known from its first event on.
    """
    match data:
        case Expression():
            return data.apex_s
        case FaceFound() | FaceLost() | Mark() | StreamState() | StreamEnd():
            return data.time_s
        case StreamGap():
            return data.first_s
        case Hello() | Snapshot() | Telemetry():
            return None


def source_of(data: EventData) -> int:
    """Return the number of the source that an event belongs to; 0 where it has none."""
    return 0 if isinstance(data, Hello | Snapshot) else data.source


def marker_text(envelope: Envelope, lsl_s: Callable[[float], float]) -> str:
    """Return the marker of an event: a JSON object.

    It is plain ASCII. ``type``, ``sequence`` and ``data`` are those of the service's events; of
    an expression, ``lsl`` has its known times on the LSL clock, s.

    Parameters
    ----------
    envelope
        Of the event.
    lsl_s
        From stream time of its source to the LSL clock, s.
    """
    document: dict[str, JsonValue] = {
        "type": envelope.type,
        "sequence": envelope.sequence,
        "data": payload(envelope.data),
    }
    if isinstance(envelope.data, Expression):
        times = {name: getattr(envelope.data, f"{name}_s") for name in _MOMENTS}
        document["lsl"] = {
            name: None if time_s is None else round(lsl_s(time_s), DIGITS)
            for name, time_s in times.items()
        }
    return json.dumps(document, separators=(",", ":"))
