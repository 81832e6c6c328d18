import numpy as np
import pytest

from engines.errors import UsageError
from engines.intervals import Interval, Kind
from offline.data.records import FeatureRecord
from offline.simulate.recipe import SimulatedRecipe
from offline.snippets.inputs import snippets_of
from realtime.snippets.pooling import SNIPPET_FEATURES, pool_snippet


def record_of(ticks, window=17):
    rng = np.random.default_rng(2)
    scored = np.ones(ticks, np.bool_)
    scored[6:7] = False
    return FeatureRecord(
        name="a",
        subject="s",
        features=rng.normal(0, 1, (ticks, window, 18, 2)).astype(np.float32),
        scored=scored,
        intervals=(Interval(Kind.MICRO, 1, 2, 3),),
        ignored=(Interval(Kind.MACRO, 4, 5, 6),),
        window=window,
    )


def test_snippets_keep_the_truth_and_say_where_they_are():
    record = record_of(14)
    snippets = snippets_of(record, 4)
    assert (snippets.name, snippets.subject, snippets.source) == ("a", "s", "sw-mro")
    assert (snippets.intervals, snippets.ignored) == (record.intervals, record.ignored)
    assert snippets.edges.tolist() == [0, 4, 8, 12]
    assert snippets.valid.tolist() == [True, False, True]
    np.testing.assert_array_equal(snippets.streams[:, 2], pool_snippet(record.features[8:12]))


def test_a_video_shorter_than_one_snippet_has_none():
    snippets = snippets_of(record_of(7), 8)
    assert snippets.snippets == 0
    assert snippets.features == SNIPPET_FEATURES


def test_features_of_other_windows_are_refused_by_name():
    with pytest.raises(UsageError, match=r"a: features for windows of 25 ticks.*--window 17"):
        snippets_of(record_of(9, window=25), 4)


def test_snippets_of_no_ticks_are_refused():
    with pytest.raises(UsageError, match="at least one tick"):
        snippets_of(record_of(9), 0)


def test_a_linear_rule_tells_kinds_apart_in_videos_it_was_not_fitted_to():
    """Least squares on half of the simulated videos; chance would be right for a third of each."""
    recipe, rng = SimulatedRecipe(), np.random.default_rng(5)
    fitted, held_out = (examples([recipe.draw(rng) for _ in range(12)]) for _ in range(2))
    features, kinds = fitted
    weight = np.bincount(kinds)[kinds][:, None] ** -0.5
    rule = np.linalg.lstsq(features * weight, np.eye(3)[kinds] * weight, rcond=None)[0]
    features, kinds = held_out
    found = (features @ rule).argmax(axis=1)
    right = [(found[kinds == kind] == kind).mean() for kind in range(3)]
    assert min(right) > 0.4
    assert np.mean(right) > 0.55


def examples(records):
    """Return features (with a one) of valid snippets, and 0 nothing, 1 micro, 2 macro."""
    features, kinds = [], []
    for record in records:
        snippets = snippets_of(record, 5)
        kind = np.zeros(snippets.snippets, np.int64)
        middle = snippets.edges[:-1] + 2
        for interval in record.intervals:
            inside = (middle >= interval.onset) & (middle <= interval.offset)
            kind[inside] = 1 if interval.kind is Kind.MICRO else 2
        rows = np.concatenate([*snippets.streams, np.ones((snippets.snippets, 1))], axis=1)
        features.append(rows[snippets.valid])
        kinds.append(kind[snippets.valid])
    return np.concatenate(features), np.concatenate(kinds)
