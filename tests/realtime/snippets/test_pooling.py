import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.snippets.pooling import SNIPPET_FEATURES, STREAMS, pool_all, pool_snippet
from realtime.types import NODES

NODE = 4
"""Any one."""


def windows_of(seed, count):
    rng = np.random.default_rng(seed)
    return rng.normal(0, 3, (count, 17, len(NODES), 2)).astype(np.float32)


def by_name(streams):
    """Split (2, D) by the documented order into arrays of 18 rows."""
    at = len(NODES)
    names = {"quick": (0, 0, 2), "quick_mean": (0, 2, 3), "quick_max": (0, 3, 4)}
    names |= {"bend_mean": (0, 4, 5), "bend_max": (0, 5, 6)}
    names |= {"whole": (1, 0, 2), "whole_mean": (1, 2, 3), "whole_max": (1, 3, 4)}
    names |= {"half": (1, 4, 6)}
    return {
        name: streams[row, first * at : last * at].reshape(at, last - first)
        for name, (row, first, last) in names.items()
    }


def test_two_windows_pool_to_numbers_worked_out_by_hand():
    """One node: quick (3, 4), then none; whole (6, 8), (0, 2); half (3, 4), (0, 1)."""
    windows = np.zeros((2, 17, len(NODES), 2), np.float32)
    windows[0, 5, NODE], windows[0, 11, NODE] = (1, 1), (4, 5)
    windows[0, 8, NODE], windows[0, 16, NODE] = (3, 4), (6, 8)
    windows[1, 8, NODE], windows[1, 16, NODE] = (0, 1), (0, 2)
    pooled = {name: values[NODE] for name, values in by_name(pool_snippet(windows)).items()}
    expected = {
        "quick": (1.5, 2.0),
        "quick_mean": (2.5,),
        "quick_max": (5.0,),
        "bend_mean": (0.0,),
        "bend_max": (0.0,),
        "whole": (3.0, 5.0),
        "whole_mean": (6.0,),
        "whole_max": (10.0,),
        "half": (1.5, 2.5),
    }
    for name, values in expected.items():
        scaled = [math.asinh(value / 0.2) for value in values]
        np.testing.assert_allclose(pooled[name], scaled, rtol=1e-6, err_msg=name)


def test_motion_that_comes_back_within_a_window_bends_and_steady_motion_does_not():
    there_and_back = np.zeros((3, 17, len(NODES), 2), np.float32)
    there_and_back[:, :, :, 0] = np.sin(np.linspace(0, np.pi, 17))[None, :, None]
    steady = np.zeros_like(there_and_back)
    steady[:, :, :, 0] = np.linspace(0, 2, 17)[None, :, None]
    bent, straight = (by_name(pool_snippet(w)) for w in (there_and_back, steady))
    np.testing.assert_allclose(bent["bend_mean"], math.asinh(2 / 0.2), rtol=1e-6)
    np.testing.assert_allclose(straight["bend_mean"], 0, atol=1e-6)
    assert (straight["whole_mean"] > bent["whole_mean"] + 1).all()


def test_a_still_face_pools_to_zero():
    assert not pool_snippet(np.zeros((4, 17, len(NODES), 2), np.float32)).any()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 40), st.integers(1, 9))
def test_a_snippet_alone_is_to_the_last_bit_what_it_is_among_others(seed, ticks, length):
    windows = windows_of(seed, ticks)
    streams, valid = pool_all(windows, np.ones(ticks, np.bool_), length)
    assert streams.shape == (len(STREAMS), ticks // length, SNIPPET_FEATURES)
    assert streams.dtype == np.float32
    assert valid.all()
    for k in range(ticks // length):
        alone = pool_snippet(windows[k * length : (k + 1) * length])
        np.testing.assert_array_equal(streams[:, k], alone)


def test_what_is_measured_where_nothing_is_scored_has_no_influence():
    windows, scored = windows_of(3, 20), np.ones(20, np.bool_)
    scored[[7, 16]] = False
    streams, valid = pool_all(windows, scored, 5)
    assert valid.tolist() == [True, False, True, False]
    assert not streams[:, ~valid].any()
    windows[~scored] = np.nan
    again, _ = pool_all(windows, scored, 5)
    np.testing.assert_array_equal(streams, again)


def test_a_video_shorter_than_one_snippet_has_none():
    streams, valid = pool_all(windows_of(0, 4), np.ones(4, np.bool_), 5)
    assert streams.shape == (2, 0, SNIPPET_FEATURES)
    assert valid.shape == (0,)


@pytest.mark.parametrize(
    "windows",
    [np.zeros((2, 25, 18, 2), np.float32), np.zeros((2, 17, 18, 2)), np.zeros(3, np.float32)],
)
def test_windows_of_another_shape_are_refused(windows):
    with pytest.raises(ValueError, match="windows must be float32"):
        pool_snippet(windows)


def test_a_snippet_of_nothing_is_refused():
    none = windows_of(0, 0)
    with pytest.raises(ValueError, match="at least one window"):
        pool_snippet(none)
    with pytest.raises(ValueError, match="0 ticks a snippet"):
        pool_all(none, np.ones(0, np.bool_), 0)
