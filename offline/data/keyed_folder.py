"""A folder of feature files, found by the key of what they were made from and how."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engines.errors import UsageError
from offline.data.content import CACHE, cached_hash, content_hash
from offline.data.feature_key import SHORT, feature_key
from offline.data.origin import DamagedError, Origin, read_origin
from offline.data.recording import Recording

log = logging.getLogger(__name__)

FORBIDDEN: Final = ("", ".", "..")


@dataclass(frozen=True, slots=True)
class KeyedFolder:
    """Feature files of one way of extraction.

    Attributes
    ----------
    root
        The folder; it may hold files of other ways.
    settings
        What the key takes from the way of extraction and from this version.
    keyed_names
        True: ``NAME.KEY`` and the suffix, so that the features of every key stay. False: ``NAME``
        and the suffix, which holds the latest; the key is inside it all the same.
    suffix
        Of its files.
    """

    root: Path
    settings: str
    keyed_names: bool
    suffix: str

    @property
    def cache(self) -> Path:
        """Where hashes of videos are kept."""
        return self.root / CACHE

    def key(self, recording: Recording) -> str:
        """Return the key of a recording's features; its frames are hashed if need be.

        Raises
        ------
        SourceError
            If they cannot be read.
        """
        content = content_hash(recording.path, self.cache)
        return feature_key(self.settings, content, recording.sampling)

    def path(self, recording: Recording, key: str) -> Path:
        """Return where the features of a recording with some key are.

        Raises
        ------
        UsageError
            If its name cannot be that of a file.
        """
        name = recording.name
        if Path(name).is_absolute() or any(part in FORBIDDEN for part in name.split("/")):
            raise UsageError(f"a video called {name!r} cannot name a file; give it another name")
        return self.root / (
            f"{name}.{key[:SHORT]}{self.suffix}" if self.keyed_names else name + self.suffix
        )

    def find(self, recording: Recording, cheaply: bool = False) -> tuple[Path, Origin] | None:
        """Return the feature file of a recording and its origin, or None if there is none.

        Parameters
        ----------
        recording
            Which video.
        cheaply
            None as well where the frames would have to be read to be sure.

        Raises
        ------
        SourceError
            If the frames cannot be read.
        """
        if cheaply:
            content = cached_hash(recording.path, self.cache)
            if content is None:
                return None
            key = feature_key(self.settings, content, recording.sampling)
        else:
            key = self.key(recording)
        path = self.path(recording, key)
        origin = _origin(path)
        return None if origin is None or origin.key != key else (path, origin)


def _origin(path: Path) -> Origin | None:
    """Return a file's origin; one that is damaged is as good as none."""
    if not path.is_file():
        return None
    try:
        return read_origin(path)
    except DamagedError as error:
        log.warning("%s", error)
        return None
