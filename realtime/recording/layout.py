"""What lies where in the folder of a session."""

from typing import Final

VERSION: Final = 1
"""Version of the folder's layout; it grows when a reader must change."""

SESSION: Final = "session.json"
EVENTS: Final = "events.jsonl"
MODEL: Final = "model.json"

FLICKS: Final = 705_600_000
"""Units per second of the videos' timestamps.

Whole for all usual rates (24, 25, 30, 50, 60, 120 and their 1000/1001) and time bases (1 ms,
1/90000 s, 1/48000 s), so that the times of a file are kept to the last digit."""

ELAPSED: Final = "elapsedms"
"""CloudEvents attribute of every line: ms of the monotonic clock since the recording began."""


def video_name(source: int, part: int = 0) -> str:
    """Return the name of a source's video.

    Parameters
    ----------
    source
        Number of the source.
    part
        How often the picture has changed its size before.
    """
    return f"video-{source}.nut" if part == 0 else f"video-{source}-{part}.nut"
