"""What features depend on, and the key that says so.

A feature file bears the key of what it was made from and how. Whatever would change a number in
it changes the key: the frames, how they are chosen and timed, the extractor and its settings.
"""

import hashlib
import json
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from engines.errors import ModelError
from offline.data.content import content_hash
from offline.data.extraction import ExtractionOptions
from realtime.types import FEATURES_VERSION, NODES, RATE_HZ, WINDOW

FORMAT: Final = 1
"""Of the feature file itself; raised when old files can no longer be read."""

SHORT: Final = 12
"""Hexadecimal digits of a key that make a file's name."""


def features_version() -> int:
    """Return the version of the extractor: raised whenever equal frames give other features."""
    return FEATURES_VERSION


@dataclass(frozen=True, slots=True)
class FeatureSettings:
    """How features are made, apart from the frames: equal settings give comparable features.

    Attributes
    ----------
    features_version
        See :func:`features_version`.
    alignment, flow
        As in :class:`offline.data.extraction.ExtractionOptions`.
    face_model
        SHA-256 of the ``.task`` file, or the mediapipe that brings the bundled mesh.
    rate_hz, window, nodes
        The grid and the shape of a window.
    """

    features_version: int
    alignment: str
    flow: str
    face_model: str
    rate_hz: int = RATE_HZ
    window: int = WINDOW
    nodes: int = len(NODES)

    @classmethod
    def of(cls, options: ExtractionOptions) -> "FeatureSettings":
        """Return the settings of this version for some options.

        Raises
        ------
        ModelError
            If the face model's file is missing.
        """
        model = _face_model(options.face_model)
        return cls(
            features_version(),
            options.alignment.value,
            options.flow,
            model,
            window=options.window,
        )

    @property
    def text(self) -> str:
        """One line of JSON, equal for equal settings."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps({"format": FORMAT, **values}, sort_keys=True)


def feature_key(settings: str, content: str, sampling: str) -> str:
    """Return the key of one video's features, 64 hexadecimal digits.

    Parameters
    ----------
    settings
        The text of :class:`FeatureSettings`.
    content
        Hash of the video (:func:`offline.data.content.content_hash`).
    sampling
        How its frames are chosen and timed, in words.
    """
    return hashlib.sha256(f"{settings}\n{content}\n{sampling}".encode()).hexdigest()


def _face_model(path: Path | None) -> str:
    if path is not None:
        if not path.is_file():
            raise ModelError(f"{path}: no such face model; give a MediaPipe .task file")
        return content_hash(path)
    try:
        return f"mesh of mediapipe {version('mediapipe')}"
    except PackageNotFoundError:
        return "mesh of an unknown mediapipe"
