import numpy as np
import pytest

from engines.errors import SourceError
from offline.i3d import clips, extraction, reading
from offline.i3d.config import I3dOptions, Region
from offline.i3d.extraction import measure_i3d
from offline.i3d.flow import FlowError
from offline.i3d.weights import I3dWeights
from realtime.types import Face
from tests.offline.i3d.i3d_makers import RANDOM, ListSource, MeanStreams, QuickFlow, images

STARTS_AT = 4.0
"""Ticks of a snippet of four frames at 30 Hz."""


@pytest.fixture
def streams(monkeypatch):
    made = MeanStreams()
    monkeypatch.setattr(clips, "TvL1", QuickFlow)
    monkeypatch.setattr(extraction, "two_streams", lambda *_: made)
    return made


@pytest.fixture
def partial(tmp_path):
    return tmp_path / "some.partial"


def test_snippets_follow_each_other_and_the_last_frame_is_left_out(streams, partial):
    made = measure_i3d(ListSource(images(12)), RANDOM, partial)
    assert made.streams.shape == (2, 2, 1024)
    assert made.valid.tolist() == [True, True]
    np.testing.assert_allclose(made.edges, [0, STARTS_AT, 2 * STARTS_AT])
    assert made.ticks == 12
    assert measure_i3d(ListSource(images(13)), RANDOM, partial).snippets == 3


@pytest.mark.parametrize(("rate", "frames", "ticks"), [(200, 32, 4.8), (25, 8, 9.6), (30, 8, 8)])
def test_edges_are_on_the_30_hz_grid_whatever_the_rate(streams, partial, rate, frames, ticks):
    options = I3dOptions(RANDOM.weights, frames)
    pictures = images(1) * (2 * frames + 1)
    times = [k / rate for k in range(len(pictures))]
    made = measure_i3d(ListSource(pictures, times), options, partial)
    np.testing.assert_allclose(made.edges, [0, ticks, 2 * ticks])


@pytest.mark.parametrize("count", [0, 1, 4])
def test_a_video_shorter_than_one_snippet_has_none(streams, partial, count):
    made = measure_i3d(ListSource(images(count)), RANDOM, partial)
    assert made.snippets == 0
    assert made.edges.tolist() == [0]
    assert made.ticks == count
    assert not partial.exists()


def test_a_snippet_with_a_gap_is_not_valid_and_a_frame_that_is_missing_is_no_gap(streams, partial):
    times = np.arange(13) / 30
    times[2:] += 1 / 30  # one frame is missing in the first snippet
    times[6:] += 2 / 30  # two in the second one
    made = measure_i3d(ListSource(images(13), times.tolist()), RANDOM, partial)
    assert made.valid.tolist() == [True, False, True]
    assert not made.streams[:, 1].any()
    np.testing.assert_allclose(made.edges, [0, 5, 11, 15])


@pytest.mark.parametrize("end", [5, 9, 10, 12])
def test_what_was_interrupted_goes_on_to_the_same_features(streams, partial, end):
    pictures = images(14)
    whole = measure_i3d(ListSource(pictures), RANDOM, partial.with_name("other"))
    streams.asked = 0
    with pytest.raises(KeyboardInterrupt):
        measure_i3d(ListSource(pictures, end=end, error=KeyboardInterrupt()), RANDOM, partial)
    again = measure_i3d(ListSource(pictures), RANDOM, partial)
    assert streams.asked == 3
    np.testing.assert_array_equal(again.streams, whole.streams)
    np.testing.assert_array_equal(again.edges, whole.edges)


def test_a_damaged_beginning_is_begun_again(streams, partial, caplog):
    whole = measure_i3d(ListSource(images(9)), RANDOM, partial)
    partial.write_bytes(b"torn")
    again = measure_i3d(ListSource(images(9)), RANDOM, partial)
    np.testing.assert_array_equal(again.streams, whole.streams)
    assert "begun again" in caplog.text


def test_a_flow_that_fails_is_named_with_its_frames(streams, partial, monkeypatch):
    class Failing(QuickFlow):
        def between(self, first, second):
            if first.max() == 0:
                raise FlowError("no memory")
            return super().between(first, second)

    monkeypatch.setattr(clips, "TvL1", Failing)
    pictures = images(9)
    pictures[6][:] = 0
    with pytest.raises(SourceError, match="list: TV-L1 flow from frame 6 to 7 failed: no memory"):
        measure_i3d(ListSource(pictures), RANDOM, partial)


class Tracker:
    """Sees a face in pictures that are not black."""

    def __init__(self):
        self.asked = 0

    def track(self, frame):
        self.asked += 1
        mesh = np.full((468, 3), 10, np.float32)
        mesh[0] = 20
        face = Face(1, mesh, np.zeros((68, 2), np.float32), 1.0)
        return (face,) if frame.image.any() else ()

    def close(self):
        pass


@pytest.mark.parametrize(("black", "valid"), [(0, [1, 1, 1]), (1, [0, 1, 1]), (5, [0, 0, 1])])
def test_a_face_is_looked_for_until_it_is_seen(streams, partial, monkeypatch, black, valid):
    tracker = Tracker()
    monkeypatch.setattr(reading, "open_tracker", lambda: tracker)
    options = I3dOptions(I3dWeights(seed=1), 4, Region.FACE)
    pictures = images(13)
    for picture in pictures[:black]:
        picture[:] = 0
    made = measure_i3d(ListSource(pictures), options, partial)
    assert made.valid.tolist() == valid
    assert made.faceless == black
    assert tracker.asked == black + 1
    assert not made.streams[:, ~made.valid].any()
    with pytest.raises(KeyboardInterrupt):
        measure_i3d(ListSource(pictures, end=12, error=KeyboardInterrupt()), options, partial)
    again = measure_i3d(ListSource(pictures), options, partial)
    np.testing.assert_array_equal(again.streams, made.streams)
    assert (again.faceless, again.valid.tolist()) == (made.faceless, made.valid.tolist())


def test_where_no_face_is_seen_nothing_is_valid(streams, partial, monkeypatch):
    monkeypatch.setattr(reading, "open_tracker", Tracker)
    options = I3dOptions(I3dWeights(seed=1), 4, Region.FACE)
    black = [np.zeros((40, 56, 3), np.uint8)] * 9
    made = measure_i3d(ListSource(black), options, partial)
    assert made.valid.tolist() == [False, False]
    assert made.faceless == made.ticks == 9
