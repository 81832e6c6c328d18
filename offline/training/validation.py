"""F1 on records that are not trained on, through the decoder that runs live."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from engines.decoding import Rules, decode, rules_of
from engines.intervals import Interval, Kind
from engines.scores import Scores
from offline.data.records import FeatureRecord, Recipe
from offline.evaluation.instances import Instance
from offline.evaluation.metrics import evaluate
from offline.methods.network import SpottingNetwork
from offline.methods.spotting import spot_video
from offline.snippets.record import Record

SIMULATED_RECORDS: Final = 24
_VALIDATION_STREAM: Final = 2

Scorer: TypeAlias = Callable[[NDArray[np.float32]], Scores]
Spotted = TypeVar("Spotted", bound=Record)


class SpottingValidation:
    """Scores a network by the expressions that are decoded from its probabilities.

    Parameters
    ----------
    records
        Held out from training; names need not be unique.
    rules
        Decoder; that of the method's paper by default.
    """

    def __init__(self, records: Sequence[Record], rules: Rules | None = None) -> None:
        self._records = tuple(records)
        self._rules = rules

    def __call__(self, model: SpottingNetwork) -> dict[str, float]:
        """Return ``val_f1``, ``val_f1_micro`` and ``val_f1_macro``, each in [0, 1]."""
        rules = self._rules or rules_of(model.method, {})
        return f1_by_kind(self._records, lambda record: spot_video(model, record, rules)[1])


def spotting_f1(records: Sequence[FeatureRecord], rules: Rules, scorer: Scorer) -> dict[str, float]:
    """Return ``val_f1``, ``val_f1_micro`` and ``val_f1_macro`` of whatever scores windows.

    Parameters
    ----------
    records
        Names need not be unique.
    rules
        Decoder.
    scorer
        From features float32 (T, window, 18, 2) to the scores of T ticks.
    """
    return f1_by_kind(records, lambda record: spot_record(scorer, record, rules))


def f1_by_kind(
    records: Sequence[Spotted], spotter: Callable[[Spotted], Sequence[Interval]]
) -> dict[str, float]:
    """Return ``val_f1``, ``val_f1_micro`` and ``val_f1_macro`` of whatever finds expressions.

    Parameters
    ----------
    records
        Names need not be unique.
    spotter
        From a record to what is found in it.
    """
    truth: list[Instance] = []
    found: list[Instance] = []
    ignored: list[Instance] = []
    for number, record in enumerate(records):
        video = str(number)
        truth += [Instance.of(video, i) for i in record.intervals]
        ignored += [Instance.of(video, i) for i in record.ignored]
        found += [Instance.of(video, i) for i in spotter(record)]
    report = evaluate(truth, found, ignored=ignored)
    by_kind = {f"val_f1_{kind}": report.kinds[kind].counts.f1 for kind in Kind}
    return {"val_f1": report.overall.counts.f1, **by_kind}


def spot_record(scorer: Scorer, record: FeatureRecord, rules: Rules) -> tuple[Interval, ...]:
    """Return the expressions that a network finds in a record; gaps end segments."""
    found: list[Interval] = []
    for first, last in _segments(record.scored):
        found += decode(scorer(record.features[first:last]).values, rules, first)
    return tuple(found)


def draw_held_out(recipe: Recipe, seed: int) -> list[FeatureRecord]:
    """Return simulated records that no training run with any seed draws."""
    return [
        recipe.draw(np.random.default_rng((seed, _VALIDATION_STREAM, number)))
        for number in range(SIMULATED_RECORDS)
    ]


def _segments(scored: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield the half-open runs of scored ticks."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], scored, [False]]).astype(np.int8)))
    yield from edges.reshape(-1, 2).tolist()
