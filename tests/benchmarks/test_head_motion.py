"""What is left of rendered motion, and how it is judged."""

import numpy as np
import pytest

from benchmarks.flow_motions import TICKS
from benchmarks.head_motion import Left, Row, lengths_left, print_table, tracked, vectors_left
from engines.errors import SourceError
from realtime.flow.step import Alignment
from tests.realtime.flow.flow_makers import grey_of, make_face, texture


def left(px: float) -> Left:
    return Left.of([np.full((16, 10), px, np.float32)])


def test_a_summary_tells_the_last_step_from_all() -> None:
    lengths = np.zeros((16, 10), np.float32)
    lengths[-1] = np.arange(10)
    found = Left.of([lengths, lengths])
    assert found.last_median_px == 4.5
    assert found.last_p90_px == pytest.approx(8, abs=0.3)
    assert (found.all_median_px, found.all_p90_px) == (0, 0)


@pytest.mark.parametrize(
    ("nose_px", "rigid_px", "met"),
    [(3.0, 0.9, True), (3.0, 1.1, False), (0.2, 0.14, True), (0.2, 0.16, False)],
)
def test_of_head_motion_a_third_may_be_left_or_no_more_than_noise(
    nose_px: float, rigid_px: float, met: bool
) -> None:
    assert Row("yaw", True, left(nose_px), left(rigid_px)).met is met


@pytest.mark.parametrize(
    ("nose_px", "rigid_px", "met"),
    [(0.1, 0.1, True), (0.1, 0.12, False), (0.9, 0.2, False), (0.9, 0.14, True)],
)
def test_a_still_face_may_show_noise_and_no_more_than_with_the_nose(
    nose_px: float, rigid_px: float, met: bool
) -> None:
    assert Row("still", False, left(nose_px), left(rigid_px)).met is met


def test_where_nothing_is_left_the_ratio_is_still_a_number() -> None:
    assert Row("still", False, left(0), left(0)).ratio == 0


def test_a_sliding_face_leaves_nothing_and_lengths_are_those_of_the_vectors() -> None:
    grey = texture((240, 320))
    pictures = [np.dstack([np.roll(grey, shift, axis=1)] * 3) for shift in range(TICKS)]
    faces = [make_face((160 + shift, 100)) for shift in range(TICKS)]
    vectors = vectors_left(pictures, faces, Alignment.RIGID)
    lengths = lengths_left(pictures, faces, Alignment.RIGID)
    assert vectors.shape == (16, 10, 2)
    assert lengths == pytest.approx(np.hypot(vectors[..., 0], vectors[..., 1]), rel=1e-5)
    assert np.median(lengths) < 0.1
    assert grey_of(pictures[0]).shape == grey.shape


def test_pictures_that_end_before_the_motion_are_refused() -> None:
    pictures = [np.dstack([texture((240, 320))] * 3)] * 5
    with pytest.raises(ValueError, match="whole motion"):
        vectors_left(pictures, [make_face()] * 5, Alignment.NOSE)


def test_a_picture_without_a_face_is_refused_in_one_line() -> None:
    with pytest.raises(SourceError, match="finds no face"):
        tracked([np.zeros((240, 320, 3), np.uint8)])


def test_the_table_says_which_aim_was_missed(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([Row("yaw 10°", True, left(3), left(0.9)), Row("roll", True, left(3), left(2))])
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].startswith("| yaw 10° | 3.00 / 3.00 | 0.90 / 0.90 | 0.30 |")
    assert lines[2].endswith("| met |")
    assert lines[3].endswith("| NOT MET |")
