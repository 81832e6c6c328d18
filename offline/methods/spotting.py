"""What a network of any method says about a recorded video, and the expressions in it."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engines.decoding import Rules, decode
from engines.decoding.snippets import SnippetRules, decode_snippets
from engines.intervals import Interval
from offline.data.records import FeatureRecord
from offline.mcwes.inference import score_record
from offline.mcwes.inputs import as_snippets
from offline.mcwes.network import SnippetNetwork
from offline.methods.network import SpottingNetwork
from offline.snippets.record import Record, SnippetRecord
from offline.spotformer.inference import score
from offline.spotformer.inputs import require_windows, scored_runs
from offline.spotformer.network import WindowNetwork

Curves: TypeAlias = Mapping[str, NDArray[np.float32]]


def spot_video(
    network: SpottingNetwork, record: Record, rules: Rules
) -> tuple[Curves, tuple[Interval, ...]]:
    """Score and decode one video.

    Parameters
    ----------
    network
        In evaluation mode.
    record
        The video; its labels are not read. What lies between two gaps is decoded on its own.
    rules
        Of the network's method.

    Returns
    -------
    curves
        float32 (ticks,) by score name, of the whole video, NaN where there is none; a snippet's
        score stands for all ticks whose middle it holds.
    found
        Expressions, ticks.

    Raises
    ------
    UsageError
        If the record holds other features than the network reads.
    """
    if isinstance(network, SnippetNetwork) and isinstance(rules, SnippetRules):
        return _of_snippets(network, as_snippets(record, network.inputs), rules, record.ticks)
    if isinstance(network, WindowNetwork):
        return _of_windows(network, require_windows(record), rules)
    raise TypeError(f"{network.method} does not go with {type(rules).__name__}")


def _of_windows(
    network: WindowNetwork, record: FeatureRecord, rules: Rules
) -> tuple[Curves, tuple[Interval, ...]]:
    curves = _blank(network.score_names, len(record.scored))
    found: list[Interval] = []
    for first, last in scored_runs(record.scored):
        scores = score(network, record.features[first:last]).values
        for name, vector in scores.items():
            curves[name][first:last] = vector
        found += decode(scores, rules, first)
    return curves, tuple(found)


def _of_snippets(
    network: SnippetNetwork, record: SnippetRecord, rules: SnippetRules, ticks: int
) -> tuple[Curves, tuple[Interval, ...]]:
    edges = record.edges
    curves = _blank(network.score_names, ticks)
    # tick t lasts from t to t + 1; what is left at the end fills no snippet
    holder = np.searchsorted(edges, np.arange(ticks) + 0.5, side="right") - 1
    found: list[Interval] = []
    for first, last, scores in score_record(network, record):
        within = (holder >= first) & (holder < last)
        for name, vector in scores.values.items():
            curves[name][within] = vector[holder[within] - first]
        found += decode_snippets(scores.values, rules, edges[first : last + 1])
    return curves, tuple(found)


def _blank(names: Sequence[str], ticks: int) -> dict[str, NDArray[np.float32]]:
    return {name: np.full(ticks, np.nan, np.float32) for name in names}
