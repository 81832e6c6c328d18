"""What a network makes of frames of a person whom it never saw (SpotFormer, figure 7)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from offline.data.records import FeatureRecord
from offline.report.held_out import HeldOutFeatures
from offline.spotformer.inputs import scored_runs, windows_for
from offline.spotformer.network import WindowNetwork
from offline.spotformer.targets import MACRO, MICRO, NEUTRAL, make_targets

MOST: Final = 400
"""Frames of one class that are kept: a picture of more is a blot."""

_FRAME_STREAM: Final = 4


@torch.no_grad()
def held_out_features(
    model: WindowNetwork, records: Sequence[FeatureRecord], seed: int
) -> HeldOutFeatures:
    """Return the features that the head reads, of at most 400 frames of each class.

    Parameters
    ----------
    model
        In evaluation mode.
    records
        Of the held-out subject. Frames without a window or with an uncertain label are left out.
    seed
        Of the draw where there are more frames.
    """
    device = next(model.parameters()).device
    nodes = list(model.inputs.node_indices)
    features = [np.zeros((0, model.inputs.width), np.float32)]
    labels = []
    for record, label in zip(records, _chosen(records, seed), strict=True):
        for first, last in scored_runs(record.scored):
            rows = np.flatnonzero(label[first:last] >= 0)
            windows = windows_for(record.features[first:last], model.inputs)[rows][:, :, nodes]
            features.append(model.encode(torch.from_numpy(windows).to(device)).cpu().numpy())
            labels.append(label[first:last][rows])
    return HeldOutFeatures(np.concatenate(features), np.concatenate([np.zeros(0, int), *labels]))


def _chosen(records: Sequence[FeatureRecord], seed: int) -> list[NDArray[np.int64]]:
    """Return int64 (T,) for each record: the class of the ticks that are drawn, else -1."""
    rng = np.random.default_rng((seed, _FRAME_STREAM))
    targets = [make_targets(r.scored, r.intervals, r.ignored) for r in records]
    label = np.concatenate([np.where(t.counted, t.label, -1) for t in targets])
    drawn = np.full_like(label, -1)
    for kind in (NEUTRAL, MACRO, MICRO):
        places = np.flatnonzero(label == kind)
        if len(places) > MOST:
            places = rng.choice(places, MOST, replace=False)
        drawn[places] = kind
    return np.split(drawn, np.cumsum([len(r.scored) for r in records])[:-1])
