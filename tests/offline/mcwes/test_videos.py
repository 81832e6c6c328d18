import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engines.intervals import Interval, Kind
from offline.mcwes.videos import TrainingVideo
from tests.offline.mcwes.mcwes_makers import record


def numbered(snippets):
    rows = np.arange(snippets, dtype=np.float32)[:, None, None] * np.ones((1, 2, 3), np.float32)
    return TrainingVideo("video", rows, frozenset())


@given(
    st.integers(1, 60), st.integers(1, 60), st.sampled_from(["spread", "run"]), st.integers(0, 9)
)
def test_a_sample_is_as_long_as_asked_for_and_in_order(total, count, how, seed):
    drawn = numbered(total).sample(count, how, np.random.default_rng(seed))[:, 0, 0]
    assert len(drawn) == min(total, count)
    assert (np.diff(drawn) > 0).all()
    if how == "run":
        assert (np.diff(drawn) == 1).all()


@given(st.integers(2, 60), st.integers(1, 60), st.integers(0, 9))
def test_a_spread_sample_has_one_of_each_even_part(total, count, seed):
    drawn = numbered(total).sample(count, "spread", np.random.default_rng(seed))[:, 0, 0]
    if count < total:
        parts = [k * total // count for k in range(count + 1)]
        assert all(a <= x < b for a, b, x in zip(parts, parts[1:], drawn, strict=False))


def test_zero_takes_a_video_whole():
    video = numbered(9)
    assert video.sample(0, "spread", np.random.default_rng(0)) is video.snippets


def test_every_snippet_is_drawn_sooner_or_later():
    for how in ("spread", "run"):
        drawn = [numbered(10).sample(4, how, np.random.default_rng(s))[:, 0, 0] for s in range(80)]
        assert set(np.concatenate(drawn)) == set(range(10))


def test_what_is_not_usable_is_left_out_and_the_label_is_the_videos():
    one = record(snippets=8, kinds="m")
    one.valid[3] = False
    video = TrainingVideo.of(one, frozenset({Kind.MICRO}))
    assert np.array_equal(video.snippets, one.streams[:, [0, 1, 2, 4, 5, 6, 7]].transpose(1, 0, 2))
    assert video.snippets.flags.c_contiguous
    assert video.label.tolist() == [1, 0]
    assert TrainingVideo.of(one, frozenset()).label.tolist() == [0, 0]
    assert TrainingVideo.of(one, frozenset(Kind)).label.tolist() == [1, 1]
    assert Interval(Kind.MICRO, 16, 20, 23) in one.intervals
