"""What a network makes of frames of a person whom it never saw (SpotFormer, figure 7)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from engines.contracts import MOST_ROWS
from engines.intervals import Interval, Kind
from offline.mcwes.inputs import as_snippets, runs, usable
from offline.mcwes.network import SnippetNetwork
from offline.methods.network import SpottingNetwork
from offline.report.held_out import HeldOutFeatures
from offline.snippets.record import Record, SnippetRecord
from offline.spotformer.inputs import require_windows, scored_runs, windows_for
from offline.spotformer.network import WindowNetwork
from offline.spotformer.targets import MACRO, MICRO, NEUTRAL, make_targets

MOST: Final = 400
"""Frames of one class that are kept: a picture of more is a blot."""

_FRAME_STREAM: Final = 4
_LEFT_OUT: Final = -1


@torch.no_grad()
def held_out_features(
    model: SpottingNetwork, records: Sequence[Record], seed: int
) -> HeldOutFeatures:
    """Return the features that head or classifier reads, of at most 400 frames of each class.

    Of a network of snippets, those of snippets: of an expression that holds their middle, micro
    where there are two, or neutral. One that an expression only touches is left out.

    Parameters
    ----------
    model
        In evaluation mode.
    records
        Of the held-out subject. Frames without a score or with an uncertain label are left out.
    seed
        Of the draw where there are more frames.

    Raises
    ------
    UsageError
        If the records hold other features than the network reads.
    """
    if isinstance(model, SnippetNetwork):
        return _of_snippets(model, [as_snippets(one, model.inputs) for one in records], seed)
    if isinstance(model, WindowNetwork):
        return _of_frames(model, records, seed)
    raise TypeError(f"{model.method}: nobody knows what its head reads")


def _of_frames(model: WindowNetwork, records: Sequence[Record], seed: int) -> HeldOutFeatures:
    device = next(model.parameters()).device
    nodes = list(model.inputs.node_indices)
    features = [np.zeros((0, model.inputs.width), np.float32)]
    read = [require_windows(record) for record in records]
    targets = [make_targets(r.scored, r.intervals, r.ignored) for r in read]
    chosen = _drawn([np.where(t.counted, t.label, _LEFT_OUT) for t in targets], seed)
    labels = []
    for record, label in zip(read, chosen, strict=True):
        for first, last in scored_runs(record.scored):
            rows = np.flatnonzero(label[first:last] >= 0)
            windows = windows_for(record.features[first:last], model.inputs)[rows][:, :, nodes]
            features.append(model.encode(torch.from_numpy(windows).to(device)).cpu().numpy())
            labels.append(label[first:last][rows])
    return HeldOutFeatures(np.concatenate(features), np.concatenate([np.zeros(0, int), *labels]))


def _of_snippets(
    model: SnippetNetwork, records: Sequence[SnippetRecord], seed: int
) -> HeldOutFeatures:
    device = next(model.parameters()).device
    features = [np.zeros((0, model.config.model.fused_width), np.float32)]
    labels = []
    chosen = _drawn([snippet_labels(record) for record in records], seed)
    for record, label in zip(records, chosen, strict=True):
        rows = np.ascontiguousarray(record.streams.transpose(1, 0, 2))
        # as in spotting: what lies between two gaps is looked at together
        for first, last in runs(record.valid, MOST_ROWS):
            kept = label[first:last] >= 0
            said = model(torch.from_numpy(rows[first:last]).to(device)).feature.cpu().numpy()
            features.append(said[kept])
            labels.append(label[first:last][kept])
    return HeldOutFeatures(np.concatenate(features), np.concatenate([np.zeros(0, int), *labels]))


def snippet_labels(record: SnippetRecord) -> NDArray[np.int64]:
    """Return the class of each snippet, int64 (T,): 0 neutral, 1 macro, 2 micro, -1 left out."""
    starts, stops = record.edges[:-1], record.edges[1:]
    middle = (starts + stops) / 2
    label = np.full(record.snippets, NEUTRAL, np.int64)
    # ticks last from t to t + 1
    for one in record.intervals:
        label[(starts < one.offset + 1) & (stops > one.onset)] = _LEFT_OUT
    for kind, number in ((Kind.MACRO, MACRO), (Kind.MICRO, MICRO)):
        for one in (i for i in record.intervals if i.kind is kind):
            label[_inside(middle, one)] = number
    label[~usable(record)] = _LEFT_OUT
    return label


def _inside(middle: NDArray[np.float64], one: Interval) -> NDArray[np.bool_]:
    held: NDArray[np.bool_] = (one.onset <= middle) & (middle < one.offset + 1)
    return held


def _drawn(labels: Sequence[NDArray[np.int64]], seed: int) -> list[NDArray[np.int64]]:
    """Return the labels of each record, -1 where there are more of its class than are drawn."""
    rng = np.random.default_rng((seed, _FRAME_STREAM))
    label = np.concatenate(labels)
    drawn = np.full_like(label, _LEFT_OUT)
    for kind in (NEUTRAL, MACRO, MICRO):
        places = np.flatnonzero(label == kind)
        if len(places) > MOST:
            places = rng.choice(places, MOST, replace=False)
        drawn[places] = kind
    return np.split(drawn, np.cumsum([len(one) for one in labels])[:-1])
