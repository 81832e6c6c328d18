"""The stored check of a model of snippets: short videos, and one whose events are found."""

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engines.agreement import compare_events
from engines.contracts import SW_MRO, SnippetContract
from engines.decoding import SnippetRules, decode
from engines.decoding.snippets.rules import ATTENTION
from engines.errors import ModelError
from engines.intervals import TICK_HZ
from engines.precision import TOLERANCES
from engines.scores import Scores
from engines.selfcheck import parts_of
from engines.stored_check import StoredCheck, as_stored
from offline.simulate.recipe import SimulatedRecipe
from realtime.snippets.pooling import pool_all

Snippets: TypeAlias = NDArray[np.float32]
Score: TypeAlias = Callable[[Snippets], Scores]

ROWS: Final = 64
SEED: Final = 20
SECONDS: Final = 40.0
SHARES: Final = (2, 4)
CANDIDATES: Final = 4
DISTURBANCE: Final = TOLERANCES["fp16"].absolute
TRIALS: Final = 16
"""Times that scores are disturbed to see whether their expressions are steady."""


def snippet_check(score: Score, contract: SnippetContract, rules: SnippetRules) -> StoredCheck:
    """Return what any backend must answer.

    The first set is cut into videos of 1, 2, 5 and 32 snippets
    (:func:`engines.selfcheck.parts_of`). The sequence is chosen like that of models of windows
    (:func:`offline.check_sequence.check_sequence`): of several videos of 40 s, then their halves
    and quarters, the first whose expressions, of both kinds, do not hang on the last bits of a
    score; failing that, what comes closest.

    Parameters
    ----------
    score
        Returns the scores (T,) of one video's snippets, float32 (T, 2, D).
    contract
        Of the model.
    rules
        Its decoder.
    """
    rows = check_rows(contract)
    parts = [score(part) for part in parts_of(rows)]
    expected = Scores({n: np.concatenate([p.values[n] for p in parts]) for n in parts[0].values})
    sequence, told = _sequence(score, contract, rules)
    return StoredCheck(rows, expected, sequence, told, rules, contract.ticks_per_row)


def check_rows(contract: SnippetContract) -> Snippets:
    """Return snippets (64, 2, D) of features from a hundredth to five in size."""
    rng = np.random.default_rng(SEED)
    sizes = np.geomspace(0.01, 5.0, ROWS).reshape(-1, 1, 1)
    return _plausible(sizes * rng.normal(size=(ROWS, *contract.row)), contract)


def _sequence(
    score: Score, contract: SnippetContract, rules: SnippetRules
) -> tuple[Snippets, Scores]:
    best: tuple[tuple[bool, int], Snippets, Scores] | None = None
    for snippets in _videos(contract):
        scores = score(snippets)
        found = decode(scores.values, rules, ticks_per_row=contract.ticks_per_row)
        kinds = len({event.kind for event in found})
        if best is not None and best[0] >= (True, kinds):
            continue
        merit = (steady(scores, rules, contract.ticks_per_row), kinds)
        if best is None or merit > best[0]:
            best = (merit, snippets, scores)
        if merit == (True, 2):
            break
    if best is None:
        raise ValueError("there must be a video to choose")
    return best[1], best[2]


def _videos(contract: SnippetContract) -> Iterator[Snippets]:
    make = _pooled if contract.source == SW_MRO else _drawn
    drawn = (make(contract, np.random.default_rng(seed)) for seed in range(CANDIDATES))
    whole: list[Snippets] = []
    for video in drawn:
        whole.append(as_stored(video))
        yield whole[-1]
    for share in SHARES:
        for video in whole:
            yield from np.array_split(video, min(share, len(video)))


def _pooled(contract: SnippetContract, rng: np.random.Generator) -> Snippets:
    """Return the snippets of a simulated recording."""
    record = SimulatedRecipe(seconds=SECONDS).draw(rng)
    streams, _ = pool_all(record.features, np.ones_like(record.scored), contract.frames)
    return np.ascontiguousarray(streams.transpose(1, 0, 2))


def _drawn(contract: SnippetContract, rng: np.random.Generator) -> Snippets:
    """Return features that drift, and now and then are others for a while."""
    count = max(1, int(SECONDS * TICK_HZ / contract.ticks_per_row))
    drift = np.cumsum(rng.normal(scale=0.05, size=(count, *contract.row)), axis=0)
    values = rng.normal(size=contract.row) + drift
    for start in range(5, count, 12):
        length = int(rng.integers(1, 6))
        # of different strength, so that snippets do not come close to each other in rank
        strength = rng.uniform(0.5, 2.0, (length, 1, 1))[: count - start]
        values[start : start + length] += strength * rng.normal(size=contract.row)
    return _plausible(values, contract)


def _plausible(values: NDArray[np.float64], contract: SnippetContract) -> Snippets:
    # I3D's features are means of what a ReLU let through
    kept = values if contract.source == SW_MRO else np.abs(values)
    return kept.astype(np.float32)


def steady(scores: Scores, rules: SnippetRules, ticks_per_row: float, trials: int = TRIALS) -> bool:
    """Whether scores that are off by as much as in half precision decode to the same."""
    rng = np.random.default_rng(0)
    allowed = TOLERANCES["fp16"]
    try:
        for _ in range(trials):
            moved = _disturbed(scores, rng)
            compare_events(scores, moved, rules, allowed, "disturbed", ticks_per_row)
    except ModelError:
        return False
    return True


def _disturbed(scores: Scores, rng: np.random.Generator) -> Scores:
    out = {}
    for name, vector in scores.values.items():
        size = max(1.0, float(np.abs(vector).max(initial=0.0)))
        noisy = vector + rng.uniform(-DISTURBANCE, DISTURBANCE, len(vector)) * size
        out[name] = (np.clip(noisy, 0, 1) if name == ATTENTION else noisy).astype(np.float32)
    return Scores(out)
