"""The ``--data`` option: names of sources and their shares, and what they stand for."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from engines.errors import UsageError
from offline.data.records import Recipe
from offline.snippets.reads import Reads
from offline.snippets.record import Record
from offline.training.start import Source
from offline.training.validation import draw_held_out

SIMULATED: Final = "simulated"


def simulated_recipe(reads: Reads | None = None) -> Recipe:
    """Return the feature simulator, for a network that reads some files (those of 17 ticks).

    Raises
    ------
    UsageError
        If they are of I3D, which is not simulated.
    """
    wanted = reads or Reads()
    if wanted.i3d:
        raise UsageError(
            f"{SIMULATED}: is SW-MRO features, and the network reads {wanted.source}; name a "
            "folder of I3D features, or a preset for sw-mro"
        )
    # Imported here: training on recorded features needs none of it.
    from offline.simulate.recipe import SimulatedRecipe  # noqa: PLC0415

    return SimulatedRecipe(window=wanted.window)


def parse_sources(
    text: str, recipe: Callable[[], Recipe] | None = None, reads: Reads | None = None
) -> list[Source]:
    """Return the sources of ``simulated=0.7,features/=0.3``.

    Parameters
    ----------
    text
        Sources separated by commas: ``simulated``, or a folder of feature files; each with an
        optional share of every batch (all equal by default).
    recipe
        Makes what ``simulated`` stands for; the feature simulator if None.
    reads
        What the network reads; windows of 17 ticks if None.

    Raises
    ------
    UsageError
        If a share is not a number above 0, or a folder has no valid feature files of that sort.
    """
    wanted = reads or Reads()
    simulate = recipe or partial(simulated_recipe, wanted)
    sources = []
    for item in text.split(","):
        name, equals, share = (
            item.strip().rpartition("=") if "=" in item else (item.strip(), "", "")
        )
        if not name:
            raise UsageError(f"--data {text}: an empty source")
        supply = simulate() if name == SIMULATED else wanted.load_folder(Path(name))
        sources.append(Source(name, supply, _share(text, share) if equals else 1.0))
    return sources


def recorded_videos(sources: Sequence[Source]) -> set[str]:
    """Return the names of all videos that are loaded, not drawn."""
    return {
        record.name
        for source in sources
        if isinstance(source.supply, Sequence)
        for record in source.supply
    }


def validation_records(name: str, seed: int, reads: Reads | None = None) -> Sequence[Record]:
    """Return the records of ``--validate``: simulated ones, or a folder's.

    Raises
    ------
    UsageError
        If the folder has no valid feature files of the sort that the network reads.
    """
    if name == SIMULATED:
        return draw_held_out(simulated_recipe(reads), seed)
    return (reads or Reads()).load_folder(Path(name))


def _share(text: str, value: str) -> float:
    try:
        share = float(value)
    except ValueError:
        share = 0.0
    if not 0 < share < float("inf"):
        raise UsageError(f"--data {text}: share {value!r} must be a number above 0")
    return share
