"""Who is trained on and who is tested, so that nobody is both."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.errors import UsageError
from offline.ablation.cases import Case
from offline.ablation.datasets import Datasets
from offline.loso.corpus import Clip, Corpus
from offline.training.data import SIMULATED

_HELD_OUT_STREAM: Final = 4


@dataclass(frozen=True, slots=True)
class Sides:
    """The datasets of a case, by name.

    Attributes
    ----------
    train, test
        At least one each.
    """

    train: tuple[str, ...]
    test: tuple[str, ...]

    @classmethod
    def of(cls, case: Case, data: Datasets) -> "Sides":
        """Return the datasets of a case.

        Raises
        ------
        UsageError
            If one is not there.
        """
        where = f"case {case.name}:"
        return cls(
            data.chosen(case.train_on, f"{where} train on"),
            data.chosen(case.test_on, f"{where} test on"),
        )

    @property
    def both(self) -> tuple[str, ...]:
        """Recorded datasets that are trained and tested on, so that subjects are held out."""
        return tuple(name for name in self.train if name in self.test and name != SIMULATED)


@dataclass(frozen=True, slots=True)
class Split:
    """Videos of a training, and of its test.

    Attributes
    ----------
    train, test
        Recorded videos; no subject is in both.
    held_out
        Subjects of ``test`` whose datasets are trained on.
    """

    train: tuple[Clip, ...]
    test: tuple[Clip, ...]
    held_out: tuple[str, ...]


def split(sides: Sides, data: Datasets, share: float, seed: int) -> Split:
    """Hold a share of the subjects of each dataset out that is on both sides.

    Which ones follows from the dataset, the share and the seed alone: they are the same in every
    case. A dataset on one side only is used whole.
    """
    held = {name: held_out(data.recorded[name], share, seed) for name in sides.both}
    out = {subject for subjects in held.values() for subject in subjects}
    train = tuple(clip for clip in data.clips(sides.train) if clip.subject not in out)
    test = tuple(
        clip
        for name in sides.test
        for clip in data.clips([name])
        if name not in held or clip.subject in out
    )
    return Split(train, test, tuple(sorted(out)))


def held_out(corpus: Corpus, share: float, seed: int) -> tuple[str, ...]:
    """Return a share of a dataset's subjects, rounded, at least one and never all, sorted.

    Those with and those without any expression are drawn alike.
    """
    people = corpus.subjects
    count = min(max(1, round(share * len(people))), len(people) - 1)
    rng = np.random.default_rng((seed, _HELD_OUT_STREAM))
    return tuple(sorted(people[n] for n in rng.permutation(len(people))[:count].tolist()))


def loso_corpus(sides: Sides, data: Datasets) -> tuple[Corpus, Sequence[str]] | None:
    """Return the videos of a LOSO run and whose folds are done; None where none is left out.

    Every fold trains on all videos of the training side but those of its subject. Where no tested
    dataset is trained on, all folds would be one and the same network.

    Raises
    ------
    UsageError
        If only some of the tested datasets are trained on, or one is simulated.
    """
    if SIMULATED in (*sides.train, *sides.test):
        raise UsageError("--loso: simulated features have no subjects; leave --loso out")
    if not sides.both:
        return None
    if rest := sorted(set(sides.test) - set(sides.train)):
        raise UsageError(
            f"--loso: {', '.join(rest)} is tested and not trained on, beside {sides.both[0]} that "
            "is both; make two cases of it"
        )
    people = [subject for name in sides.test for subject in data.recorded[name].subjects]
    return Corpus("+".join(sides.train), data.clips(sides.train)), people
