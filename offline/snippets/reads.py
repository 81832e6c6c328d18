"""Which feature files a network reads: windows of SW-MRO, or snippets of I3D."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engines.contracts import I3D, SW_MRO
from engines.errors import UsageError
from offline.data import feature_files as windows
from offline.data.store import load_folder, load_record
from offline.snippets import store as snippets
from offline.snippets.record import Record
from realtime.types import WINDOW

_RANDOM: Final = f"{I3D}-random-"


@dataclass(frozen=True, slots=True)
class Reads:
    """Files of one sort, of which a folder may hold several.

    Attributes
    ----------
    window
        Ticks of the windows of SW-MRO; snippets that are pooled from them have no files.
    source
        As in :class:`offline.snippets.record.SnippetRecord`: what is not ``sw-mro`` has files of
        its own.
    """

    window: int = WINDOW
    source: str = SW_MRO

    @property
    def i3d(self) -> bool:
        """Whether they hold snippets of I3D."""
        return self.source != SW_MRO

    def files(self, folder: Path) -> list[Path]:
        """Return the files below a folder, sorted.

        Raises
        ------
        UsageError
            As :func:`offline.data.feature_files.feature_files` and
            :func:`offline.snippets.store.snippet_files`.
        """
        if self.i3d:
            return snippets.snippet_files(folder)
        if not _any(folder, windows.SUFFIX) and _any(folder, snippets.SUFFIX):
            raise UsageError(
                f"{folder}: holds I3D features alone, and the network reads {SW_MRO}; name a "
                "preset for i3d, or extract with --source sw-mro"
            )
        return windows.feature_files(folder, self.window)

    def load(self, path: Path) -> Record:
        """Return the record of one file.

        Raises
        ------
        UsageError
            If it is damaged, or holds I3D features of other weights.
        """
        if not self.i3d:
            return load_record(path)
        record = snippets.load_snippets(path)
        self._require_source(path, record.source)
        return record

    def load_folder(self, folder: Path) -> Sequence[Record]:
        """Return the records of all files below a folder, sorted by path.

        Raises
        ------
        UsageError
            As :meth:`files` and :meth:`load`, and if two are of one video.
        """
        if not self.i3d:
            self.files(folder)
            return load_folder(folder, self.window)
        records = snippets.load_snippet_folder(folder)
        for record in records:
            self._require_source(folder, record.source)
        return records

    def _require_source(self, where: Path, source: str) -> None:
        if source != self.source:
            raise UsageError(
                f"{where}: holds features of {source}, and the network reads {self.source}; "
                f"extract others, or add --set snippets.source={source}"
            )


def random_note(source: str) -> str:
    """Return what no figure may be quoted without if I3D learnt nothing; else an empty text."""
    if not source.startswith(_RANDOM):
        return ""
    return (
        f"RANDOM FEATURES ({source}): the I3D networks that measured them learnt nothing, their "
        f"weights were drawn with seed {source.removeprefix(_RANDOM)}"
    )


def _any(folder: Path, suffix: str) -> bool:
    return next(folder.rglob(f"*{suffix}"), None) is not None
