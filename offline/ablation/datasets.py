"""The datasets of an ablation, by the names that cases call them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from engines.errors import UsageError
from offline.data.origin import read_origin
from offline.loso.corpus import Clip, Corpus
from offline.snippets.reads import Reads
from offline.training.data import SIMULATED, simulated_recipe

BETWEEN: Final = "/"
"""Between a dataset's name and those of its videos and subjects."""


@dataclass(frozen=True, slots=True)
class Datasets:
    """Recorded datasets, and whether simulated features stand beside them.

    Attributes
    ----------
    recorded
        By name. Videos and subjects are called ``DATASET/NAME``, so that two datasets may be
        merged.
    simulated
        Whether ``simulated`` is a dataset too.
    """

    recorded: Mapping[str, Corpus]
    simulated: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All datasets, in the order given."""
        return (*self.recorded, *((SIMULATED,) if self.simulated else ()))

    def chosen(self, names: Sequence[str], what: str) -> tuple[str, ...]:
        """Return the datasets of a side of a case; all for none.

        Raises
        ------
        UsageError
            If one is not there.
        """
        missing = [name for name in names if name not in self.names]
        if missing:
            raise UsageError(
                f"{what} {', '.join(missing)}: there is {', '.join(self.names)}; "
                f"add --data {missing[0]}=FOLDER"
            )
        return tuple(names) or self.names

    def clips(self, names: Iterable[str]) -> tuple[Clip, ...]:
        """Return the videos of some datasets."""
        return tuple(c for name in names if name != SIMULATED for c in self.recorded[name].clips)

    def describe(self, names: Iterable[str]) -> dict[str, str]:
        """Return the digest of each of some datasets, for JSON."""
        return {n: SIMULATED if n == SIMULATED else self.recorded[n].digest for n in names}


def read_all(texts: Sequence[str], wanted: Iterable[Reads]) -> dict[Reads, Datasets]:
    """Return the datasets of ``--data`` texts for each sort of features that a network reads.

    Raises
    ------
    UsageError
        As :func:`read_datasets`, or if the features of two sorts are not of the same videos with
        the same labels: what differs in more than its features cannot be compared.
    """
    found = {reads: read_datasets(texts, reads) for reads in dict.fromkeys(wanted)}
    for name in {name for data in found.values() for name in data.recorded}:
        first, *others = found
        for reads in others:
            lengths = not (first.i3d or reads.i3d)
            one, other = (_labelling(found[sort], name, lengths) for sort in (first, reads))
            if one != other:
                raise UsageError(
                    f"--data {name}: features for {_between(first, reads)} have "
                    "other videos or labels; extract all with the same videos and labels"
                )
    return found


def _between(one: Reads, other: Reads) -> str:
    if one.i3d or other.i3d:
        return f"{one.source} and {other.source}"
    return f"windows of {one.window} and of {other.window} ticks"


def _labelling(data: Datasets, name: str, lengths: bool) -> list[object]:
    """Return what must be alike; files of I3D that do not know their frames end with a snippet."""
    return [
        (c.name, c.subject, c.intervals, c.ignored, c.ticks if lengths else 0)
        for c in data.recorded[name].clips
    ]


def read_datasets(texts: Sequence[str], reads: Reads | None = None) -> Datasets:
    """Return the datasets of ``--data NAME=FOLDER`` or ``--data simulated``, of one sort.

    Raises
    ------
    UsageError
        If a text is neither, a name comes twice, a folder holds no valid feature files of that
        sort of two subjects or more, or two hold features that were made in different ways.
    """
    recorded: dict[str, Corpus] = {}
    simulated = False
    for text in texts:
        name, equals, folder = text.partition("=")
        if text == SIMULATED:
            simulated_recipe(reads)
            simulated = True
            continue
        if not (name and equals and folder) or BETWEEN in name or name == SIMULATED:
            raise UsageError(f"--data {text}: write NAME=FOLDER of feature files, or {SIMULATED}")
        if name in recorded:
            raise UsageError(f"--data {text}: {name} was named before; choose another name")
        recorded[name] = _named(name, Corpus.of_folder(Path(folder), reads))
    if not (recorded or simulated):
        raise UsageError(f"--data: name at least one NAME=FOLDER, or {SIMULATED}")
    _require_alike(recorded)
    return Datasets(recorded, simulated)


def _named(name: str, corpus: Corpus) -> Corpus:
    clips = tuple(
        replace(c, name=f"{name}{BETWEEN}{c.name}", subject=f"{name}{BETWEEN}{c.subject}")
        for c in corpus.clips
    )
    return Corpus(name, clips, corpus.absent, corpus.about)


def _require_alike(recorded: Mapping[str, Corpus]) -> None:
    made: dict[str | None, str] = {}
    for name, corpus in recorded.items():
        origin = read_origin(corpus.clips[0].path)
        made.setdefault(None if origin is None else origin.settings, name)
    if len(made) > 1:
        one, other = list(made.values())[:2]
        raise UsageError(
            f"--data: the features of {one} and {other} were made in different ways; extract both "
            "with the same options"
        )
