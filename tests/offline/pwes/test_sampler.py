import logging

import numpy as np
import pytest

from engines.errors import UsageError
from engines.intervals import Kind
from offline.gim.labels import TickPoint
from offline.pwes.sampler import BatchSampler
from offline.training.points import PointsOfFile
from offline.training.sources import Source
from tests.offline.pwes.makers import (
    MICRO,
    TRUTH,
    GivenPoints,
    feature_record,
    settings,
    snippet_record,
)
from tests.offline.training.tiny_records import TinyRecipe


def sampler(*sources: Source, points=TRUTH, seed=0, **training) -> BatchSampler:
    return BatchSampler(sources, settings(training=training), points, seed)


def recorded(*names: str, name: str = "mine") -> Source:
    return Source(name, [feature_record(one, seed=n) for n, one in enumerate(names)])


def names_of(drawn: BatchSampler, step: int) -> list[str]:
    return [one.video.name for one in drawn.batch(step)]


def test_videos_come_each_once_in_a_pass_that_batches_share():
    drawn = sampler(recorded(*"abcdef"), batch=4, steps_per_epoch=0)
    taken = [name for step in range(6) for name in names_of(drawn, step)]
    passes = [taken[n : n + 6] for n in range(0, 24, 6)]
    assert all(sorted(one) == list("abcdef") for one in passes)
    assert len({tuple(one) for one in passes}) > 1
    assert drawn.steps_per_epoch() == 2


def test_a_video_has_one_place_in_the_memory_bank_whenever_it_comes():
    drawn = sampler(recorded(*"abc", name="one"), recorded(*"de", name="two"), batch=3)
    places: dict[str, set[int]] = {}
    for step in range(30):
        for one in drawn.batch(step):
            places.setdefault(one.video.name, set()).add(one.slot)
    assert drawn.slots == 5
    assert all(len(of) == 1 for of in places.values())
    assert {place for of in places.values() for place in of} == set(range(5))


def test_equal_seeds_and_steps_give_equal_batches_and_others_do_not():
    one, same, other = (sampler(recorded(*"abcdef"), seed=seed) for seed in (1, 1, 2))
    assert [names_of(one, n) for n in (5, 2)] == [names_of(same, n) for n in (5, 2)]
    assert [names_of(one, n) for n in range(6)] != [names_of(other, n) for n in range(6)]


def test_sources_share_the_videos_as_weighted():
    first = Source("first", [feature_record("first")], 3.0)
    second = Source("second", [feature_record("second")], 1.0)
    drawn = sampler(first, second, batch=8)
    names = [name for step in range(50) for name in names_of(drawn, step)]
    # five standard deviations of 400 draws
    assert abs(names.count("first") / 400 - 0.75) < 5 * np.sqrt(0.75 * 0.25 / 400)


def test_a_recipe_needs_a_length_of_an_epoch_and_gives_points_from_its_truth():
    source = Source("simulated", TinyRecipe())
    drawn = sampler(source, steps_per_epoch=5)
    assert drawn.steps_per_epoch() == 5
    assert drawn.slots == 2
    one, other = drawn.batch(7)
    assert one.video.points.any()
    assert min(one.slot, other.slot) >= 0
    assert max(one.slot, other.slot) < 2
    assert [v.video.name for v in drawn.batch(7)] == [one.video.name, other.video.name]
    with pytest.raises(UsageError, match="steps_per_epoch must be set"):
        sampler(source, steps_per_epoch=0).steps_per_epoch()


def test_a_recipe_of_videos_too_short_for_a_snippet_is_refused():
    chosen = settings(snippets={"frames": 200})
    with pytest.raises(UsageError, match=r"shorten snippets\.frames"):
        BatchSampler([Source("simulated", TinyRecipe())], chosen, TRUTH, 0).batch(0)


def test_a_table_cannot_name_frames_of_a_recipe(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("video,frame,kind\nvideo,3,micro\n", encoding="utf-8")
    with pytest.raises(UsageError, match="use --points-from-truth"):
        sampler(Source("simulated", TinyRecipe()), points=PointsOfFile.read(path))


def test_a_table_of_points_is_laid_on_the_snippets(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("video,frame,kind\na,15,micro\na,50,macro\n", encoding="utf-8")
    (one, _) = sampler(recorded("a"), points=PointsOfFile.read(path)).batch(0)
    assert np.argwhere(one.video.points).tolist() == [[3, 0], [12, 1]]


def test_a_video_without_a_point_is_background_or_left_out_and_named(caplog):
    source = Source("mine", [feature_record("full"), feature_record("empty", intervals=())])
    with caplog.at_level(logging.WARNING):
        assert sampler(source).slots == 2
    assert "mine: 1 videos without a point, trained on as background: empty" in caplog.text
    assert sampler(source, empty_videos=False).slots == 1
    assert "left out: empty" in caplog.text


def test_one_class_only_is_named_and_goes_on(caplog):
    with caplog.at_level(logging.WARNING):
        drawn = sampler(Source("mine", [feature_record(intervals=(MICRO,))]))
    assert drawn.batch(0)[0].video.kinds == {Kind.MICRO}
    assert "mine: no point is macro; the network will not find that kind" in caplog.text


def test_a_video_shorter_than_a_snippet_is_named_and_left_out(caplog):
    source = Source("mine", [feature_record("short", ticks=3, intervals=()), feature_record("a")])
    with caplog.at_level(logging.WARNING):
        assert sampler(source).slots == 1
    assert "mine: without one whole usable snippet, left out: short" in caplog.text


def test_a_point_outside_its_video_is_named_and_the_others_stay(caplog):
    points = GivenPoints((TickPoint(15, Kind.MICRO), TickPoint(500, Kind.MACRO)))
    with caplog.at_level(logging.WARNING):
        drawn = sampler(recorded("a"), points=points)
    assert drawn.batch(0)[0].video.points.sum() == 1
    assert "a: macro point at tick 500, but its 30 snippets end at tick 120" in caplog.text


def test_snippets_of_i3d_are_read_as_they_are():
    inputs = {"source": "i3d", "features": 3, "frames": 32, "rate_hz": 200.0, "standardise": False}
    records = [snippet_record(name="a"), snippet_record(name="b")]
    points = GivenPoints((TickPoint(5, Kind.MICRO),))
    drawn = BatchSampler([Source("i3d", records)], settings(snippets=inputs), points, 0)
    (one, _) = drawn.batch(0)
    assert one.video.snippets.shape == (10, 2, 3)
    assert np.argwhere(one.video.points).tolist() == [[1, 0]]


def test_snippets_of_another_source_are_refused():
    with pytest.raises(UsageError, match="snippets of i3d, and the network reads sw-mro"):
        sampler(Source("i3d", [snippet_record()]))


@pytest.mark.parametrize(
    "sources",
    [[], [Source("a", [feature_record()], 0.0)], [Source("a", [])],
     [Source("a", [feature_record(intervals=())])],
     [Source("a", [feature_record(ticks=2, intervals=())])]],
)  # fmt: skip
def test_data_that_cannot_be_trained_on_are_refused_in_one_line(sources):
    with pytest.raises(UsageError, match="training data") as caught:
        sampler(*sources)
    assert "\n" not in str(caught.value)


def test_statistics_are_of_all_snippets_of_all_videos():
    drawn = sampler(recorded(*"ab"))
    mean, deviation = drawn.statistics()
    rows = np.concatenate([one.video.snippets for one in drawn.batch(0)]).astype(np.float64)
    np.testing.assert_allclose(mean, rows.mean(0), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(deviation, rows.std(0), rtol=1e-6, atol=1e-7)


def test_labels_beyond_their_points_are_not_learnt_from():
    """Records whose boundaries differ, and not their points, give the same but for figures."""
    points = GivenPoints((TickPoint(50, Kind.MACRO),))
    videos = []
    for intervals in ((MICRO,), ()):
        record = feature_record(intervals=intervals)
        record.features[...] = 0
        videos.append(sampler(Source("a", [record]), points=points).batch(0)[0].video)
    np.testing.assert_array_equal(videos[0].points, videos[1].points)
    np.testing.assert_array_equal(videos[0].snippets, videos[1].snippets)
