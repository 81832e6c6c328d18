"""The frames of a video on their way into snippets."""

from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from offline.i3d.clips import Clip, ClipCutter
from offline.i3d.config import I3dOptions, Region
from offline.i3d.network import FEATURES
from offline.i3d.partial import Partial
from offline.i3d.pictures import Picture, face_box
from realtime.faces.tracker import FaceTracker, open_tracker
from realtime.types import Frame


class Streams(Protocol):
    """Whatever makes features of clips."""

    def features(self, clip: Clip) -> NDArray[np.float32]:
        """Return those of a snippet, float32 (2, 1024)."""
        ...


class Reading:
    """A video that is being read, frame by frame.

    Parameters
    ----------
    options
        How features are read.
    streams
        The networks.
    done
        What was measured before: its frames are passed over.
    """

    def __init__(self, options: I3dOptions, streams: Streams, done: Partial | None = None) -> None:
        self._frames = options.frames
        self._streams = streams
        self._cutter = ClipCutter(options.frames)
        self._tracker: FaceTracker | None = None
        if done is None and options.region is Region.FRAME:
            done = Partial.nothing()
        self._box = None if done is None else done.box
        self._rows = [] if done is None else list(done.rows)
        self._unseen = None if done is None else done.unseen
        self._begin = 0 if done is None else (self._blind + len(self._rows)) * self._frames
        self.timestamps_s: list[float] = []
        """Of every frame."""

    @property
    def unseen(self) -> int:
        """Frames before the first that shows what is looked at."""
        return len(self.timestamps_s) if self._unseen is None else self._unseen

    def push(self, frame: Frame) -> None:
        """Take the next frame.

        Raises
        ------
        FlowError
            If the flow to it cannot be computed.
        """
        at = len(self.timestamps_s)
        self.timestamps_s.append(frame.timestamp_s)
        if self._unseen is None:
            self._look(frame, at)
        if self._unseen is None or at < self._begin:
            return
        clip = self._cutter.push(Picture.of(frame.image, self._box))
        if clip is not None:
            self._rows.append(self._streams.features(clip))

    def streams(self) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return what is measured: float32 (2, T, 1024) and bool (T,), where a snippet is seen.

        T counts the snippets whose frames, and the one after them, were all taken.
        """
        snippets = max(0, len(self.timestamps_s) - 1) // self._frames
        seen = np.arange(snippets) * self._frames >= self.unseen
        out = np.zeros((2, snippets, FEATURES), np.float32)
        for k, row in zip(np.flatnonzero(seen), self._rows, strict=True):
            out[:, k] = row
        return out, seen

    def save(self, path: Path) -> None:
        """Write what is measured, to go on with it; nothing where nothing is."""
        if self._rows:
            Partial(self.unseen, self._box, np.stack(self._rows)).save(path)

    @property
    def _blind(self) -> int:
        """Snippets that begin before what is looked at is seen."""
        return -(-self.unseen // self._frames)

    def _look(self, frame: Frame, at: int) -> None:
        if self._tracker is None:
            self._tracker = open_tracker()
        faces = self._tracker.track(frame)
        if faces:
            self._box, self._unseen = face_box(faces[0]), at
            self._begin = self._blind * self._frames
            self._tracker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._tracker is not None:
            self._tracker.close()
