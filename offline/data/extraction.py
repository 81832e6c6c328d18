"""Recorded frames through the live feature path: what trains a model is what will serve it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engines.errors import UsageError
from engines.intervals import Interval
from offline.data.records import FeatureRecord
from offline.evaluation.instances import Instance
from offline.progress import ProgressSource
from realtime.clock import Gap
from realtime.faces.tracker import open_tracker
from realtime.flow.step import Alignment
from realtime.pipeline.features import FeatureStream, Item, Seen, Vanished, Windows
from realtime.sources.base import Source
from realtime.sources.open import open_source
from realtime.types import NODES, RATE_HZ, WINDOW


@dataclass(frozen=True, slots=True)
class ExtractionOptions:
    """How features are read; equal options give equal features.

    Attributes
    ----------
    alignment
        How head motion is removed.
    flow
        ``streaming`` or ``reference``.
    face_model
        A MediaPipe ``.task`` file, or None for the bundled mesh.
    """

    alignment: Alignment = Alignment.RIGID
    flow: str = "streaming"
    face_model: Path | None = None


@dataclass(slots=True)
class Extraction:
    """The windows of one video.

    Attributes
    ----------
    windows
        Features by centre tick, each float32 (17, 18, 2).
    timestamps_s
        Of every frame read, relative to the first.
    ticks
        Length on the 30 Hz grid.
    lost
        Ticks at which the face went out of view, and gaps of the stream.
    """

    windows: dict[int, NDArray[np.float32]] = field(default_factory=dict)
    timestamps_s: list[float] = field(default_factory=list)
    ticks: int = 0
    lost: list[Vanished | Gap] = field(default_factory=list)

    def take(self, items: Sequence[Item]) -> None:
        """Add what one frame brought."""
        for item in items:
            match item:
                case Windows():
                    self.windows.update({w.tick: w.features for w in item.windows})
                case Seen():
                    self.ticks = item.tick + 1
                case Vanished() | Gap():
                    self.lost.append(item)

    def record(
        self,
        name: str,
        subject: str,
        labels: Sequence[Instance] = (),
        ignored: Sequence[Instance] = (),
    ) -> FeatureRecord:
        """Return the features with labels, whose frames become ticks by their timestamps."""
        features = np.zeros((self.ticks, WINDOW, len(NODES), 2), np.float32)
        scored = np.zeros(self.ticks, np.bool_)
        for tick, window in self.windows.items():
            if tick < self.ticks:
                features[tick], scored[tick] = window, True
        return FeatureRecord(
            name=name,
            subject=subject,
            features=features,
            scored=scored,
            intervals=tuple(self._interval(label) for label in labels),
            ignored=tuple(self._interval(label) for label in ignored),
        )

    def _interval(self, label: Instance) -> Interval:
        apex = (label.onset + label.offset) // 2 if label.apex is None else label.apex
        kind = label.kind
        if kind is None:
            raise UsageError(f"{label.video}: a label without a kind cannot be trained on")
        return Interval(kind, self._tick(label.onset), self._tick(apex), self._tick(label.offset))

    def _tick(self, frame: int) -> int:
        if not 0 <= frame < len(self.timestamps_s):
            raise UsageError(
                f"a label names frame {frame}, but the video has {len(self.timestamps_s)} frames"
            )
        return round(self.timestamps_s[frame] * RATE_HZ)


def extract(
    source: Source,
    options: ExtractionOptions,
    on_frame: Callable[[], object] = lambda: None,
) -> Extraction:
    """Read a source to its end.

    Parameters
    ----------
    source
        Open; it is closed here.
    options
        How features are read.
    on_frame
        Called after every frame, for progress.

    Raises
    ------
    SourceError
        If the source cannot be read to its end.
    """
    out = Extraction()
    with source, open_tracker(options.face_model) as tracker:
        stream = FeatureStream(tracker, options.alignment, options.flow)
        for frame in source:
            out.timestamps_s.append(frame.timestamp_s)
            out.take(stream.push(frame))
            on_frame()
        out.take(stream.finish())
    first = out.timestamps_s[0] if out.timestamps_s else 0.0
    out.timestamps_s = [t - first for t in out.timestamps_s]
    return out


def extract_path(path: Path, options: ExtractionOptions) -> Extraction:
    """Read a video file or a folder of images (see :func:`extract`)."""
    return extract(ProgressSource(open_source(str(path))), options)
