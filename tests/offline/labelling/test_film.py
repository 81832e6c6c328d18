"""Any frame by its number is, to the pixel, what a reading from the start yields."""

import random
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from engines.errors import SourceError
from offline.labelling.film import BEHIND, REACH, Film
from offline.labelling.frame_index import FrameIndex
from offline.labelling.pictures import Pictures, to_jpeg
from realtime.sources.file import Start, open_file
from realtime.sources.open import open_source
from tests.offline.labelling.labelling_makers import number_in, numbered, write_numbered

COUNT = 3 * REACH
FORMS = {
    "closed.mp4": ("libx264", {"g": "50", "bf": "3"}),
    "open.mkv": ("libx264", {"g": "40", "bf": "3", "x264-params": "open-gop=1"}),
    "old.avi": ("mpeg4", {"g": "60"}),
    "stream.ts": ("libx264", {"g": "30", "bf": "2"}),
    "lossless.mkv": ("ffv1", {}),
}


def indexed(path: Path) -> FrameIndex:
    index = FrameIndex(path)
    index.fill(threading.Event())
    return index


def visit(index: FrameIndex, moves: int = 40) -> None:
    """Read frames forth and back, near and far."""
    with open_source(str(index.path)) as source:
        truth = [frame.image for frame in source]
    film, rng, at = Film(index), random.Random(3), 0
    for _ in range(moves):
        at = rng.choice((rng.randrange(len(truth)), max(0, at - 1), min(at + 1, len(truth) - 1)))
        for number, image in film.read(at):
            assert np.array_equal(image, truth[number])
        assert number == at
        assert number_in(image) == at
    film.close()


@pytest.mark.parametrize("name", FORMS)
def test_frames_in_any_order_are_those_of_a_reading_from_the_start(
    tmp_path: Path, name: str
) -> None:
    codec, options = FORMS[name]
    index = indexed(write_numbered(tmp_path / name, COUNT, codec=codec, options=options))
    assert len(index) == COUNT
    assert index.done
    assert index.error is None
    visit(index)


def test_a_file_of_varying_rate_is_read_by_frames_not_by_time(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    times_s = np.cumsum(rng.integers(5, 80, COUNT) / 1000).tolist()
    path = write_numbered(tmp_path / "v.mkv", COUNT, options={"g": "25"}, times_s=times_s)
    index = indexed(path)
    assert index.times_s() == pytest.approx([t - times_s[0] for t in times_s])
    visit(index)


def test_a_folder_of_images_is_read_in_any_order(tmp_path: Path) -> None:
    for number in range(60):
        cv2.imwrite(str(tmp_path / f"{number}.png"), numbered(number))
    visit(indexed(tmp_path))


def test_a_seek_lands_on_or_before_the_frame_with_its_own_time(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mp4", COUNT, options={"g": "50", "sc_threshold": "0"})
    index = indexed(path)
    assert index.zero_s is not None
    with open_file(path, Start(index.time_s(310), index.zero_s)) as source:
        first = next(iter(source))
    # the key frame before: nothing needs to be decoded from further back
    assert index.number(first.timestamp_s) == 300 == number_in(first.image)


@pytest.mark.parametrize("name", ["closed.mp4", "open.mkv", "old.avi", "lossless.mkv"])
def test_a_far_frame_is_sought_and_not_read_up_to(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    codec, options = FORMS[name]
    index = indexed(write_numbered(tmp_path / name, COUNT, codec=codec, options=options))

    def from_the_start(_: str) -> None:
        raise AssertionError("read from the start")

    monkeypatch.setattr("offline.labelling.film.open_source", from_the_start)
    assert number_in(Film(index).read(COUNT - 5)[-1][1]) == COUNT - 5


def test_what_lies_on_the_way_comes_too_for_the_step_back(tmp_path: Path) -> None:
    index = indexed(write_numbered(tmp_path / "a.mp4"))
    numbers = [number for number, _ in Film(index).read(40)]
    assert numbers == list(range(40 - BEHIND, 41))


def test_of_a_damaged_file_the_frames_before_the_damage_are_there(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mkv", 200, codec="ffv1")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    index = indexed(path)
    assert 0 < len(index) < 200
    assert index.error is not None
    assert "truncated or corrupt" in index.error
    film = Film(index)
    last = len(index) - 1
    assert number_in(film.read(last)[-1][1]) == last
    with pytest.raises(SourceError, match=f"no frame {last + 1}"):
        film.read(last + 1)


def test_a_file_that_changed_meanwhile_is_not_shown_as_what_it_was(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mkv", 20, codec="ffv1")
    film = Film(indexed(path))
    write_numbered(path, 1, codec="ffv1")
    with pytest.raises(SourceError, match="cannot be read again"):
        film.read(7)


def test_pictures_are_kept_within_their_bytes(tmp_path: Path) -> None:
    film = Film(indexed(write_numbered(tmp_path / "a.mp4")))
    one = len(to_jpeg(numbered(0)))
    pictures = Pictures([film], kept_bytes=8 * one)
    expected = {frame: pictures.jpeg(0, frame) for frame in (30, 31, 5, 59)}
    assert pictures.size_bytes <= 8 * one
    for frame, data in expected.items():
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        assert image is not None
        assert number_in(np.asarray(image, np.uint8)) == frame
        assert pictures.jpeg(0, frame) == data


def test_a_picture_that_is_too_wide_for_a_screen_is_made_smaller() -> None:
    data = to_jpeg(np.zeros((500, 4000, 3), np.uint8))
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert image.shape == (240, 1920, 3)
