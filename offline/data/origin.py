"""What a feature file says about how it was made."""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.errors import UsageError
from offline.data.feature_key import feature_key, features_version

_TEXTS: Final = ("key", "settings", "content", "sampling")
_KEYS: Final = (*_TEXTS, "timestamps_s", "faceless")


class DamagedError(UsageError):
    """A feature file that is missing or cannot be used; it can be extracted again."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the features of one video come from.

    Attributes
    ----------
    settings
        Text of :class:`offline.data.feature_key.FeatureSettings`.
    content
        Hash of the frames' source.
    sampling
        How frames were chosen and timed.
    timestamps_s
        float64 (frames,): of every frame, relative to the first, s. Labels are laid on the grid
        by them, also those that change after the extraction.
    faceless
        Ticks without a face.
    """

    settings: str
    content: str
    sampling: str
    timestamps_s: NDArray[np.float64]
    faceless: int

    @property
    def key(self) -> str:
        """Key of the features (:func:`offline.data.feature_key.feature_key`)."""
        return feature_key(self.settings, self.content, self.sampling)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return it as arrays of a feature file."""
        texts = {name: np.array(getattr(self, name)) for name in _TEXTS}
        return {
            **texts,
            "timestamps_s": self.timestamps_s,
            "faceless": np.array(self.faceless, np.int64),
        }


def read_origin(path: Path) -> Origin | None:
    """Return the origin of a feature file, or None where it does not say; no features are read.

    Raises
    ------
    DamagedError
        If the file is missing or damaged, or its key is not that of what it says.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            if not set(_KEYS) <= set(stored.files):
                return None
            arrays = {name: stored[name] for name in _KEYS}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DamagedError(f"{path}: not a feature file: {reason}; extract it again") from error
    _, settings, content, sampling = (str(arrays[name]) for name in _TEXTS)
    times, faceless = arrays["timestamps_s"], arrays["faceless"]
    if times.dtype != np.float64 or times.ndim != 1 or faceless.dtype != np.int64 or faceless.ndim:
        raise DamagedError(f"{path}: not a feature file: its times are none; extract it again")
    origin = Origin(settings, content, sampling, times, int(faceless))
    if origin.key != str(arrays["key"]):
        raise DamagedError(f"{path}: its key is not that of its features; extract it again")
    return origin


def require_one_origin(folder: Path, paths: Sequence[Path]) -> None:
    """Check that feature files may be used together, and with this version.

    Raises
    ------
    UsageError
        If some were made with other settings than the rest, or all by another version of the
        extractor.
    """
    made: dict[str | None, Path] = {}
    for path in paths:
        origin = read_origin(path)
        made.setdefault(None if origin is None else origin.settings, path)
    if len(made) > 1:
        one, other = list(made.values())[:2]
        raise UsageError(
            f"{folder}: {one.name} and {other.name} were made in different ways; "
            "extract into one folder for each way"
        )
    for settings, path in made.items():
        made_by = None if settings is None else version_of(settings)
        if made_by not in (None, features_version()):
            raise UsageError(
                f"{path}: made by version {made_by} of the extractor, this is version "
                f"{features_version()}: extract it again"
            )


def version_of(settings: str) -> int | None:
    """Return the extractor's version in the text of some settings, or None."""
    try:
        value = json.loads(settings)["features_version"]
    except (ValueError, KeyError, TypeError):
        return None
    return value if isinstance(value, int) else None
