"""Snippets of SW-MRO features: pooled when features are loaded, so that they need no files."""

from typing import Final

import numpy as np

from engines.errors import UsageError
from offline.data.records import FeatureRecord
from offline.snippets.record import SnippetRecord
from realtime.snippets.pooling import pool_all
from realtime.types import WINDOW

SW_MRO: Final = "sw-mro"


def snippets_of(record: FeatureRecord, ticks_per_snippet: int) -> SnippetRecord:
    """Return the snippets of a video's SW-MRO features.

    Parameters
    ----------
    record
        Features of windows of 17 ticks.
    ticks_per_snippet
        Ticks of a snippet; those at the end that fill none are dropped. A video with fewer has no
        snippets.

    Raises
    ------
    UsageError
        If the features are of other windows, or a snippet has no ticks.
    """
    if record.window != WINDOW:
        raise UsageError(
            f"{record.name}: features for windows of {record.window} ticks; snippets are pooled "
            f"from windows of {WINDOW}: extract again with --window {WINDOW}"
        )
    if ticks_per_snippet < 1:
        raise UsageError(f"a snippet has at least one tick, not {ticks_per_snippet}")
    streams, valid = pool_all(record.features, record.scored, ticks_per_snippet)
    return SnippetRecord(
        name=record.name,
        subject=record.subject,
        streams=streams,
        valid=valid,
        edges=np.arange(len(valid) + 1, dtype=np.float64) * ticks_per_snippet,
        source=SW_MRO,
        intervals=record.intervals,
        ignored=record.ignored,
        timestamps_s=record.timestamps_s,
    )
