"""From the text of a message to a typed envelope."""

import json

from realtime.events.cloudevents import Envelope, JsonValue
from realtime.events.messages import SCHEMA_VERSION, Phase
from realtime.events.reading import envelope_of


class VersionError(ValueError):
    """The service speaks another version of the events."""


def read_envelope(text: str) -> Envelope:
    """Return the envelope that a message is.

    An open expression of a snapshot does not say whether its boundaries have moved; it is read as
    one that has.

    Raises
    ------
    VersionError
        If a hello is of another version.
    ValueError
        If the message is no event.
    """
    try:
        document: JsonValue = json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(document, dict):
        raise ValueError("it is no object")
    data = document.get("data")
    if isinstance(data, dict):
        _require_version(data.get("schema_version", SCHEMA_VERSION))
        _complete(data.get("open_expressions"))
    return envelope_of(document, text)


def _require_version(version: JsonValue) -> None:
    if version != SCHEMA_VERSION:
        raise VersionError(
            f"speaks version {version} of the events, this client {SCHEMA_VERSION}: use the "
            "client of the same release"
        )


def _complete(open_expressions: JsonValue) -> None:
    if isinstance(open_expressions, list):
        for each in open_expressions:
            if isinstance(each, dict):
                each["phase"] = str(Phase.UPDATE)
