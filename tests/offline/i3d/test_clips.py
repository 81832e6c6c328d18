import numpy as np
import pytest

from offline.i3d import clips
from offline.i3d.clips import ClipCutter
from offline.i3d.pictures import Picture
from tests.offline.i3d.i3d_makers import QuickFlow


@pytest.fixture
def cutter(monkeypatch):
    monkeypatch.setattr(clips, "TvL1", QuickFlow)
    return ClipCutter(3)


def grey(value):
    return Picture.of(np.full((60, 60, 3), value, np.uint8))


def test_a_clip_holds_its_frames_and_the_flow_from_each_to_the_next(cutter):
    found = [cutter.push(grey(value)) for value in (10, 11, 13, 16, 20, 25, 31, 90)]
    assert [clip is not None for clip in found] == [False] * 3 + [True] + [False] * 2 + [
        True,
        False,
    ]
    first, second = found[3], found[6]
    assert first.rgb.shape == (3, 3, 224, 224)
    assert first.flow.shape == (2, 3, 224, 224)
    np.testing.assert_allclose(first.rgb[0, :, 0, 0], np.array([10, 11, 13]) / 127.5 - 1, atol=1e-6)
    np.testing.assert_allclose(
        second.rgb[2, :, 9, 9], np.array([16, 20, 25]) / 127.5 - 1, atol=1e-6
    )
    np.testing.assert_allclose(first.flow[0, :, 5, 5], np.array([1, 2, 3]) / 20, atol=1e-6)
    np.testing.assert_allclose(second.flow[1, :, 5, 5], np.array([4, 5, 6]) / 20, atol=1e-6)


def test_the_last_frame_only_ends_a_flow(cutter):
    """As many frames as a snippet has fill none, since one of them has no flow."""
    assert all(cutter.push(grey(value)) is None for value in (1, 2, 3))
