"""Expressions of a recording whose snippets were extracted before, without torch."""

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engines.backend import Backend
from engines.contracts import MOST_ROWS
from engines.decoding import SnippetRules, decode_snippets, read_rules
from engines.errors import UsageError
from engines.intervals import TICK_HZ, Interval
from engines.manifest import Manifest, SnippetContract
from offline.mcwes.inputs import LENGTH_TOLERANCE, runs
from offline.snippets.record import SnippetRecord
from realtime.events.messages import Expression, Phase

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SpottedSnippets:
    """What was found in the snippets of one video.

    Attributes
    ----------
    expressions
        By onset.
    snippets
        How many there are.
    source
        How their features were made.
    """

    expressions: tuple[Expression, ...]
    snippets: int
    source: str


def spot_snippets(
    record: SnippetRecord, path: Path, manifest: Manifest, backend: Backend
) -> SpottedSnippets:
    """Spot each run of valid snippets as a video of its own, one above 4096 in parts of as many.

    Parameters
    ----------
    record
        The snippets; labels are not read.
    path
        Where they were read from, for errors.
    manifest, backend
        The model and what runs it.

    Raises
    ------
    UsageError
        If the model reads other snippets, or none.
    ModelError
        If the model fails, or its rules cannot be used.
    """
    rules = read_rules(manifest)
    if not isinstance(rules, SnippetRules) or not isinstance(manifest.input, SnippetContract):
        raise UsageError(
            f"{path}: holds snippets, and model {manifest.name} reads windows; give the video"
        )
    require_same_snippets(record, path, manifest.name, manifest.input)
    rows = np.ascontiguousarray(record.streams.transpose(1, 0, 2))
    found: list[Interval] = []
    for first, last in runs(record.valid, MOST_ROWS):
        scores = backend.run(rows[first:last])
        found += decode_snippets(scores.values, rules, record.edges[first : last + 1])
    if not len(rows):
        log.warning("%s: shorter than one snippet: nothing is spotted in it", path)
    expressions = tuple(_expression(number, one) for number, one in enumerate(found))
    return SpottedSnippets(expressions, len(rows), record.source)


def require_same_snippets(
    record: SnippetRecord, path: Path, name: str, contract: SnippetContract
) -> None:
    """Refuse snippets that are not of the kind that a model was trained on.

    Raises
    ------
    UsageError
        Naming the first difference.
    """
    if record.source != contract.source:
        raise UsageError(
            f"{path}: holds snippets of {record.source}, and model {name} reads those of "
            f"{contract.source}; extract them as its training data were"
        )
    if record.snippets == 0:
        return
    ticks = float(record.edges[-1] - record.edges[0]) / record.snippets
    if record.features != contract.features or (
        abs(ticks - contract.ticks_per_row) > LENGTH_TOLERANCE * contract.ticks_per_row
    ):
        raise UsageError(
            f"{path}: holds snippets of {ticks:.3g} ticks and {record.features} features, and "
            f"model {name} reads {contract.ticks_per_row:.3g} ticks and {contract.features}; "
            "extract them as its training data were"
        )


def _expression(number: int, one: Interval) -> Expression:
    onset, apex, offset = (round(t / TICK_HZ, 6) for t in (one.onset, one.apex, one.offset))
    return Expression(f"0-{number}", Phase.END, one.kind, onset, apex, offset, one.score, 0)
