"""Video files: own timestamps, in full and in order, and honest about damage."""

import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from engines.errors import SourceError
from realtime.clock import Clock, Gap, Tick
from realtime.sources.file import open_file
from realtime.types import Frame
from tests.realtime.sources.source_videos import pictures

Clip = Callable[[str], Path]
WriteVideo = Callable[..., Path]


def read(path: Path) -> list[Frame]:
    with open_file(path) as source:
        return list(source)


def read_until_damage(path: Path) -> tuple[int, str]:
    frames: list[Frame] = []
    with open_file(path) as source, pytest.raises(SourceError) as caught:
        frames.extend(source)
    return len(frames), str(caught.value)


def test_every_frame_comes_in_order_with_its_own_pixels(write_video: WriteVideo) -> None:
    images = pictures(12)
    frames = read(write_video(images=images))
    assert [frame.index for frame in frames] == list(range(12))
    assert all(np.array_equal(f.image, i) for f, i in zip(frames, images, strict=True))


def test_timestamps_are_those_of_the_container(write_video: WriteVideo) -> None:
    times_s = [0.5, 0.533, 0.55, 0.7, 1.2]
    frames = read(write_video(images=pictures(5), times_s=times_s))
    assert [frame.timestamp_s for frame in frames] == pytest.approx([t - 0.5 for t in times_s])
    assert frames[0].timestamp_s == 0.0


def test_a_frame_is_captured_when_its_decoding_is_complete(write_video: WriteVideo) -> None:
    moments = [time.monotonic()]
    with open_file(write_video(images=pictures(4))) as source:
        for frame in source:
            assert frame.captured_s is not None
            assert moments[0] <= frame.captured_s <= time.monotonic()
            moments.append(frame.captured_s)
    assert moments == sorted(moments)


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted on Linux")
@pytest.mark.parametrize("codec", ["ffv1", "mpeg4"])
def test_a_file_is_read_without_threads_of_its_own(write_video: WriteVideo, codec: str) -> None:
    def threads() -> int:
        return len(list(Path("/proc/self/task").iterdir()))

    options = {} if codec == "ffv1" else {"codec": codec, "pix_fmt": "yuv420p"}
    path = write_video(images=pictures(6, 480, 640), **options)
    before = threads()
    with open_file(path) as source:
        held = [(frame, threads()) for frame in source]
    assert [count for _, count in held] == [before] * 6


def test_info_tells_size_and_rate(write_video: WriteVideo) -> None:
    with open_file(write_video("clip.avi", codec="mjpeg", pix_fmt="yuvj420p")) as source:
        info = source.info
    assert (info.width, info.height, info.rate_hz, info.frames) == (64, 48, 30.0, 30)
    assert not info.live
    assert source.dropped == 0


@pytest.mark.parametrize("pix_fmt", ["gray", "gray16le", "yuv420p10le", "bgra", "yuv444p"])
def test_any_pixel_format_becomes_8_bit_rgb(write_video: WriteVideo, pix_fmt: str) -> None:
    flat = [np.full((48, 64, 3), level, np.uint8) for level in (60, 128, 200)]
    frames = read(write_video(images=flat, pix_fmt=pix_fmt))
    for frame, image in zip(frames, flat, strict=True):
        assert frame.image.shape == (48, 64, 3)
        assert frame.image.dtype == np.uint8
        assert np.abs(frame.image.astype(int) - image).max() <= 2


def test_the_rotation_that_the_container_asks_for_is_applied(write_video: WriteVideo) -> None:
    image = np.zeros((48, 64, 3), np.uint8)
    image[:16, :16] = 255
    path = write_video("clip.mp4", [image] * 3, codec="mpeg4", pix_fmt="yuv420p")
    data = bytearray(path.read_bytes())
    matrix = data.find(b"tkhd") + 44
    # ISO 14496-12 8.3.2: (a b u c d v x y w); x' = -y, y' = x turns clockwise
    data[matrix : matrix + 36] = struct.pack(
        ">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 48 << 16, 0, 1 << 30
    )
    path.write_bytes(data)
    with open_file(path) as source:
        (first, *_) = source
    assert (source.info.width, source.info.height) == (48, 64)
    assert first.image[:12, -12:].mean() > 240
    assert first.image[:, :24].mean() < 10


def test_a_stream_without_timestamps_runs_at_its_rate_and_says_so(write_video: WriteVideo) -> None:
    with open_file(write_video("clip.h264", codec="libx264", pix_fmt="yuv420p")) as source:
        times_s = [frame.timestamp_s for frame in source]
    assert source.irregular == 30
    assert times_s == pytest.approx([i / 30 for i in range(30)], abs=1e-6)


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("clip.mkv", "ffv1", "bgr0"),
        ("clip.avi", "mjpeg", "yuvj420p"),
        ("clip.mp4", "mpeg4", "yuv420p"),
        ("clip.webm", "libvpx", "yuv420p"),
    ],
)
def test_a_truncated_file_gives_what_is_there_and_then_says_how_much(
    write_video: WriteVideo, name: str, codec: str, pix_fmt: str
) -> None:
    options = {"movflags": "faststart"} if name.endswith("mp4") else None
    path = write_video(name, pictures(45), codec=codec, pix_fmt=pix_fmt, options=options)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    count, text = read_until_damage(path)
    assert 10 <= count <= 35
    assert "truncated or corrupt" in text
    assert f"{count} frames were read" in text
    assert "\n" not in text


def test_a_file_that_is_corrupt_in_the_middle_ends_there(write_video: WriteVideo) -> None:
    path = write_video("clip.avi", pictures(30), codec="mjpeg", pix_fmt="yuvj420p")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 8000] = bytes(8000)
    path.write_bytes(data)
    count, text = read_until_damage(path)
    assert 10 <= count <= 20
    assert "truncated or corrupt" in text


@pytest.mark.parametrize("content", [b"", b"hello, world\n" * 50, bytes(range(256)) * 20])
@pytest.mark.parametrize("name", ["clip.mp4", "clip.txt"])
def test_what_is_no_video_is_refused_in_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=name) as caught:
        open_file(path)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no\.mp4: there is no such file"):
        open_file(tmp_path / "no.mp4")


def test_sound_without_a_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), layout="mono")
        sound.sample_rate = 8000
        container.mux(stream.encode(sound))
    with pytest.raises(SourceError, match="holds no video"):
        open_file(path)


def test_a_name_that_looks_like_a_protocol_is_still_a_file(
    tmp_path: Path, write_video: WriteVideo, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_video("a:b.mkv", pictures(2))
    monkeypatch.chdir(tmp_path)
    assert len(read(Path("a:b.mkv"))) == 2


def test_close_ends_the_iteration_and_may_be_repeated(write_video: WriteVideo) -> None:
    source = open_file(write_video())
    frames = iter(source)
    next(frames)
    source.close()
    source.close()
    assert list(frames) == []


def test_close_from_another_thread_ends_the_iteration(write_video: WriteVideo) -> None:
    source = open_file(write_video(images=pictures(200)))
    frames = iter(source)
    next(frames)
    closer = threading.Thread(target=source.close)
    closer.start()
    rest = list(frames)
    closer.join()
    assert len(rest) < 200


@pytest.mark.media
@pytest.mark.parametrize(
    ("name", "count", "last_s"),
    [
        ("pf_face_noface.mov", 169, 97_695 / 15_360),
        ("in_sorry.mkv", 73, 2.4),
        ("lp_d0.mp4", 78, 77 / 25),
    ],
)
def test_real_clips_are_read_in_full_with_their_own_times(
    clip: Clip, name: str, count: int, last_s: float
) -> None:
    frames = read(clip(name))
    assert len(frames) == count
    assert frames[-1].timestamp_s == pytest.approx(last_s, abs=1e-6)


@pytest.mark.media
def test_a_variable_rate_clip_lands_on_the_clock_without_a_gap(clip: Clip) -> None:
    clock = Clock()
    out: list[Tick | Gap] = []
    with open_file(clip("pf_face_noface.mov")) as source:
        for frame in source:
            out += clock.push(frame)
    out += clock.finish()
    assert not [item for item in out if isinstance(item, Gap)]
    assert len(out) == pytest.approx(6.36 * 30, abs=2)


@pytest.mark.media
def test_a_real_clip_cut_in_half_says_so(clip: Clip, tmp_path: Path) -> None:
    data = clip("in_sorry.mkv").read_bytes()
    half = tmp_path / "half.mkv"
    half.write_bytes(data[: len(data) // 2])
    count, text = read_until_damage(half)
    assert 0 < count < 73
    assert f"{count} frames were read" in text
