import dataclasses

import numpy as np
import pytest

from engines.intervals import Interval, Kind
from offline.snippets.record import SnippetRecord

RECORD = SnippetRecord(
    name="a",
    subject="s",
    streams=np.zeros((2, 3, 5), np.float32),
    valid=np.ones(3, np.bool_),
    edges=np.array([0.0, 4.8, 9.6, 14.4]),
    source="i3d-random-7",
    intervals=(Interval(Kind.MICRO, 2, 4, 9),),
)


def test_a_record_knows_its_size():
    assert (RECORD.snippets, RECORD.features) == (3, 5)


def test_a_video_without_a_snippet_is_a_record():
    empty = dataclasses.replace(
        RECORD,
        streams=np.zeros((2, 0, 5), np.float32),
        valid=np.ones(0, np.bool_),
        edges=np.zeros(1),
    )
    assert empty.snippets == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"streams": np.zeros((3, 3, 5), np.float32)}, "streams must be"),
        ({"streams": np.zeros((2, 3, 5))}, "float32"),
        ({"streams": np.full((2, 3, 5), np.nan, np.float32)}, "finite"),
        ({"valid": np.ones(4, np.bool_)}, "valid must be"),
        ({"valid": np.ones(3, np.int64)}, "valid must be"),
        ({"edges": np.zeros(3)}, "edges must be float64"),
        ({"edges": np.array([0.0, 2.0, 2.0, 3.0])}, "increase"),
        ({"edges": np.array([0.0, 2.0, 3.0, np.inf])}, "finite"),
        ({"source": ""}, "nothing says"),
    ],
)
def test_arrays_that_do_not_agree_are_refused_with_the_video_named(change, reason):
    with pytest.raises(ValueError, match=f"a: .*{reason}"):
        dataclasses.replace(RECORD, **change)
