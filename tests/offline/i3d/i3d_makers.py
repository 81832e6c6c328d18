"""Videos, and networks and flows that take no time."""

import numpy as np

from offline.i3d.config import I3dOptions
from offline.i3d.weights import I3dWeights
from realtime.sources.base import SourceInfo
from realtime.types import Frame

RANDOM = I3dOptions(I3dWeights(seed=7), frames=4)


def images(count, seed=0, height=40, width=56):
    """Pictures that differ."""
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, (height, width, 3), np.uint8) for _ in range(count)]


class ListSource:
    """Frames at times; after ``end`` frames, ``error`` is raised."""

    def __init__(self, pictures, times=None, end=None, error=None):
        self.pictures = pictures
        self.times = [k / 30 for k in range(len(pictures))] if times is None else times
        self.end, self.error = end, error
        self.info = SourceInfo("list", False, 56, 40)
        self.dropped = 0

    def __iter__(self):
        for index, (time, image) in enumerate(zip(self.times, self.pictures, strict=True)):
            if index == self.end:
                raise self.error
            yield Frame(index, 5 + time, image)

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class QuickFlow:
    """Says one number everywhere: by how much the second picture's mean is brighter."""

    def between(self, first, second):
        value = second.astype(np.float64).mean() - first.astype(np.float64).mean()
        return np.full((*first.shape, 2), value, np.float32)


class MeanStreams:
    """Features that are the means of a clip's frames, and how many clips were asked for."""

    def __init__(self):
        self.asked = 0

    def features(self, clip):
        self.asked += 1
        row = np.zeros((2, 1024), np.float32)
        for stream, part in enumerate((clip.rgb, clip.flow)):
            means = part.mean(axis=(0, 2, 3))
            row[stream, : len(means)] = means
        return row
