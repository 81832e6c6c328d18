"""One line of a session's events: an envelope with the time that had passed."""

import json
from typing import Final

from realtime.events.cloudevents import Envelope, JsonValue
from realtime.events.reading import envelope_of
from realtime.events.typed import MismatchError, shown
from realtime.recording.layout import ELAPSED

NO_UTF8: Final = "backslashreplace"
"""The name of a file need not be UTF-8: the letters that are none become JSON's escapes."""

LONGEST_MS: Final = 10**12
"""Of a session: thirty years."""

_MARKER: Final = f',"{ELAPSED}":'


def format_line(envelope: Envelope, elapsed_ms: int) -> bytes:
    """Return an envelope as a line: still a CloudEvent, with one attribute more."""
    return f"{envelope.text[:-1]}{_MARKER}{elapsed_ms}}}\n".encode(errors=NO_UTF8)


def parse_line(line: bytes) -> tuple[Envelope, int]:
    """Return the envelope of a line, its text as it was sealed, and the elapsed time, ms.

    Raises
    ------
    MismatchError
        If it is no such line.
    """
    try:
        text = line.decode().rstrip("\n")
        document: JsonValue = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MismatchError("it is no JSON") from error
    head, marker, _ = text.rpartition(_MARKER)
    if not isinstance(document, dict) or not marker:
        raise MismatchError(f"it is no event with {ELAPSED}")
    elapsed = document.get(ELAPSED)
    if type(elapsed) is not int or not 0 <= elapsed <= LONGEST_MS:
        raise MismatchError(f"{ELAPSED} is {shown(elapsed)}")
    return envelope_of(document, head + "}"), elapsed
