"""The shipped descriptions of the events: JSON Schema (draft 2020-12) and AsyncAPI 3."""

import json
from importlib.resources import files
from typing import Final

from realtime.events.cloudevents import JsonValue

DOCUMENTS: Final = (
    "asyncapi.json",
    "schemas/events.json",
    "schemas/connect.json",
    "schemas/mark.json",
)
"""Paths below ``realtime/events``; the service serves them under the same names."""


def document_bytes(name: str) -> bytes:
    """Return one shipped document as it is.

    Raises
    ------
    KeyError
        If ``name`` is not one of :data:`DOCUMENTS`.
    """
    if name not in DOCUMENTS:
        raise KeyError(name)
    return files("realtime.events").joinpath(name).read_bytes()


def load_document(name: str) -> dict[str, JsonValue]:
    """Return one shipped document as JSON values.

    Examples
    --------
    >>> load_document("schemas/events.json")["$id"]
    'urn:fes:schema:2'
    """
    document: dict[str, JsonValue] = json.loads(document_bytes(name))
    return document
