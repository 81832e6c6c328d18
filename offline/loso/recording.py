"""A video of a dataset as extraction sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engines.errors import SourceError
from offline.datasets.frames import open_video
from offline.datasets.records import DatasetVideo
from offline.evaluation.instances import Instance
from realtime.sources.base import Source
from realtime.types import RATE_HZ


@dataclass(frozen=True, slots=True)
class DatasetRecording:
    """One video of a dataset.

    Attributes
    ----------
    video
        With its labels; its frames are present.
    """

    video: DatasetVideo

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
        """File or folder.

        Raises
        ------
        SourceError
            If the frames are missing.
        """
        if self.video.source is None:
            raise SourceError(f"{self.name}: its frames are missing")
        return self.video.source

    @property
    def sampling(self) -> str:
        """Which frames are read and by what clock, in words."""
        every = self.video.sampling.every
        if every > 1:
            return f"every {every}th frame, at {RATE_HZ} Hz"
        if self.path.is_dir():
            return f"all frames at {self.video.fps!r} Hz"
        return "own times"

    @property
    def labels(self) -> Sequence[Instance]:
        """Labelled expressions."""
        return self.video.labels

    @property
    def ignored(self) -> Sequence[Instance]:
        """Intervals that count neither way."""
        return self.video.ignored_labels

    def open(self) -> Source:
        """Open the frames (see :func:`offline.datasets.frames.open_video`)."""
        return open_video(self.video)
