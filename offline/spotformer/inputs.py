"""What a network reads of SW-MRO features: windows as they were measured, or adjacent flow.

A network for windows of w ticks reads features that were measured with windows of w ticks, from the
first frame of each (``fes-offline extract --window w``). Others are refused: what a longer window
holds is neither cut nor are shorter ones joined, so that presets differ in nothing but their
window. The flow is not additive, and a cut window lacks the ticks that only a shorter one reaches:
its last ones before a face is lost.

The flow between neighbours, which takes the place of SW-MRO in an ablation, is read from the same
features. Row r of a run of w ticks starts at frame f = r - w // 2 and holds the flow from f to
f + 1 ... f + w - 1. Its first step is the flow from f to its neighbour, measured as all flow is:
with the landmarks of the first of both frames. Rows that follow each other therefore hold what is
measured between neighbours, to the last bit; subtracting the steps of one row would not, and what
SW-MRO adds could be had back by a sum.

Only the last w - 2 ticks of a run of scored ticks reach frames at which no row of it begins. There
the flow is taken as additive: the step of the run's last row less its step before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.errors import UsageError
from offline.data.records import FeatureRecord, Recipe
from offline.snippets.record import Record, SnippetRecord
from offline.spotformer.config import PARTS, SpotFormerConfig
from realtime.types import NODES

Windows = NDArray[np.float32]

_POSTURE: Final = np.array([node in PARTS["posture"] for node in NODES])


def supply_for(
    supply: Sequence[Record] | Recipe, config: SpotFormerConfig
) -> Sequence[FeatureRecord] | Recipe:
    """Return training records, or their recipe, as a network reads them.

    Raises
    ------
    UsageError
        If a record has other windows than the network reads, or snippets; a recipe says so when
        it draws.
    """
    if isinstance(supply, Sequence):
        return [record_for(require_windows(record), config) for record in supply]
    return RecipeFor(supply, config)


def require_windows(record: Record) -> FeatureRecord:
    """Return a record of windows.

    Raises
    ------
    UsageError
        If it holds snippets.
    """
    if isinstance(record, SnippetRecord):
        raise UsageError(
            f"{record.name}: holds snippets of {record.source}, and the network reads windows; "
            "extract again without --source"
        )
    return record


@dataclass(frozen=True, slots=True)
class RecipeFor:
    """A recipe's records as a network reads them."""

    recipe: Recipe
    config: SpotFormerConfig

    def draw(self, rng: np.random.Generator) -> FeatureRecord:
        """Return a new record.

        Raises
        ------
        UsageError
            If it has other windows than the network reads.
        """
        return record_for(self.recipe.draw(rng), self.config)


def record_for(record: FeatureRecord, config: SpotFormerConfig) -> FeatureRecord:
    """Return a record as a network reads it; where nothing changes, the same one.

    Raises
    ------
    UsageError
        If it has other windows than the network reads.
    """
    _require(record.window, config, f"{record.name}: ")
    if config.flow == "first-frame":
        return record
    features = np.zeros_like(record.features)
    for first, last in scored_runs(record.scored):
        features[first:last] = windows_for(record.features[first:last], config)
    return replace(record, features=features)


def windows_for(features: Windows, config: SpotFormerConfig) -> Windows:
    """Return the windows that a network reads, of consecutive scored ticks.

    Parameters
    ----------
    features
        float32 (T, window, 18, 2), px, SW-MRO of T consecutive ticks.
    config
        Says which windows.

    Returns
    -------
    float32 (T, window, 18, 2)
        The same array where it is what the network reads. Posture nodes hold where the face
        stood, whatever the flow.

    Raises
    ------
    UsageError
        If these are other windows than the network reads.
    """
    _require(features.shape[1], config)
    if config.flow == "first-frame" or len(features) == 0:
        return features
    return _adjacent(features)


def scored_runs(scored: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the half-open runs of scored ticks."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], scored, [False]]).astype(np.int8)))
    return [(first, last) for first, last in edges.reshape(-1, 2).tolist()]


def _require(window: int, config: SpotFormerConfig, what: str = "") -> None:
    if window != config.window:
        raise UsageError(
            f"{what}features for windows of {window} ticks, and the network reads {config.window}; "
            f"extract again with --window {config.window}"
        )


def _adjacent(features: Windows) -> Windows:
    """Return the flow from each frame of a window to the next, step 0 zero, (T, w, 18, 2)."""
    ticks, length = features.shape[:2]
    # frame 0 is the first of the first row; the frames of row r are r to r + w - 1
    after = np.arange(ticks)[:, None] + np.arange(length)
    before = np.maximum(after - 1, after[:, :1])
    row = np.minimum(before, ticks - 1)
    out: Windows = features[row, after - row]
    late = before - row
    out[..., ~_POSTURE, :] -= features[row, late][..., ~_POSTURE, :]
    return out
