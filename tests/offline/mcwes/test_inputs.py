import dataclasses

import numpy as np
import pytest

from engines.errors import UsageError
from engines.intervals import Interval, Kind
from offline.mcwes.config import SnippetInputs
from offline.mcwes.inputs import as_snippets, runs, usable
from offline.snippets.inputs import snippets_of
from realtime.snippets.pooling import SNIPPET_FEATURES
from tests.offline.mcwes.mcwes_makers import INPUTS, record
from tests.offline.training.tiny_records import make_record

POOLED = SnippetInputs("sw-mro", 4, 30.0, SNIPPET_FEATURES)


def test_windows_are_pooled_and_snippets_stay_as_they_are():
    windows = make_record(20, (Interval(Kind.MICRO, 4, 6, 9),))
    found, expected = as_snippets(windows, POOLED), snippets_of(windows, 4)
    assert np.array_equal(found.streams, expected.streams)
    assert found.intervals == windows.intervals
    one = record()
    assert as_snippets(one, INPUTS) is one


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (dataclasses.replace(INPUTS, features=9), "--set snippets.features=6"),
        (dataclasses.replace(INPUTS, source="i3d-random-3"), "--set snippets.source=i3d"),
        (dataclasses.replace(INPUTS, frames=4), "of 8 ticks, and the network reads 4"),
        (POOLED, "of i3d, and the network reads sw-mro"),
    ],
)
def test_other_snippets_than_the_network_reads_are_refused(inputs, said):
    with pytest.raises(UsageError, match=said):
        as_snippets(record(), inputs)


def test_windows_are_refused_where_the_network_reads_i3d():
    with pytest.raises(UsageError, match="holds SW-MRO windows, and the network reads i3d"):
        as_snippets(make_record(20, ()), INPUTS)


def test_features_of_drawn_weights_never_pass_for_those_of_learnt_ones():
    with pytest.raises(UsageError, match="of i3d-random-3, and the network reads i3d"):
        as_snippets(record(source="i3d-random-3"), INPUTS)
    named = dataclasses.replace(INPUTS, source="i3d-random-3")
    assert as_snippets(record(source="i3d-random-3"), named).snippets == 20


def test_snippets_of_a_file_at_another_rate_may_be_a_little_longer():
    # 8 frames at 29.97 fps
    assert as_snippets(record(ticks=8.008), INPUTS).snippets == 20


def test_a_video_shorter_than_one_snippet_has_none():
    found = as_snippets(make_record(3, ()), POOLED)
    assert found.snippets == 0
    assert list(runs(found.valid, 10)) == []


def test_gaps_and_uncertain_labels_are_not_usable():
    one = record(snippets=6)
    one.valid[1] = False
    # ticks 31 to 32: the last of snippet 3, the first of snippet 4
    one = dataclasses.replace(one, ignored=(Interval(Kind.MICRO, 31, 31, 32),))
    assert usable(one).tolist() == [True, False, True, False, False, True]
    assert one.valid.sum() == 5


def test_runs_end_at_gaps_and_at_the_most_that_is_taken():
    kept = np.array([1, 1, 1, 0, 1, 0, 0, 1, 1], bool)
    assert list(runs(kept, 9)) == [(0, 3), (4, 5), (7, 9)]
    assert list(runs(kept, 2)) == [(0, 2), (2, 3), (4, 5), (7, 9)]
    assert list(runs(np.zeros(0, bool), 2)) == []
