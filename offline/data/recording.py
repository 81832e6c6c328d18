"""A recorded video as extraction sees it, wherever it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from offline.data.videos import Video
from offline.evaluation.instances import Instance
from realtime.sources.base import Source
from realtime.sources.open import open_source


class Recording(Protocol):
    """One video of a dataset. It can be pickled, so that any process can extract it."""

    @property
    def name(self) -> str:
        """Unlike that of any other video of the dataset."""
        ...

    @property
    def subject(self) -> str:
        """The person in it."""
        ...

    @property
    def path(self) -> Path:
        """The file or folder that holds its frames: what is hashed."""
        ...

    @property
    def sampling(self) -> str:
        """How frames are chosen from it and timed, in words: part of the features' key."""
        ...

    @property
    def labels(self) -> Sequence[Instance]:
        """Labelled expressions, in frames of the opened source, 0-based and inclusive."""
        ...

    @property
    def ignored(self) -> Sequence[Instance]:
        """Intervals that count neither for nor against, in the same frames."""
        ...

    def open(self) -> Source:
        """Open its frames.

        Raises
        ------
        SourceError
            If it cannot be opened.
        """
        ...


@dataclass(frozen=True, slots=True)
class VideoRecording:
    """A video file, or a folder of images at a rate.

    Attributes
    ----------
    video
        With its labels.
    rate_hz
        Of a folder of images; 30 where None. A file has timestamps of its own.
    """

    video: Video
    rate_hz: float | None = None

    @property
    def name(self) -> str:
        """Name of the video."""
        return self.video.name

    @property
    def subject(self) -> str:
        """The person in it."""
        return self.video.subject

    @property
    def path(self) -> Path:
        """File or folder."""
        return self.video.path

    @property
    def sampling(self) -> str:
        """All frames, at their own times or at the rate."""
        return "own times" if self.rate_hz is None else f"all frames at {self.rate_hz!r} Hz"

    @property
    def labels(self) -> Sequence[Instance]:
        """Labelled expressions."""
        return self.video.labels

    @property
    def ignored(self) -> Sequence[Instance]:
        """Intervals that count neither way."""
        return self.video.ignored

    def open(self) -> Source:
        """Open the frames (see :func:`realtime.sources.open.open_source`)."""
        return open_source(str(self.path), self.rate_hz)
