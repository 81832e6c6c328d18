"""Video-level labels for training: which kinds of expression a video holds, and nothing else.

A file of them is a CSV with the columns ``video,kinds``, others being passed over: ``micro``,
``macro``, ``micro+macro``, or ``none``.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from engines.errors import UsageError
from engines.intervals import Interval, Kind
from offline.evaluation.csv_rows import BadRowError, Row, read_table
from offline.training.points import listed

COLUMNS: Final = ("video", "kinds")
NONE: Final = "none"

Kinds = frozenset[Kind]


class Labelled(Protocol):
    """A record that may have labels."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def intervals(self) -> tuple[Interval, ...]: ...  # noqa: D102


class VideoLabels(Protocol):
    """Where video-level labels come from. It can be pickled, for any process may train."""

    def of(self, record: Labelled) -> Kinds | None:
        """Return the kinds that a video holds; None where nobody said."""
        ...

    def describe(self) -> dict[str, object]:
        """Return what decides the labels, for a run's configuration."""
        ...


@dataclass(frozen=True, slots=True)
class KindsOfRecords:
    """Which kinds occur among a record's intervals; the rest of the labels is not used."""

    def of(self, record: Labelled) -> Kinds:
        """Return the kinds of the intervals."""
        return frozenset(interval.kind for interval in record.intervals)

    def describe(self) -> dict[str, object]:
        """Return that they come from the truth."""
        return {"from_truth": True}


@dataclass(frozen=True, slots=True)
class KindsOfFile:
    """The labels of a table.

    Attributes
    ----------
    name
        Of the file.
    digest
        SHA-256 of the labels, whatever their order.
    kinds
        By video.
    """

    name: str
    digest: str
    kinds: Mapping[str, Kinds]

    @classmethod
    def read(cls, path: Path) -> "KindsOfFile":
        """Read a table.

        Raises
        ------
        UsageError
            If it cannot be read, has no row, or one that cannot be right: unknown kinds, or a
            video that an earlier row names.
        """
        found: dict[str, Kinds] = {}
        for row in read_table(path, COLUMNS).rows():
            try:
                video = row.text("video")
                if video in found:
                    row.refuse(f"video {video!r} has a row before")
                found[video] = read_kinds(row)
            except BadRowError as error:
                raise UsageError(f"{path} line {row.line}: {error}; correct the file") from error
        if not found:
            raise UsageError(f"{path}: holds no video; write a row for each")
        text = "".join(f"{video}\0{_text(found[video])}\n" for video in sorted(found))
        return cls(path.name, hashlib.sha256(text.encode()).hexdigest(), found)

    def of(self, record: Labelled) -> Kinds | None:
        """Return what the table says of a video."""
        return self.kinds.get(record.name)

    def describe(self) -> dict[str, object]:
        """Return the file's name and what it holds."""
        return {"file": self.name, "sha256": self.digest}

    def require_known(self, videos: Collection[str], where: str) -> None:
        """Check that the table is about these videos.

        Raises
        ------
        UsageError
            If none of its videos is among them.
        """
        if not any(video in videos for video in self.kinds):
            raise UsageError(
                f"{self.name}: none of its {len(self.kinds)} videos is in {where}, which has "
                f"{listed(sorted(videos))}; the table names a file without its suffix"
            )


def read_kinds(row: Row) -> Kinds:
    """Return the kinds of one row.

    Raises
    ------
    BadRowError
        If they cannot be right.
    """
    text = row.text("kinds")
    words = [word.strip() for word in text.split("+")]
    if words == [NONE]:
        return frozenset()
    if len(set(words)) < len(words) or not set(words) <= set(Kind):
        row.refuse(f"kinds {text!r} are not micro, macro, micro+macro or none")
    return frozenset(Kind(word) for word in words)


def _text(kinds: Kinds) -> str:
    return "+".join(sorted(kinds)) or NONE
