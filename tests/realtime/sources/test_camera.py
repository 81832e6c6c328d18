"""Cameras: what is there, and one clear line where there is none."""

import platform
import struct
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from engines.errors import SourceError
from realtime.sources import camera
from realtime.sources.camera import CameraFeed, find_camera, open_capture
from realtime.sources.cameras import CameraEntry, list_cameras, takes_pictures, users_of
from realtime.sources.latest import LatestSource
from tests.realtime.sources.source_videos import pictures

HERE = (
    CameraEntry(0, "Integrated Webcam", "/dev/video0", True),
    CameraEntry(1, "Integrated Webcam", "/dev/video1", False, "no camera"),
    CameraEntry(2, "USB Webcam", "/dev/video2", True),
    CameraEntry(4, "USB", "/dev/video4", True),
)


def capability(whole: int, own: int) -> bytes:
    """A ``struct v4l2_capability`` as videodev2.h lays it out."""
    return struct.pack("=16s32s32sIII3I", b"uvcvideo", b"Cam", b"usb-1", 0, whole, own, 0, 0, 0)


@pytest.mark.parametrize(
    ("whole", "own", "captures"),
    [
        (0x8000_0001 | 0x0080_0000, 0x0420_0001, True),
        (0x8000_0001 | 0x0080_0000, 0x04A0_0000, False),
        (0x0400_0001, 0, True),
        (0x8000_1000, 0x1000, True),
        (0x0400_0002, 0, False),
    ],
    ids=["camera", "its metadata node", "old driver", "multi-planar", "output"],
)
def test_capture_nodes_are_told_from_the_others(whole: int, own: int, captures: bool) -> None:
    assert len(capability(whole, own)) == 104
    assert takes_pictures(capability(whole, own)) is captures


def test_a_machine_without_cameras_lists_none(tmp_path: Path) -> None:
    assert list_cameras(tmp_path / "nothing", tmp_path) == ()


def test_cameras_are_listed_by_index_with_name_and_reason(tmp_path: Path) -> None:
    for index, name in ((10, "Ten"), (2, "Two")):
        (tmp_path / f"sys/video{index}").mkdir(parents=True)
        (tmp_path / f"sys/video{index}/name").write_text(f"{name}\n")
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/video10").write_bytes(b"")
    two, ten = list_cameras(tmp_path / "sys", tmp_path / "dev")
    assert (two.index, two.name, two.usable) == (2, "Two", False)
    assert "its device file is missing" in two.why
    assert (ten.index, ten.name, ten.why) == (10, "Ten", "not a video device")


@pytest.mark.parametrize(
    ("which", "index"),
    [("0", 0), ("7", 7), ("/dev/video3", 3), ("usb webcam", 2), ("USB", 4), ("integrated", 0)],
)
def test_a_camera_is_found_by_index_device_file_or_name(
    monkeypatch: pytest.MonkeyPatch, which: str, index: int
) -> None:
    monkeypatch.setattr(camera, "list_cameras", lambda: HERE)
    assert find_camera(which) == index


@pytest.mark.parametrize(
    ("which", "says"), [("nikon", "no camera is called"), ("webcam", "more than one camera")]
)
def test_an_unclear_name_is_refused_with_what_there_is(
    monkeypatch: pytest.MonkeyPatch, which: str, says: str
) -> None:
    monkeypatch.setattr(camera, "list_cameras", lambda: HERE)
    with pytest.raises(SourceError, match=rf"{says}.*2 \(USB Webcam\)"):
        find_camera(which)


def test_a_camera_that_is_not_there_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(camera, "list_cameras", tuple)
    with pytest.raises(SourceError, match="there is no camera 97; this machine has no") as caught:
        open_capture(97, (640, 480))
    assert caught.value.exit_code == 3
    assert capfd.readouterr() == ("", "")


def test_a_camera_in_use_is_named_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = CameraEntry(97, "Webcam", "/dev/video97", True)
    monkeypatch.setattr(camera, "list_cameras", lambda: (busy,))
    with pytest.raises(SourceError, match=r"camera 97 \(Webcam\): in use by another program"):
        open_capture(97, (640, 480))


def test_who_holds_a_camera_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for number, comm, link in (("12", "bash", "/dev/null"), ("345", "zoom", "/dev/video97")):
        (tmp_path / number / "fd").mkdir(parents=True)
        (tmp_path / number / "comm").write_text(f"{comm}\n")
        (tmp_path / number / "fd" / "7").symlink_to(link)
    (tmp_path / "678").mkdir()
    assert users_of(Path("/dev/video97"), tmp_path) == (
        "in use by process 345 (zoom); end that first"
    )
    assert users_of(Path("/dev/video3"), tmp_path) == ""
    busy = CameraEntry(97, "Webcam", "/dev/video97", True)
    monkeypatch.setattr(camera, "list_cameras", lambda: (busy,))
    monkeypatch.setattr(camera, "users_of", lambda path: users_of(path, tmp_path))
    with pytest.raises(SourceError, match=r"\(Webcam\): in use by process 345 \(zoom\)"):
        open_capture(97, (640, 480))


def test_a_camera_that_opens_and_gives_not_one_picture_is_in_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As with a second process: Video4Linux lets both open it, and one read it."""
    entry = CameraEntry(5, "Webcam", "/dev/video5", True)
    monkeypatch.setattr(camera, "list_cameras", lambda: (entry,))
    feed = CameraFeed(cv2.VideoCapture(), "camera 5", 5)
    with pytest.raises(SourceError, match=r"cannot open camera 5 \(Webcam\): in use by another"):
        feed.read()


@pytest.mark.skipif(platform.system() != "Linux", reason="elsewhere cameras have no names")
def test_one_of_two_cameras_of_one_name_never_takes_the_place_of_the_other(
    monkeypatch: pytest.MonkeyPatch, write_video: Callable[..., Path]
) -> None:
    path, opened_as = str(write_video(images=pictures(2))), list[int]()
    twins = [CameraEntry(index, "USB Webcam", f"/dev/video{index}", True) for index in (0, 2)]
    monkeypatch.setattr(camera, "list_cameras", lambda: tuple(twins))

    def connect(index: int, name: str, _: tuple[int, int]) -> CameraFeed:
        opened_as.append(index)
        del twins[1:]
        return CameraFeed(cv2.VideoCapture(path), name, index)

    monkeypatch.setattr(camera, "_connect", connect)
    with open_capture(2, (640, 480)) as source:
        for _, _ in zip(source, range(3), strict=False):
            pass
    assert opened_as[:2] == [2, 2]


@pytest.mark.skipif(platform.system() != "Linux", reason="elsewhere cameras have no names")
def test_a_camera_that_comes_back_under_another_index_is_the_one_with_its_name(
    monkeypatch: pytest.MonkeyPatch, write_video: Callable[..., Path]
) -> None:
    path, opened_as = str(write_video(images=pictures(2))), list[int]()
    plugged: list[CameraEntry] = list(HERE)
    monkeypatch.setattr(camera, "list_cameras", lambda: tuple(plugged))

    def connect(index: int, name: str, _: tuple[int, int]) -> CameraFeed:
        opened_as.append(index)
        if len(opened_as) == 1:
            plugged[2:] = [CameraEntry(3, "USB Webcam", "/dev/video3", True)]
        return CameraFeed(cv2.VideoCapture(path), name, index)

    monkeypatch.setattr(camera, "_connect", connect)
    with open_capture(2, (640, 480)) as source:
        for _, _ in zip(source, range(3), strict=False):
            pass
    assert opened_as[:2] == [2, 3]


def test_a_device_gives_rgb_and_ends_when_it_is_lost(write_video: Callable[..., Path]) -> None:
    images = pictures(3)
    feed = CameraFeed(cv2.VideoCapture(str(write_video(images=images))), "camera 0")
    shots = [feed.read() for _ in images]
    for shot, image in zip(shots, images, strict=True):
        np.testing.assert_array_equal(shot.image, image)
    assert 0 <= time.monotonic() - shots[-1].captured_s < 60
    with pytest.raises(SourceError, match="camera 0 gives no more frames"):
        feed.read()
    feed.close()


def test_a_device_runs_as_a_live_source(write_video: Callable[..., Path]) -> None:
    path = str(write_video(images=pictures(3)))
    with LatestSource("camera 0", lambda: CameraFeed(cv2.VideoCapture(path), "camera 0")) as source:
        assert (source.info.width, source.info.height, source.info.live) == (64, 48, True)
        times_s = [frame.timestamp_s for frame, _ in zip(source, range(2), strict=False)]
    assert times_s[0] < times_s[1]
