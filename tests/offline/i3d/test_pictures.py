import cv2
import numpy as np
import pytest

from offline.i3d.pictures import Picture, face_box
from realtime.types import Face


def test_black_and_white_are_the_ends_of_the_range():
    image = np.zeros((256, 256, 3), np.uint8)
    image[:, 128:] = 255
    picture = Picture.of(image)
    assert picture.rgb.shape == (3, 224, 224)
    assert picture.rgb.dtype == np.float32
    assert (picture.rgb[:, :, :112] == -1).all()
    assert (picture.rgb[:, :, 112:] == 1).all()


def test_colours_keep_their_order_and_grey_weighs_them():
    image = np.zeros((256, 256, 3), np.uint8)
    image[..., 0] = 255
    picture = Picture.of(image)
    assert (picture.rgb[0] == 1).all()
    assert (picture.rgb[1:] == -1).all()
    assert (picture.grey == 76).all()  # ITU-R BT.601: 0.299 of red


@pytest.mark.parametrize("size", [(256, 400), (400, 256), (257, 256)])
def test_the_middle_of_a_frame_is_seen(size):
    """A picture whose short side fits is not resampled: its own pixels are there."""
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    top, left = (size[0] - 256) // 2, (size[1] - 256) // 2
    picture = Picture.of(image)
    square = image[top : top + 256, left : left + 256]
    np.testing.assert_array_equal(picture.grey, cv2.cvtColor(square, cv2.COLOR_RGB2GRAY))
    seen = square[16:240, 16:240].astype(np.float64) / 255 * 2 - 1
    np.testing.assert_allclose(picture.rgb, np.moveaxis(seen, -1, 0), atol=1e-6)


@pytest.mark.parametrize("size", [(1, 1), (40, 56), (1088, 2040)])
def test_frames_of_any_size_become_one_size(size):
    picture = Picture.of(np.full((*size, 3), 51, np.uint8))
    assert picture.grey.shape == (256, 256)
    np.testing.assert_allclose(picture.rgb, 51 / 255 * 2 - 1, atol=1e-6)


def test_a_box_is_what_is_seen_and_the_border_goes_on_outside_the_frame():
    image = np.zeros((100, 100, 3), np.uint8)
    image[:50, :50] = 255
    assert (Picture.of(image, (0, 0, 50, 50)).rgb == 1).all()
    assert (Picture.of(image, (-90, -90, 10, 10)).rgb == 1).all()
    assert (Picture.of(image, (300, 300, 300, 300)).rgb == -1).all()


def test_a_face_takes_six_tenths_of_the_square_around_it():
    mesh = np.zeros((468, 3), np.float32)
    mesh[0, :2], mesh[1:, :2] = (100, 40), (160, 160)
    face = Face(1, mesh, np.zeros((68, 2), np.float32), 1.0)
    left, top, right, bottom = face_box(face)
    assert (right - left, bottom - top) == (200, 200)
    assert ((left + right) / 2, (top + bottom) / 2) == (130, 100)
