"""Windows of another length, or of the flow between neighbours, from stored SW-MRO features.

Row r of a video's features starts at frame f = r - 8 and holds the flow from f to f + 1 ... f + 16.
So it also holds, as its first steps, the shorter window that starts there: a window of 9 ticks
around tick t is the first 9 steps of row t + 4. And its first step is the flow from f to its
neighbour, measured as all flow is: with the landmarks of the first of both frames. Shifting rows
therefore gives what an extractor for other windows would give the paper's nodes, to the last bit.
Subtracting the steps of one row would not: they are all measured from that row's first frame, and
what SW-MRO adds could be had back by a sum.

Two things are not in the features and are approximated, flow being taken as additive:

- The windows that begin in the last ticks of a run of scored ticks, 8 - w // 2 of them for windows
  of w ticks and 7 + w // 2 for the flow between neighbours, take steps of the run's last row, less
  its step at their own first frame.
- A window of more than 17 ticks is joined from two rows: the flow to its 17th frame, plus the flow
  from there on. Beyond the first and last frame that a run holds, those are repeated, as the paper
  pads a video. Against windows measured at full length, joined steps of 19 to 25 ticks were off by
  0.08 to 0.14 px in the median on a clip with a still head (steps of 1.8 px) and by 0.26 to 0.49 px
  on one with a turning head (steps of 2.5 px). Simulated
  features have windows of any length and need none of this.

The same ticks are scored whatever the window, so that presets are compared on equal terms.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from offline.data.records import FeatureRecord, Recipe
from offline.spotformer.config import PARTS, SpotFormerConfig
from realtime.types import NODES, WINDOW

Windows = NDArray[np.float32]
Places = NDArray[np.int64]

_POSTURE: Final = np.array([node in PARTS["posture"] for node in NODES])


@runtime_checkable
class AnyWindow(Recipe, Protocol):
    """A recipe whose records can have windows of any length."""

    def of_window(self, window: int) -> Recipe:
        """Return the recipe for windows of some ticks."""
        ...


def supply_for(
    supply: Sequence[FeatureRecord] | Recipe, config: SpotFormerConfig
) -> Sequence[FeatureRecord] | Recipe:
    """Return training records, or their recipe, with the windows that a network reads."""
    if config.flow == "first-frame" and config.window == WINDOW:
        return supply
    if isinstance(supply, Sequence):
        return [record_for(record, config) for record in supply]
    return RecipeFor(recipe_for(supply, config), config)


def recipe_for(recipe: Recipe, config: SpotFormerConfig) -> Recipe:
    """Return a recipe whose windows are as long as a network's, if it has a choice."""
    return recipe.of_window(config.window) if isinstance(recipe, AnyWindow) else recipe


@dataclass(frozen=True, slots=True)
class RecipeFor:
    """A recipe's records with the windows that a network reads."""

    recipe: Recipe
    config: SpotFormerConfig

    def draw(self, rng: np.random.Generator) -> FeatureRecord:
        """Return a new record."""
        return record_for(self.recipe.draw(rng), self.config)


def record_for(record: FeatureRecord, config: SpotFormerConfig) -> FeatureRecord:
    """Return a record with the windows that a network reads; not scored ticks keep zeros."""
    features = np.zeros((len(record.features), config.window, len(NODES), 2), np.float32)
    for first, last in scored_runs(record.scored):
        features[first:last] = windows_for(record.features[first:last], config)
    return replace(record, features=features, window=config.window)


def windows_for(features: Windows, config: SpotFormerConfig) -> Windows:
    """Return the windows that a network reads, of consecutive scored ticks.

    Parameters
    ----------
    features
        float32 (T, W, 18, 2), px, SW-MRO of T consecutive ticks.
    config
        Says which windows.

    Returns
    -------
    float32 (T, config.window, 18, 2)
        The same array where it is what the network reads. Posture nodes hold where the face
        stood, whatever the flow.
    """
    ticks, length = features.shape[:2]
    if ticks == 0:
        return np.zeros((0, config.window, *features.shape[2:]), np.float32)
    # Frame 0 is the first of the first row; the frames of row r are r to r + W - 1.
    start = np.arange(ticks)[:, None] + length // 2 - config.window // 2
    frames = np.clip(start + np.arange(config.window), 0, ticks + length - 2)
    if config.flow == "adjacent":
        before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
        return _flow(features, before, frames)
    if config.window == length:
        return features
    return _flow(features, frames[:, :1], frames)


def scored_runs(scored: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the half-open runs of scored ticks."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], scored, [False]]).astype(np.int8)))
    return [(first, last) for first, last in edges.reshape(-1, 2).tolist()]


def _flow(features: Windows, before: Places, after: Places) -> Windows:
    """Return the flow from frames to later frames, (T, w, 18, 2).

    Parameters
    ----------
    features
        float32 (T, W, 18, 2).
    before, after
        int64 (T, 1) or (T, w), and (T, w): at most 2 W - 2 frames apart.
    """
    last, reach = len(features) - 1, features.shape[1] - 1
    row = np.minimum(before, last)
    joint = np.minimum(row + reach, last)
    in_row = after - row <= reach
    out: Windows = features[row, np.where(in_row, after - row, joint - row)]
    if not in_row.all():
        rest = features[joint, np.where(in_row, 0, after - joint)]
        rest[..., _POSTURE, :] -= features[joint, 0][..., _POSTURE, :]
        out += rest
    if (late := before - row).any():
        out[..., ~_POSTURE, :] -= features[row, late][..., ~_POSTURE, :]
    return out
