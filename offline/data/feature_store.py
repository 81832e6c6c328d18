"""Features of a whole dataset on disk, one file per video, never older than what makes them.

A file is found by the key of its content (:mod:`offline.data.feature_key`). When the frames, the
extractor or its settings change, the key does, and what was there before is not used any more.
Labels are no part of the key: they are laid on the grid anew when a file is loaded.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from engines.errors import UsageError
from engines.intervals import Interval
from offline.data.content import CACHE, cached_hash, content_hash
from offline.data.extraction import ExtractionOptions
from offline.data.feature_files import SUFFIX
from offline.data.feature_key import SHORT, FeatureSettings, feature_key
from offline.data.labels import ignored_interval, label_interval, split_labels
from offline.data.origin import DamagedError, Origin, read_origin
from offline.data.recording import Recording
from offline.data.records import FeatureRecord
from offline.data.store import load_record

log = logging.getLogger(__name__)

Labelled = tuple[tuple[Interval, ...], tuple[Interval, ...], tuple[str, ...]]
FORBIDDEN: Final = ("", ".", "..")


@dataclass(frozen=True, slots=True)
class FeatureStore:
    """A folder of feature files for one way of extraction.

    Attributes
    ----------
    root
        The folder; it may hold files of other ways.
    options
        How features are read.
    settings
        What their key takes from the options and from this version.
    keyed_names
        True: ``NAME.KEY.npz``, so that the features of every key stay. False: ``NAME.npz``, which
        holds the latest; the key is inside it all the same.
    """

    root: Path
    options: ExtractionOptions
    settings: str
    keyed_names: bool = True

    @classmethod
    def open(
        cls, root: Path, options: ExtractionOptions | None = None, keyed_names: bool = True
    ) -> "FeatureStore":
        """Return the store of a folder, which need not exist.

        Raises
        ------
        ModelError
            If the face model's file is missing.
        """
        chosen = options or ExtractionOptions()
        return cls(root, chosen, FeatureSettings.of(chosen).text, keyed_names)

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
        return self.root / (f"{name}.{key[:SHORT]}{SUFFIX}" if self.keyed_names else name + SUFFIX)

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

    def load(self, recording: Recording) -> FeatureRecord:
        """Return a recording's features with its present labels.

        Labels outside the video are left out; the log names them.

        Raises
        ------
        SourceError
            If the frames cannot be read, so that nobody knows whether the features are theirs.
        UsageError
            If they were not extracted, or a label has no kind.
        """
        found = self.find(recording)
        if found is None:
            raise UsageError(f"{recording.name}: no features of it in {self.root}; extract first")
        path, origin = found
        intervals, ignored, rejected = lay_labels(recording, origin.timestamps_s.tolist())
        for reason in rejected:
            log.warning("label left out: %s", reason)
        return replace(
            load_record(path),
            name=recording.name,
            subject=recording.subject,
            intervals=intervals,
            ignored=ignored,
        )


def lay_labels(recording: Recording, timestamps_s: Sequence[float]) -> Labelled:
    """Return the labels and the ignored intervals of a recording in ticks, and what is rejected.

    Raises
    ------
    UsageError
        If a label has no kind.
    """
    labels, wrong = split_labels(recording.labels, len(timestamps_s))
    ignored, also_wrong = split_labels(recording.ignored, len(timestamps_s))
    return (
        tuple(label_interval(label, timestamps_s) for label in labels),
        tuple(ignored_interval(label, timestamps_s) for label in ignored),
        wrong + also_wrong,
    )


def times_of(timestamps_s: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return timestamps as they are stored, float64 (frames,)."""
    return np.asarray(timestamps_s, np.float64).reshape(-1)


def _origin(path: Path) -> Origin | None:
    """Return a file's origin; one that is damaged is as good as none."""
    if not path.is_file():
        return None
    try:
        return read_origin(path)
    except DamagedError as error:
        log.warning("%s", error)
        return None
