import dataclasses
import logging

import numpy as np
import pytest

from engines.errors import UsageError
from engines.intervals import Kind
from offline.mcwes.config import SnippetInputs
from offline.mcwes.sampler import BatchSampler
from offline.training.sources import Source
from offline.training.video_labels import KindsOfFile, KindsOfRecords
from realtime.snippets.pooling import SNIPPET_FEATURES
from tests.offline.mcwes.mcwes_makers import record, settings
from tests.offline.training.tiny_records import TinyRecipe

TRUTH = KindsOfRecords()


def videos(*kinds, **changes):
    return [record(f"{n}{held}", kinds=held, seed=n, **changes) for n, held in enumerate(kinds)]


def sampler(records, labels=TRUTH, seed=0, share=1.0, **training):
    return BatchSampler([Source("data", records, share)], settings(**training), labels, seed)


MANY = videos("", "m", "m", "M", "M", "mM", "mM", "", "M", "m", "M", "mM")


def test_a_batch_of_10_has_3_pairs_that_share_a_kind():
    drawn = sampler(MANY)
    for step in range(20):
        batch = drawn.batch(step)
        assert len(batch.snippets) == len(batch.kinds) == 10
        assert batch.pairs == ((0, 1), (2, 3), (4, 5))
        for first, second in batch.pairs:
            assert (batch.kinds[first] * batch.kinds[second]).any()
            assert not np.array_equal(batch.snippets[first], batch.snippets[second])


def test_the_others_of_a_batch_are_no_member_of_a_pair_and_no_two_alike():
    drawn = sampler(MANY, snippets=0)
    for step in range(20):
        rows = [tuple(x[0, 0]) for x in drawn.batch(step).snippets]
        assert len(set(rows[6:])) == 4
        assert not set(rows[6:]) & set(rows[:6])


def test_a_batch_follows_from_seed_and_step_alone():
    first, again, other = sampler(MANY), sampler(MANY), sampler(MANY, seed=1)
    first.batch(0)
    assert all(map(np.array_equal, first.batch(7).snippets, again.batch(7).snippets))
    assert not all(map(np.array_equal, again.batch(7).snippets, other.batch(7).snippets))
    assert not all(map(np.array_equal, again.batch(7).snippets, again.batch(8).snippets))


def test_every_video_is_drawn_sooner_or_later():
    drawn = sampler(MANY, snippets=0)
    seen = {float(x[0, 0, 0]) for step in range(40) for x in drawn.batch(step).snippets}
    assert len(seen) == len(MANY)


def test_training_sees_a_sample_of_a_longer_video():
    drawn = sampler(videos("m", "m", "M", snippets=40), snippets=12)
    assert {len(x) for x in drawn.batch(0).snippets} == {12}
    mixed = sampler([*videos("m", "m", snippets=40), *videos("m", snippets=9)], snippets=12)
    assert {len(x) for step in range(9) for x in mixed.batch(step).snippets} == {12, 9}


def test_fewer_videos_than_a_batch_are_all_there_is():
    batch = sampler(videos("m", "m", "M")).batch(0)
    assert len(batch.snippets) == 7
    assert len(batch.pairs) == 3


def test_without_two_videos_that_share_a_kind_there_is_no_pair_and_the_log_says_so(caplog):
    with caplog.at_level(logging.WARNING):
        drawn = sampler(videos("m", "M", "", ""))
    assert "no two training videos share a kind; feature consistency is left out" in caplog.text
    batch = drawn.batch(0)
    assert batch.pairs == ()
    assert len(batch.snippets) == 4


def test_no_pairs_may_be_asked_for():
    batch = sampler(MANY, pairs=0).batch(0)
    assert (len(batch.snippets), batch.pairs) == (10, ())


def test_a_kind_that_no_video_holds_is_named(caplog):
    with caplog.at_level(logging.WARNING):
        sampler(videos("M", "M", ""))
    assert "no training video holds a micro-expression; none will be found" in caplog.text
    assert "macro" not in caplog.text


def test_a_kind_that_all_videos_hold_is_named(caplog):
    with caplog.at_level(logging.WARNING):
        sampler(videos("m", "mM"))
    assert "every training video holds a micro-expression; labels tell little" in caplog.text


def test_videos_without_any_expression_are_no_training_data():
    with pytest.raises(UsageError, match="none of the 2 videos holds an expression"):
        sampler(videos("", ""))


def test_a_video_shorter_than_a_snippet_is_left_out_by_name(caplog):
    short = record("short", snippets=0)
    gone = record("gone", snippets=3)
    gone.valid[:] = False
    with caplog.at_level(logging.WARNING):
        drawn = sampler([*videos("m", "M"), short, gone])
    assert "without one whole usable snippet, left out: short, gone" in caplog.text
    assert len(drawn.batch(0).snippets) == 2
    with pytest.raises(UsageError, match="none of the 1 videos of data can be trained on"):
        sampler([short])


def test_a_video_that_a_table_does_not_name_is_left_out_by_name(caplog):
    both = frozenset(Kind)
    table = KindsOfFile("kinds.csv", "", {"0m": both, "1": both})
    with caplog.at_level(logging.WARNING):
        drawn = sampler(videos("m", "", "M"), table)
    assert "without a label, left out: 2M" in caplog.text
    assert drawn.batch(0).kinds.tolist() == [[1, 1], [1, 1]] * 3
    with pytest.raises(UsageError, match="each needs a label"):
        sampler(videos("M"), table)


def test_sources_share_batches():
    few = [record(f"few{n}", kinds="mM", seed=90 + n) for n in range(2)]
    config = settings(pairs=0, batch=1, snippets=0)
    drawn = BatchSampler([Source("few", few, 3.0), Source("many", MANY, 1.0)], config, TRUTH, 0)
    own = {float(v.streams[0, 0, 0]) for v in few}
    hits = [float(drawn.batch(step).snippets[0][0, 0, 0]) in own for step in range(400)]
    # 400 draws of probability 0.75
    assert 0.65 < np.mean(hits) < 0.85


@pytest.mark.parametrize("share", [0.0, -1.0])
def test_a_share_that_draws_nothing_is_refused(share):
    with pytest.raises(UsageError, match="share above 0"):
        sampler(MANY, share=share)
    with pytest.raises(UsageError, match="at least one source"):
        BatchSampler([], settings(), TRUTH, 0)


def test_statistics_are_those_of_all_snippets():
    mean, deviation = sampler(MANY).statistics()
    rows = np.concatenate([one.streams for one in MANY], axis=1).astype(np.float64)
    np.testing.assert_allclose(mean, rows.mean(axis=1), atol=1e-5)
    np.testing.assert_allclose(deviation, rows.std(axis=1), rtol=1e-5)


def pooled(**training):
    inputs = SnippetInputs("sw-mro", 4, 30.0, SNIPPET_FEATURES)
    return dataclasses.replace(
        settings(pool_records=12, fresh_records_per_step=2.0, **training), snippets=inputs
    )


def test_drawn_records_slide_on_and_depend_on_the_step_alone():
    def make():
        return BatchSampler([Source("simulated", TinyRecipe())], pooled(), TRUTH, 0)

    one, two = make(), make()
    for step in range(3):
        one.batch(step)
    assert all(map(np.array_equal, one.batch(3).snippets, two.batch(3).snippets))
    assert {len(x) for x in one.batch(3).snippets} == {12}


def test_drawn_records_have_no_names_that_a_table_could_know():
    table = KindsOfFile("kinds.csv", "", {"a": frozenset()})
    with pytest.raises(UsageError, match="drawn anew and has no videos that kinds"):
        BatchSampler([Source("simulated", TinyRecipe())], pooled(), table, 0)


def test_drawn_records_shorter_than_a_snippet_are_refused():
    config = pooled()
    long = dataclasses.replace(config, snippets=dataclasses.replace(config.snippets, frames=61))
    with pytest.raises(UsageError, match="a drawn video has no usable snippet"):
        BatchSampler([Source("simulated", TinyRecipe())], long, TRUTH, 0)
