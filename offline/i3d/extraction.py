"""I3D features of one recorded video."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.errors import SourceError
from offline.i3d.config import I3dOptions
from offline.i3d.flow import FlowError
from offline.i3d.partial import read_partial
from offline.i3d.reading import Reading
from offline.i3d.streams import two_streams
from offline.snippets.record import ticks_of
from realtime.sources.base import Source
from realtime.types import RATE_HZ

SAVE_S: Final = 60.0
"""How much work is lost at most when a process is killed, s."""

GAP: Final = 2.5
"""Frames further apart than so many usual ones leave a gap; one that is missing does not."""


@dataclass(frozen=True, slots=True)
class I3dExtraction:
    """The snippets of one video.

    Attributes
    ----------
    streams
        float32 (2, T, 1024): RGB, flow. Zero where not valid.
    valid
        bool (T,), False where frames are missing, or before the first face is seen.
    edges
        float64 (T + 1,), ticks of the 30 Hz grid.
    timestamps_s
        Of every frame, relative to the first.
    faceless
        Ticks before the first face, where one is looked for.
    """

    streams: NDArray[np.float32]
    valid: NDArray[np.bool_]
    edges: NDArray[np.float64]
    timestamps_s: list[float]
    faceless: int = 0

    @property
    def snippets(self) -> int:
        """Number of snippets, T; 0 of a video that is shorter than one."""
        return len(self.valid)

    @property
    def ticks(self) -> int:
        """Length of the video on the 30 Hz grid."""
        return ticks_of(np.array(self.timestamps_s))


def measure_i3d(source: Source, options: I3dOptions, partial: Path) -> I3dExtraction:
    """Read a source to its end.

    Parameters
    ----------
    source
        Open; it is closed here.
    options
        How features are read.
    partial
        Where what is measured goes from time to time and after an interrupt, and what is there
        from before: it is not measured again. The caller removes it.

    Raises
    ------
    SourceError
        If the source cannot be read to its end, or the flow between two frames not computed.
    ModelError
        If a checkpoint cannot be used.
    """
    streams = two_streams(options.weights, options.device)
    saved = time.monotonic()
    with source, Reading(options, streams, read_partial(partial)) as reading:
        try:
            for frame in source:
                reading.push(frame)
                if time.monotonic() - saved > SAVE_S:
                    reading.save(partial)
                    saved = time.monotonic()
        except FlowError as error:
            last = len(reading.timestamps_s) - 1
            raise SourceError(
                f"{source.info.name}: TV-L1 flow from frame {last - 1} to {last} failed: {error}"
            ) from error
        finally:
            # also after Ctrl-C
            reading.save(partial)
    return _extraction(reading, options.frames)


def _extraction(reading: Reading, frames: int) -> I3dExtraction:
    """Return what was read; a video's last frame belongs to no snippet."""
    streams, seen = reading.streams()
    times = np.array(reading.timestamps_s, np.float64)
    times -= times[:1].sum()  # of no frames, too
    valid = seen & _without_gaps(times, frames, len(seen))
    streams[:, ~valid] = 0
    starts = times[: len(seen) * frames + 1 : frames]
    edges = starts * RATE_HZ if len(starts) else np.zeros(1)
    faceless = ticks_of(times[: reading.unseen])
    return I3dExtraction(streams, valid, edges, times.tolist(), faceless)


def _without_gaps(times: NDArray[np.float64], frames: int, snippets: int) -> NDArray[np.bool_]:
    """Return which snippets have all their frames, and the one after them, where they belong."""
    if snippets == 0:
        return np.ones(0, np.bool_)
    steps = np.diff(times)
    near: NDArray[np.bool_] = steps <= GAP * np.median(steps)
    whole: NDArray[np.bool_] = near[: snippets * frames].reshape(snippets, frames).all(axis=1)
    return whole
