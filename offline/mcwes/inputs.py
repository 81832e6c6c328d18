"""Records as a network of snippets reads them."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.contracts import SW_MRO
from engines.errors import UsageError
from offline.data.records import FeatureRecord
from offline.mcwes.config import SnippetInputs
from offline.snippets.inputs import snippets_of
from offline.snippets.record import SnippetRecord

LENGTH_TOLERANCE: Final = 0.05
"""By how much snippets may be longer or shorter: the timestamps of a file are seldom exact."""


def as_snippets(record: FeatureRecord | SnippetRecord, inputs: SnippetInputs) -> SnippetRecord:
    """Return a record's snippets, pooled where it holds SW-MRO windows.

    Raises
    ------
    UsageError
        If they are other snippets than the network reads.
    """
    found = record if isinstance(record, SnippetRecord) else _pooled(record, inputs)
    where = f"{found.name}: snippets"
    if found.source != inputs.source:
        raise UsageError(
            f"{where} of {found.source}, and the network reads {inputs.source}; extract others, or "
            f"add --set snippets.source={found.source}"
        )
    if found.features != inputs.features:
        raise UsageError(
            f"{where} of {found.features} features, and the network reads {inputs.features}; add "
            f"--set snippets.features={found.features}"
        )
    if found.snippets:
        ticks = float(found.edges[-1] - found.edges[0]) / found.snippets
        if abs(ticks - inputs.ticks) > LENGTH_TOLERANCE * inputs.ticks:
            raise UsageError(
                f"{where} of {ticks:.3g} ticks, and the network reads {inputs.ticks:.3g}; set "
                "snippets.frames and snippets.rate_hz"
            )
    return found


def _pooled(record: FeatureRecord, inputs: SnippetInputs) -> SnippetRecord:
    if inputs.source != SW_MRO:
        raise UsageError(
            f"{record.name}: holds SW-MRO windows, and the network reads {inputs.source}; extract "
            "with --source i3d, or name a preset for sw-mro"
        )
    return snippets_of(record, inputs.frames)


def usable(record: SnippetRecord) -> NDArray[np.bool_]:
    """Return the snippets that tell something, bool (T,): valid, and without an uncertain label."""
    kept = record.valid.copy()
    starts, stops = record.edges[:-1], record.edges[1:]
    for one in record.ignored:
        kept &= (starts >= one.offset + 1) | (stops <= one.onset)
    return kept


def runs(kept: NDArray[np.bool_], most: int) -> Iterator[tuple[int, int]]:
    """Yield the half-open runs of snippets that are kept, cut where one exceeds ``most``."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], kept, [False]]).astype(np.int8)))
    for first, last in edges.reshape(-1, 2).tolist():
        for start in range(first, last, most):
            yield start, min(start + most, last)
