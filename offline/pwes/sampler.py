"""Which videos a step of PWES learns from, drawn so that they depend on the step alone."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.errors import UsageError
from offline.pwes.settings import PwesSettings
from offline.pwes.supplies import BatchVideo, RecordedVideos, make_supply
from offline.training.points import PointSource
from offline.training.sources import Source, endless

_STEP_STREAM: Final = 5


class BatchSampler:
    """Gives the videos of any step.

    Parameters
    ----------
    sources
        Where records come from.
    settings
        Of the method.
    points
        Point labels of the records.
    seed
        Of every random choice.

    Raises
    ------
    UsageError
        If nothing can be trained on.
    """

    def __init__(
        self, sources: Sequence[Source], settings: PwesSettings, points: PointSource, seed: int
    ) -> None:
        if not sources or any(not source.share > 0 for source in sources):
            raise UsageError("training data: give at least one source, each with a share above 0")
        self._config = settings.training
        self._seed = seed
        self._supplies = [make_supply(s, n, settings, points, seed) for n, s in enumerate(sources)]
        self._firsts = np.cumsum([0, *(supply.slots for supply in self._supplies)]).tolist()
        shares = np.array([source.share for source in sources])
        self._shares = shares / shares.sum()

    @property
    def slots(self) -> int:
        """Places of the memory bank."""
        return int(self._firsts[-1])

    def batch(self, step: int) -> list[BatchVideo]:
        """Return the videos of a 0-based step."""
        rng = np.random.default_rng((self._seed, _STEP_STREAM, step))
        first = step * self._config.batch
        return [self._one(step, first + n, rng) for n in range(self._config.batch)]

    def steps_per_epoch(self) -> int:
        """Return the steps of an epoch: as set, or every video once.

        Raises
        ------
        UsageError
            If the number is not set and a source is endless.
        """
        if self._config.steps_per_epoch:
            return self._config.steps_per_epoch
        if not all(isinstance(supply, RecordedVideos) for supply in self._supplies):
            raise endless()
        return math.ceil(self.slots / self._config.batch)

    def statistics(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return mean and deviation of each feature, float32 (2, D), over all first videos."""
        first = [video for supply in self._supplies for video in supply.first()]
        rows = np.concatenate([video.snippets for video in first])
        found = rows.mean(0, dtype=np.float64), rows.std(0, dtype=np.float64)
        return found[0].astype(np.float32), found[1].astype(np.float32)

    def _one(self, step: int, item: int, rng: np.random.Generator) -> BatchVideo:
        number = 0
        if len(self._supplies) > 1:
            number = int(rng.choice(len(self._supplies), p=self._shares))
        found = self._supplies[number].video(step, item, rng)
        return BatchVideo(found.video, self._firsts[number] + found.slot)
