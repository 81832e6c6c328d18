"""From a parsed CloudEvent back to the data that it was sealed from."""

from typing import Final

from realtime.events.cloudevents import CLASSES, Envelope, JsonValue
from realtime.events.messages import EventData, Expression, Phase
from realtime.events.typed import MismatchError, build

_EXPRESSION: Final = "fes.expression."


def envelope_of(document: dict[str, JsonValue], text: str) -> Envelope:
    """Return the envelope that a parsed CloudEvent is.

    Raises
    ------
    MismatchError
        If it is none of this program's.
    """
    kind, source = document.get("type"), document.get("source")
    sequence = document.get("sequence")
    if not isinstance(kind, str) or not isinstance(source, str):
        raise MismatchError("it has no type or no source")
    if sequence is not None and (not isinstance(sequence, int) or isinstance(sequence, bool)):
        raise MismatchError(f"its sequence is {sequence!r}")
    return Envelope(kind, source, sequence, data_of(kind, document.get("data")), text)


def data_of(kind: str, value: JsonValue) -> EventData:
    """Return the data of an event of this type.

    Raises
    ------
    MismatchError
        If there is no such type, or the data is of another.
    """
    if kind.startswith(_EXPRESSION):
        phase = kind.removeprefix(_EXPRESSION)
        if phase not in set(Phase):
            raise MismatchError(f"{kind} is no type of event")
        return build(Expression, value, phase=Phase(phase))
    if kind not in CLASSES:
        raise MismatchError(f"{kind} is no type of event")
    return build(CLASSES[kind], value)
