"""CloudEvents 1.0 envelopes in JSON, with a ``sequence`` extension.

Only events that are never dropped have a ``sequence``, an integer that counts up by one from 1
within one ``source``, so a client that sees a step of more than one has lost an event. Telemetry
may be dropped, and hello and snapshot are made for one connection: these three have none.

The ``source`` is new for every run, so that a client which resumes can tell a restarted service
from one that went on.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from numbers import Integral, Real
from typing import Final, TypeAlias

from realtime.events.messages import (
    SCHEMA_VERSION,
    EventData,
    Expression,
    FaceFound,
    FaceLost,
    Hello,
    Mark,
    Phase,
    Snapshot,
    StreamEnd,
    StreamGap,
    StreamState,
)
from realtime.events.telemetry import Telemetry

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"

SUBPROTOCOL: Final = "cloudevents.json"
SCHEMA_URN: Final = f"urn:fes:schema:{SCHEMA_VERSION}"
DECIMALS: Final = 6
"""Digits kept after the point: a microsecond, and far below a pixel."""

UNSEQUENCED: Final = (Hello, Snapshot, Telemetry)

_TYPES: Final[Mapping[type[EventData], tuple[str, str]]] = {
    Hello: ("fes.hello", "hello"),
    Snapshot: ("fes.snapshot", "snapshot"),
    FaceFound: ("fes.face.found", "face"),
    FaceLost: ("fes.face.lost", "face"),
    StreamGap: ("fes.stream.gap", "gap"),
    StreamState: ("fes.stream.state", "state"),
    Mark: ("fes.mark", "mark"),
    StreamEnd: ("fes.stream.end", "end"),
    Telemetry: ("fes.telemetry", "telemetry"),
}

CLASSES: Final[Mapping[str, type[EventData]]] = {name: kind for kind, (name, _) in _TYPES.items()}
"""Which data an event of a type has; expressions apart, whose phase is the end of their type."""

EVENT_TYPES: Final = tuple(name for name, _ in _TYPES.values()) + tuple(
    f"fes.expression.{phase}" for phase in Phase
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event, sealed: its data and the JSON text that every sink sends as it is.

    Attributes
    ----------
    sequence
        Number of the event, or None for the three kinds that have none.
    """

    type: str
    source: str
    sequence: int | None
    data: EventData
    text: str


def seal(
    data: EventData, *, identity: str, source: str, time: datetime, sequence: int | None = None
) -> Envelope:
    """Build the envelope of one event; its keys always come in the same order.

    Raises
    ------
    ValueError
        If an event that is never dropped has no sequence, or another one has.
    """
    if (sequence is None) != isinstance(data, UNSEQUENCED):
        raise ValueError(f"{type(data).__name__} with sequence {sequence}")
    kind, schema = _describe(data)
    document: dict[str, JsonValue] = {
        "specversion": "1.0",
        "id": identity,
        "source": source,
        "type": kind,
        "time": utc_text(time),
        "datacontenttype": "application/json",
        "dataschema": f"{SCHEMA_URN}#/$defs/{schema}",
    }
    if sequence is not None:
        document["sequence"] = sequence
    document["data"] = payload(data)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Envelope(kind, source, sequence, data, text)


def payload(data: EventData) -> JsonValue:
    """Return an event's data as it is sent: plain JSON values, floats rounded."""
    return _plain(data)


def utc_text(moment: datetime) -> str:
    """Return a moment as RFC 3339 text in UTC, to the nearest millisecond.

    Raises
    ------
    ValueError
        If ``moment`` has no time zone.

    Examples
    --------
    >>> utc_text(datetime(2024, 2, 29, 12, 0, 0, 250_000, UTC))
    '2024-02-29T12:00:00.250Z'
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    nearest = (moment + timedelta(microseconds=500)).astimezone(UTC)
    return nearest.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _describe(data: EventData) -> tuple[str, str]:
    if isinstance(data, Expression):
        return f"fes.expression.{data.phase}", "expression"
    return _TYPES[type(data)]


def _plain(value: object) -> JsonValue:
    if value is None or isinstance(value, bool | str):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return round(float(value), DECIMALS)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        # The type of the envelope says the phase; twice would be once too often.
        names = [field.name for field in fields(value) if field.name != "phase"]
        return {name: _plain(getattr(value, name)) for name in names}
    raise TypeError(f"{type(value).__name__} has no place in an event")
