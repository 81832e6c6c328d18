"""What the page asks of the server, checked."""

import json
from dataclasses import dataclass
from typing import Final, TypeAlias

from engines.intervals import Kind
from offline.evaluation.csv_rows import LAST_FRAME


@dataclass(frozen=True, slots=True)
class ShowFrame:
    """The picture of one frame is wanted."""

    video: int
    frame: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A point is set."""

    video: int
    frame: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Delete:
    """A point is taken away."""

    video: int
    frame: int


@dataclass(frozen=True, slots=True)
class Watch:
    """Times and scores of a video are wanted, from the first on."""

    video: int


@dataclass(frozen=True, slots=True)
class Undo:
    """The last step is taken back."""


Request: TypeAlias = ShowFrame | Mark | Delete | Watch | Undo

_FIELDS: Final = {
    "frame": {"type", "video", "frame"},
    "mark": {"type", "video", "frame", "kind"},
    "delete": {"type", "video", "frame"},
    "watch": {"type", "video"},
    "undo": {"type"},
}


def read_request(text: str | bytes, videos: int) -> Request:
    """Read one message.

    Parameters
    ----------
    text
        JSON: an object with ``type``, and what that type needs, and nothing else.
    videos
        How many videos there are.

    Raises
    ------
    ValueError
        If it is not one.
    """
    message = _object(text)
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in _FIELDS:
        raise ValueError(f"type is one of {', '.join(_FIELDS)}")
    if set(message) != _FIELDS[kind]:
        raise ValueError(f"{kind} has exactly {', '.join(sorted(_FIELDS[kind]))}")
    if kind == "undo":
        return Undo()
    video = _whole(message["video"], "video", videos - 1)
    if kind == "watch":
        return Watch(video)
    frame = _whole(message["frame"], "frame", LAST_FRAME)
    if kind == "mark":
        return Mark(video, frame, _expression(message["kind"]))
    return ShowFrame(video, frame) if kind == "frame" else Delete(video, frame)


def _object(text: str | bytes) -> dict[str, object]:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("a message must be JSON") from error
    if not isinstance(message, dict):
        raise ValueError("a message must be a JSON object")
    return message


def _whole(value: object, name: str, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError(f"{name} is a whole number from 0 to {most}")
    return value


def _expression(value: object) -> Kind:
    if value not in list(Kind):
        raise ValueError("kind is micro or macro")
    return Kind(str(value))
