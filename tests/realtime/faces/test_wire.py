"""Landmarks read from MediaPipe's serialised messages, against the messages' own attributes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mediapipe.framework.formats.landmark_pb2 import NormalizedLandmark, NormalizedLandmarkList

from realtime.faces.wire import POINT_BYTES, points_of

FLOATS = st.floats(width=32)
POINTS = st.lists(st.tuples(FLOATS, FLOATS, FLOATS), max_size=20)


def message(points: list[tuple[float, float, float]]) -> NormalizedLandmarkList:
    return NormalizedLandmarkList(
        landmark=[NormalizedLandmark(x=x, y=y, z=z) for x, y, z in points]
    )


@settings(deadline=None)
@given(POINTS)
def test_points_are_those_of_the_message_to_the_bit(
    points: list[tuple[float, float, float]],
) -> None:
    found = points_of(message(points))
    assert found.shape == (len(points), 3)
    assert found.dtype == np.float32
    wanted = np.array(points, np.float32).reshape(-1, 3)
    np.testing.assert_array_equal(found.view(np.uint32), wanted.view(np.uint32))


@settings(deadline=None)
@given(POINTS.filter(bool), st.data())
def test_points_with_other_fields_or_without_one_are_read_all_the_same(
    points: list[tuple[float, float, float]], data: st.DataObject
) -> None:
    given_list = message(points)
    odd = given_list.landmark[data.draw(st.integers(0, len(points) - 1))]
    if data.draw(st.booleans()):
        odd.visibility = 0.5
    else:
        odd.ClearField("y")
    found = points_of(given_list)
    wanted = np.array([(p.x, p.y, p.z) for p in given_list.landmark], np.float32)
    np.testing.assert_array_equal(found, wanted)


def test_a_layout_that_has_the_expected_length_but_other_fields_is_not_taken_for_points() -> None:
    """Visibility in place of depth: as many bytes, another key."""
    swapped = NormalizedLandmarkList(landmark=[NormalizedLandmark(x=1, y=2, visibility=3)] * 4)
    assert len(swapped.SerializeToString()) == 4 * POINT_BYTES
    np.testing.assert_array_equal(points_of(swapped), [[1, 2, 0]] * 4)


@pytest.mark.parametrize("cut", [1, POINT_BYTES, 3 * POINT_BYTES + 5])
def test_what_is_cut_short_is_read_field_by_field(cut: int) -> None:
    class Cut:
        """A message whose bytes are not those of its points."""

        landmark = message([(1, 2, 3)] * 4).landmark

        def SerializeToString(self) -> bytes:  # noqa: N802
            return bytes(cut)

    np.testing.assert_array_equal(points_of(Cut()), [[1, 2, 3]] * 4)
