import dataclasses

import numpy as np
import pytest

from engines.errors import UsageError
from engines.intervals import Interval, Kind
from offline.data.records import FeatureRecord
from offline.spotformer.targets import MACRO, MICRO, NEUTRAL, make_targets
from offline.training.config import TrainingConfig
from offline.training.pools import FixedPool, RecipePool, index_record
from offline.training.sampler import BatchSampler, WeightedPool
from tests.offline.training.tiny_records import TinyRecipe, make_record

NODES = range(18)
CONFIG = TrainingConfig(segments=24, segment_ticks=16)


@pytest.fixture
def record() -> FeatureRecord:
    expressions = (Interval(Kind.MICRO, 20, 24, 29), Interval(Kind.MACRO, 60, 75, 95))
    return make_record(200, expressions)


def sampler_of(record, config=CONFIG, nodes=NODES, seed=0):
    return BatchSampler([WeightedPool(FixedPool([record], 16))], config, nodes, seed)


def labels_by_segment(batch, segments=24):
    return batch.targets.label.reshape(segments, 16)


def test_a_batch_is_segments_of_consecutive_windows_with_their_own_targets(record):
    batch = sampler_of(record).batch(0)
    ticks = batch.windows[:, 0, 0, 0].reshape(24, 16)
    assert batch.windows.shape == (384, 17, 18, 2)
    np.testing.assert_array_equal(np.diff(ticks, axis=1), 1)
    whole = make_targets(record.scored, record.intervals)
    rows = ticks.ravel().astype(int)
    for field in dataclasses.fields(whole):
        expected = getattr(whole, field.name)[rows]
        np.testing.assert_array_equal(getattr(batch.targets, field.name), expected)


def test_every_segment_holds_an_expression_unless_negatives_are_asked_for(record):
    for step in range(5):
        labels = labels_by_segment(sampler_of(record).batch(step))
        assert (labels != NEUTRAL).any(axis=1).all()


def test_negative_segments_hold_no_expression(record):
    config = dataclasses.replace(CONFIG, negative_fraction=1.0)
    labels = labels_by_segment(sampler_of(record, config).batch(0))
    assert (labels == NEUTRAL).all()


def test_the_share_of_negatives_is_the_one_asked_for(record):
    config = dataclasses.replace(CONFIG, negative_fraction=0.25)
    sampler = sampler_of(record, config)
    labels = [labels_by_segment(sampler.batch(step)) for step in range(40)]
    share = np.mean([(part == NEUTRAL).all(axis=1).mean() for part in labels])
    # five standard deviations of 960 draws
    assert abs(share - 0.25) < 5 * np.sqrt(0.25 * 0.75 / 960)


@pytest.mark.parametrize(("fraction", "label"), [(1.0, MICRO), (0.0, MACRO)])
def test_segments_can_be_drawn_around_one_kind_only(record, fraction, label):
    config = dataclasses.replace(CONFIG, micro_fraction=fraction)
    labels = labels_by_segment(sampler_of(record, config).batch(0))
    assert (labels == label).any(axis=1).all()


def test_equal_seeds_and_steps_give_equal_batches_and_others_do_not(record):
    first, again = sampler_of(record).batch(3), sampler_of(record).batch(3)
    np.testing.assert_array_equal(first.windows, again.windows)
    assert not np.array_equal(first.windows, sampler_of(record).batch(4).windows)
    assert not np.array_equal(first.windows, sampler_of(record, seed=1).batch(3).windows)


def test_only_the_asked_nodes_are_read(record):
    full, some = sampler_of(record).batch(0), sampler_of(record, nodes=[3, 12]).batch(0)
    np.testing.assert_array_equal(some.windows, full.windows[:, :, [3, 12]])


def test_sources_share_the_segments_as_weighted():
    expression = (Interval(Kind.MICRO, 20, 24, 29),)
    pools = [FixedPool([make_record(60, expression, seed)], 16) for seed in (7, 8)]
    weighted = [WeightedPool(pool, share) for pool, share in zip(pools, (3.0, 1.0), strict=True)]
    sampler = BatchSampler(weighted, CONFIG, NODES, 0)
    seeds = np.concatenate([sampler.batch(s).windows[::16, 0, 0, 1] for s in range(40)])
    assert set(seeds) == {7.0, 8.0}
    assert abs((seeds == 7).mean() - 0.75) < 5 * np.sqrt(0.75 * 0.25 / len(seeds))


@pytest.mark.parametrize("share", [0.0, -1.0, float("nan")])
def test_a_share_that_is_not_above_zero_is_refused(record, share):
    with pytest.raises(UsageError, match="share"):
        BatchSampler([WeightedPool(FixedPool([record], 16), share)], CONFIG, NODES, 0)


def test_data_without_what_is_asked_for_is_refused_in_one_line():
    empty = make_record(60, ())
    with pytest.raises(UsageError, match="no expression to train on"):
        sampler_of(empty).batch(0)
    full = make_record(30, (Interval(Kind.MACRO, 0, 10, 29),))
    with pytest.raises(UsageError, match="negative_fraction=0"):
        sampler_of(full, dataclasses.replace(CONFIG, negative_fraction=1.0)).batch(0)
    with pytest.raises(UsageError, match="no records"):
        FixedPool([], 16)


@pytest.mark.parametrize("ticks", [0, 1, 15])
def test_a_video_shorter_than_a_segment_offers_none(ticks):
    indexed = index_record(make_record(ticks, ()), 16)
    assert not len(indexed.negative_starts)
    assert indexed.positive_starts == ()


def test_segments_without_any_counted_tick_are_left_out():
    record = make_record(100, (Interval(Kind.MICRO, 40, 44, 47),))
    record.scored[20:80] = False
    indexed = index_record(record, 16)
    assert indexed.positive_starts == ()
    assert indexed.negative_starts.tolist() == [*range(20), *range(65, 85)]


def test_a_pass_counts_each_segment_that_holds_an_expression_once(record):
    # ticks 20-29 lie in segment 1 of 16 ticks, ticks 60-95 in segments 3, 4 and 5
    assert FixedPool([record, record], 16).expression_segments() == 8


def recipe_pool(fresh: float) -> RecipePool:
    return RecipePool(
        TinyRecipe(), seed=5, source=0, size=4, fresh_per_step=fresh, segment_ticks=16
    )


def seeds_of(pool: RecipePool, step: int) -> list[float]:
    return [float(r.record.features[0, 0, 0, 1]) for r in pool.records(step)]


def test_a_recipes_records_are_replaced_at_the_asked_pace():
    pool = recipe_pool(0.5)
    first, second, third = (seeds_of(pool, step) for step in (0, 1, 2))
    assert first == second
    assert third[:3] == first[1:]
    assert third[3] not in first


def test_a_recipes_records_at_a_step_do_not_depend_on_the_steps_before():
    walked = recipe_pool(1.0)
    for step in range(7):
        walked.records(step)
    assert seeds_of(walked, 7) == seeds_of(recipe_pool(1.0), 7)
