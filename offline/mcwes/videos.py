"""What a step of MC-WES learns from: snippets of a video, and the kinds that the video holds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engines.intervals import Kind
from offline.mcwes.inputs import usable
from offline.snippets.record import SnippetRecord


@dataclass(frozen=True, slots=True)
class TrainingVideo:
    """Snippets of one video.

    Attributes
    ----------
    name
        Of the video.
    snippets
        float32 (T, 2, D), those that tell something. What lies on both sides of a gap is joined:
        the label is the whole video's.
    kinds
        Which kinds of expression it holds.
    """

    name: str
    snippets: NDArray[np.float32]
    kinds: frozenset[Kind]

    @classmethod
    def of(cls, record: SnippetRecord, kinds: frozenset[Kind]) -> "TrainingVideo":
        """Return a record's usable snippets with its label."""
        kept = record.streams[:, usable(record)].transpose(1, 0, 2)
        return cls(record.name, np.ascontiguousarray(kept), kinds)

    @property
    def label(self) -> NDArray[np.float32]:
        """Kinds as numbers, float32 (2,): 1 where it holds micro, macro."""
        return np.array([kind in self.kinds for kind in Kind], np.float32)

    def sample(self, count: int, how: str, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return at most some of the snippets, in order; all where there are no more.

        Parameters
        ----------
        count
            How many; 0 is all.
        how
            ``"spread"``: one from each of so many even parts; ``"run"``: consecutive ones.
        rng
            Draws.
        """
        total = len(self.snippets)
        if not count or total <= count:
            return self.snippets
        if how == "run":
            first = int(rng.integers(total - count, endpoint=True))
            return self.snippets[first : first + count]
        bounds = np.arange(count + 1) * total // count
        drawn: NDArray[np.float32] = self.snippets[rng.integers(bounds[:-1], bounds[1:])]
        return drawn
