"""A bar on the score for each video, chosen elsewhere: in a fold, on its training subjects."""

from pathlib import Path
from typing import Final

from engines.errors import UsageError
from offline.evaluation.csv_rows import BadRowError, read_table

BAR: Final = "bar"


def read_bars(path: Path) -> dict[str, float]:
    """Read a CSV file with the columns ``video, bar``; where a bar is empty, there is none.

    Raises
    ------
    UsageError
        If the file cannot be read, a bar is no finite number or a video has two.
    """
    out: dict[str, float] = {}
    for row in read_table(path, ("video", BAR)).rows():
        try:
            video = row.text("video")
            if row.has(BAR) and out.setdefault(video, row.number(BAR)) != row.number(BAR):
                row.refuse(f"video {video!r} has two bars, {out[video]!r} and {row.number(BAR)!r}")
        except BadRowError as error:
            raise UsageError(f"{path} line {row.line}: {error}; correct it") from error
    return out
