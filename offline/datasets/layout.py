"""Where things lie below a dataset's root, whatever the case of their names."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engines.errors import UsageError
from offline.data.videos import SUFFIXES as VIDEOS
from offline.datasets.books import SUFFIXES as TABLES
from offline.datasets.cells import plain

DEPTH: Final = 4
"""Folders below the root that are searched: ``part_A/data/part_A`` is three down."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What a distributed dataset looks like from outside.

    Attributes
    ----------
    subject
        Matches a folder name that marks its parent as the holder of frames.
    holders
        Names of that parent, the preferred first; the root itself may be it too.
    tables
        How the plain name of the annotation file begins (see :func:`cells.plain`).
    """

    subject: re.Pattern[str]
    holders: tuple[str, ...]
    tables: tuple[str, ...]

    def holder(self, root: Path) -> Path | None:
        """Return the folder that holds the frames, or None."""
        found = [folder for folder in self._walk(root) if self._marked(folder)]
        if root in found:
            return root
        names = [plain(name) for name in self.holders]
        known = [folder for folder in found if plain(folder.name) in names]
        return min(known, key=lambda folder: names.index(plain(folder.name)), default=None)

    def table(self, root: Path) -> Path:
        """Return the annotation file.

        Raises
        ------
        UsageError
            If there is none, or more than one.
        """
        found = [
            path
            for folder in self._walk(root)
            for path in files(folder)
            if path.suffix.lower() in TABLES and plain(path.stem).startswith(self.tables)
        ]
        return only(found, root)

    def _marked(self, folder: Path) -> bool:
        return any(self.subject.fullmatch(child.name) for child in folders(folder))

    def _walk(self, root: Path) -> Iterator[Path]:
        level = [root]
        for _ in range(DEPTH + 1):
            yield from level
            below = (child for folder in level for child in folders(folder))
            level = [child for child in below if not self.subject.fullmatch(child.name)]


def only(found: Sequence[Path], root: Path) -> Path:
    """Return the one annotation file that was found.

    Raises
    ------
    UsageError
        If there is none, or more than one.
    """
    if not found:
        raise UsageError(f"{root}: no annotations found there: name them with --annotations FILE")
    if len(found) > 1:
        names = ", ".join(str(path.relative_to(root)) for path in found)
        raise UsageError(f"{root}: choose one of these with --annotations: {names}")
    return found[0]


def folders(folder: Path) -> list[Path]:
    """Return the folders in a folder, sorted; hidden ones are left out."""
    return [path for path in _children(folder) if path.is_dir()]


def files(folder: Path) -> list[Path]:
    """Return the files in a folder, sorted; hidden and lock files are left out."""
    return [path for path in _children(folder) if path.is_file()]


def videos(folder: Path) -> list[Path]:
    """Return the folders and video files in a folder: what may be a video's frames."""
    return folders(folder) + [p for p in files(folder) if p.suffix.lower() in VIDEOS]


def child(folder: Path, name: str) -> Path | None:
    """Return a folder in a folder by its name, whatever its case."""
    wanted = name.casefold()
    return next((path for path in folders(folder) if path.name.casefold() == wanted), None)


def require_folder(root: Path) -> None:
    """Check that the root can be listed.

    Raises
    ------
    UsageError
        If it cannot.
    """
    try:
        next(root.iterdir(), None)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"{root}: not a folder that can be read: {reason}") from error


def _children(folder: Path) -> Iterable[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith((".", "~$")))
    except OSError:  # one closed folder must not hide the others; its videos will be missing
        return ()
