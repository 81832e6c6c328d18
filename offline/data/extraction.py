"""Recorded frames through the live feature path: what trains a model is what will serve it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engines.errors import UsageError
from offline.data.labels import ignored_interval, label_interval
from offline.data.records import FeatureRecord
from offline.data.tape import Features, WindowTape
from offline.evaluation.instances import Instance
from offline.progress import ProgressSource
from realtime.clock import Gap
from realtime.faces.tracker import open_tracker
from realtime.flow.step import Alignment
from realtime.pipeline.features import FeatureStream, Item, Seen, Vanished, Windows
from realtime.sources.base import Source
from realtime.sources.open import open_source
from realtime.types import WINDOW, require_window


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
    window
        Ticks of a window, one of ``realtime.types.WINDOWS``: that of the network that is to read
        the features.

    Raises
    ------
    UsageError
        If a window cannot have so many ticks.
    """

    alignment: Alignment = Alignment.RIGID
    flow: str = "streaming"
    face_model: Path | None = None
    window: int = WINDOW

    def __post_init__(self) -> None:
        try:
            require_window(self.window)
        except ValueError as error:
            raise UsageError(f"--window: {error}") from None


@dataclass(slots=True)
class Extraction:
    """The windows of one video.

    Attributes
    ----------
    timestamps_s
        Of every frame read, relative to the first.
    ticks
        Length on the 30 Hz grid.
    lost
        Ticks at which the face went out of view, and gaps of the stream.
    faceless
        Number of ticks without a face; those of a gap count.
    tape
        The windows.
    """

    timestamps_s: list[float] = field(default_factory=list)
    ticks: int = 0
    lost: list[Vanished | Gap] = field(default_factory=list)
    faceless: int = 0
    tape: WindowTape = field(default_factory=WindowTape)

    @property
    def windows(self) -> dict[int, Features]:
        """Features by centre tick, each float32 (window, 18, 2)."""
        return self.tape.windows()

    def take(self, items: Sequence[Item]) -> None:
        """Add what one frame brought."""
        for item in items:
            match item:
                case Windows():
                    for window in item.windows:
                        self.tape.put(window.tick, window.features)
                case Seen():
                    self.ticks = item.tick + 1
                    self.faceless += not item.faces
                case Gap():
                    self.lost.append(item)
                    self.faceless += item.last - item.first + 1
                case Vanished():
                    self.lost.append(item)

    def record(
        self,
        name: str,
        subject: str,
        labels: Sequence[Instance] = (),
        ignored: Sequence[Instance] = (),
    ) -> FeatureRecord:
        """Return the features with labels, whose frames become ticks by their timestamps.

        Raises
        ------
        UsageError
            If a label has no kind, or names a frame that the video does not have.
        """
        features, scored = self.tape.cut(self.ticks)
        times = self.timestamps_s
        return FeatureRecord(
            name=name,
            subject=subject,
            features=features,
            scored=scored,
            intervals=tuple(label_interval(label, times) for label in labels),
            ignored=tuple(ignored_interval(label, times) for label in ignored),
            window=self.tape.window,
        )


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
    out = Extraction(tape=WindowTape(options.window))
    with source, open_tracker(options.face_model) as tracker:
        stream = FeatureStream(tracker, options.alignment, options.flow, window=options.window)
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
