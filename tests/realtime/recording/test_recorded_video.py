"""A video holds exactly what was seen: every pixel, every time, up to a cut."""

import errno
import os
import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engines.errors import SourceError, UsageError
from realtime.events.publisher import Publisher
from realtime.recording import appender, encoder
from realtime.recording.encoder import CODECS, Encoder, snap
from realtime.recording.layout import video_name
from realtime.recording.reader import Recorded
from realtime.recording.recording import Recording
from realtime.recording.snapped import Snapped
from realtime.recording.source import open_recorded
from realtime.recording.video import VideoWriter
from realtime.sources.base import SourceInfo
from realtime.sources.file import open_file
from realtime.sources.open import open_source
from realtime.sources.timestamps import Presentation
from realtime.types import Frame
from tests.realtime.events.event_makers import HELLO
from tests.realtime.live_makers import ScriptedSource
from tests.realtime.recording.session_makers import (
    CAMERA,
    MANIFEST,
    STARTED,
    pictures,
    wait_until,
)

FILE = SourceInfo("clip.mp4", False, 64, 48, 30.0)


def film(folder: Path, frames: list[Frame], info: SourceInfo = FILE) -> Path:
    session = Recording(folder, video=True)
    session.begin(MANIFEST, [(info, STARTED if info.live else None)], {})
    with Publisher(HELLO, [session]):
        for frame in frames:
            session.saw(0, frame)
    return folder


def snapped(frames: list[Frame]) -> list[Frame]:
    return [Frame(f.index, snap(f.timestamp_s), f.image) for f in frames]


def require_same(found: list[Frame], frames: list[Frame]) -> None:
    assert [f.timestamp_s for f in found] == [f.timestamp_s for f in frames]
    for one, other in zip(found, frames, strict=True):
        np.testing.assert_array_equal(one.image, other.image)


@pytest.mark.parametrize("codec", [name for name, _ in CODECS])
@pytest.mark.parametrize("size", [(64, 48), (63, 47), (2, 2)])
def test_every_pixel_and_every_time_is_kept(
    tmp_path: Path, codec: str, size: tuple[int, int]
) -> None:
    frames = snapped(pictures(40, size))
    out = Encoder(tmp_path / "v.nut", size, pytest.fail, codec)
    for frame in frames:
        out.write(frame)
    out.close()
    with open_file(tmp_path / "v.nut") as source:
        found = list(source)
        assert source.zero_s == 0
    shift = frames[0].timestamp_s
    assert max(abs(a.timestamp_s + shift - b.timestamp_s) for a, b in zip(found, frames)) < 1e-12  # noqa: B905
    assert all(np.array_equal(a.image, b.image) for a, b in zip(found, frames, strict=True))


@pytest.mark.parametrize("late_s", [0.0, 0.1, 50.0, 400_000.0])
def test_a_session_as_a_source_has_the_very_times_that_it_had(
    tmp_path: Path, late_s: float
) -> None:
    """However long after the camera the pipeline was ready."""
    frames = [Frame(f.index, snap(late_s + f.timestamp_s), f.image) for f in pictures(40)]
    film(tmp_path / "s", frames)
    with open_recorded(tmp_path / "s") as source:
        require_same(list(source), frames)
    with open_source(str(tmp_path / "s")) as source:
        require_same(list(source), frames)


@pytest.mark.parametrize(
    ("base", "step"),
    [
        (Fraction(1, 1000), 33),
        (Fraction(1, 90000), 3003),
        (Fraction(1, 12800), 512),
        (Fraction(1, 48000), 1601),
        (Fraction(1001, 30000), 1),
        (Fraction(1001, 24000), 1),
        (Fraction(1, 120), 1),
    ],
)
def test_the_times_of_files_are_not_changed(base: Fraction, step: int) -> None:
    time = Presentation(base, Fraction(30))
    stamps = [time.stamp(7 + step * index) for index in range(10_000)]
    assert all(stamp is not None and snap(stamp) == stamp for stamp in stamps)


def test_other_times_are_changed_by_less_than_a_nanosecond_and_still_increase() -> None:
    close = ScriptedSource([0.0, 1e-10, 2e-10, 1 / 3, 1000.123456789])
    times = [frame.timestamp_s for frame in Snapped(close)]
    assert times == sorted(set(times))
    assert abs(times[-1] - 1000.123456789) < 1e-9
    assert all(snap(time) == time for time in times)


def test_a_snapped_source_is_the_source_in_everything_else() -> None:
    source = ScriptedSource([0.0, 0.1])
    with Snapped(source) as same:
        assert same.info is source.info
        assert same.dropped == source.dropped
    assert source.closed


@pytest.mark.parametrize("kept", [0.9, 0.5, 0.2])
def test_a_video_that_was_cut_gives_every_frame_before_the_cut(tmp_path: Path, kept: float) -> None:
    frames = snapped(pictures(40))
    path = film(tmp_path / "s", frames) / video_name(0)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    found: list[Frame] = []
    with open_recorded(tmp_path / "s") as source, pytest.raises(SourceError):
        found.extend(source)
    assert len(found) >= int(40 * kept) - 1
    require_same(found, frames[: len(found)])


def test_every_frame_is_on_disk_before_the_next_one_comes(tmp_path: Path) -> None:
    """A process that is killed loses the frame under way, and no group of them."""
    frames = snapped(pictures(5))
    out = Encoder(tmp_path / "v.nut", (64, 48), pytest.fail)
    for count, frame in enumerate(frames, start=1):
        out.write(frame)
        (tmp_path / "copy.nut").write_bytes((tmp_path / "v.nut").read_bytes())
        with open_file(tmp_path / "copy.nut") as source:
            assert len(list(source)) == count
    out.close()


def test_a_picture_of_another_size_begins_another_video(tmp_path: Path) -> None:
    small, large = pictures(3), pictures(3, (80, 60))
    later = [Frame(3 + f.index, 5 + f.timestamp_s, f.image) for f in large]
    film(tmp_path / "s", [*small, *later], CAMERA)
    videos = Recorded(tmp_path / "s").session.sources[0].videos
    assert [video.first_frame_s for video in videos] == [
        small[0].timestamp_s,
        later[0].timestamp_s,
    ]
    names = [video.name for video in videos]
    assert names == ["video-0.nut", "video-0-1.nut"]
    for name, width in zip(names, (64, 80), strict=True):
        with open_file(tmp_path / "s" / name) as source:
            assert source.info.width == width
            assert len(list(source)) == 3
    with pytest.raises(SourceError, match=r"video-0-1\.nut"):
        open_recorded(tmp_path / "s")


def test_each_source_has_its_own_video(tmp_path: Path) -> None:
    session = Recording(tmp_path / "s", video=True)
    session.begin(MANIFEST, [(CAMERA, STARTED), (CAMERA, STARTED)], {})
    with Publisher(HELLO, [session]):
        session.saw(1, pictures(1)[0])
        session.saw(0, pictures(1)[0])
    found = Recorded(tmp_path / "s").session
    names = [[video.name for video in source.videos] for source in found.sources]
    assert names == [["video-0.nut"], ["video-1.nut"]]
    assert found.summary is not None
    assert (found.summary.frames, found.summary.frames_left_out) == ((1, 1), (0, 0))


def test_a_session_without_video_is_no_source(tmp_path: Path) -> None:
    session = Recording(tmp_path / "s")
    session.begin(MANIFEST, [(CAMERA, STARTED)], {})
    session.close()
    with pytest.raises(SourceError, match="--record-video"):
        open_recorded(tmp_path / "s")


def test_a_video_outside_of_the_folder_is_not_opened(tmp_path: Path) -> None:
    film(tmp_path / "s", pictures(2))
    path = tmp_path / "s" / "session.json"
    path.write_text(path.read_text().replace("video-0.nut", "../video-0.nut"))
    with pytest.raises(SourceError, match="outside"):
        open_recorded(tmp_path / "s")


class Slow:
    """An encoder that waits until it may go on."""

    goes_on = threading.Event()

    def __init__(self, *_: object) -> None: ...

    def write(self, _: Frame) -> None:
        self.goes_on.wait(60)

    def close(self) -> None: ...


@pytest.mark.parametrize("is_live", [True, False])
def test_a_camera_never_waits_for_the_video_and_a_file_loses_no_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_live: bool
) -> None:
    monkeypatch.setattr("realtime.recording.video.Encoder", Slow)
    Slow.goes_on = threading.Event()
    out = VideoWriter(tmp_path, 0, is_live, pytest.fail, room=2)
    frames = pictures(9)
    brings = threading.Thread(target=lambda: [out.put(frame) for frame in frames])
    brings.start()
    if is_live:
        brings.join(60)
        assert not brings.is_alive()
    Slow.goes_on.set()
    brings.join(60)
    out.close()
    assert out.written + out.left_out == len(frames)
    assert (out.left_out > 0) is is_live


def test_frames_that_are_left_out_are_warned_of_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("realtime.recording.video.Encoder", Slow)
    Slow.goes_on = threading.Event()
    out = VideoWriter(tmp_path, 0, True, pytest.fail, room=1)
    for frame in pictures(9):
        out.put(frame)
    Slow.goes_on.set()
    out.close()
    assert caplog.text.count("left out") == 1


def test_a_full_disk_stops_the_video_and_the_events_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    session = Recording(tmp_path / "s", video=True)
    session.begin(MANIFEST, [(FILE, None)], {})

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(encoder, "write_all", full)
    with Publisher(HELLO, [session]):
        for frame in pictures(200):
            session.saw(0, frame)
        wait_until(lambda: session.failure is not None, "the failure")
    assert session.failure == os.strerror(errno.ENOSPC)
    assert caplog.text.count("the recording has stopped") == 1


def test_a_build_without_the_codecs_is_told_before_anything_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder, "codecs_available", set())
    with pytest.raises(UsageError, match="--record-video"):
        Recording(tmp_path / "s", video=True)
    assert not (tmp_path / "s").exists()


def test_a_video_is_never_written_over_another(tmp_path: Path) -> None:
    (tmp_path / "v.nut").write_bytes(b"precious")
    with pytest.raises(FileExistsError):
        Encoder(tmp_path / "v.nut", (2, 2), pytest.fail)
    assert (tmp_path / "v.nut").read_bytes() == b"precious"
    assert appender.SYNC_S <= 1
