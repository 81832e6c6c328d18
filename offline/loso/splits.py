"""The inner split: training subjects that choose the epoch of a fold."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from engines.errors import UsageError
from offline.loso.corpus import Clip

INNER_SHARE: Final = 5
"""One training subject in five chooses."""

_INNER_STREAM: Final = 3


def inner_subjects(clips: Sequence[Clip], seed: int) -> tuple[str, ...]:
    """Return the subjects that are split off, sorted.

    A fifth, rounded, of the subjects with a labelled expression, at least one; and a fifth,
    rounded, of those without any, whose false positives count. It follows from the subjects and
    the seed alone.

    Parameters
    ----------
    clips
        Of the training subjects of one fold.
    seed
        Of the draw.

    Raises
    ------
    UsageError
        If fewer than two of the subjects have an expression: one must train, one choose.
    """
    people = sorted({clip.subject for clip in clips})
    marked = sorted({clip.subject for clip in clips if clip.intervals})
    if len(marked) < 2:
        raise UsageError(
            "--selection inner and --bar inner need two training subjects with expressions, not "
            f"{len(marked)}; use --selection last and --bar none"
        )
    rng = np.random.default_rng((seed, _INNER_STREAM))
    unmarked = [one for one in people if one not in marked]
    return tuple(sorted(_draw(marked, rng, least=1) + _draw(unmarked, rng, least=0)))


def _draw(people: Sequence[str], rng: np.random.Generator, least: int) -> list[str]:
    count = max(least, (len(people) + INNER_SHARE // 2) // INNER_SHARE)
    return [people[n] for n in rng.permutation(len(people))[:count].tolist()]
