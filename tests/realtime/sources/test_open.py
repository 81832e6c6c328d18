"""From what the user wrote to the right source."""

import threading
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from engines.errors import SourceError, UsageError
from realtime.sources.base import close_all
from realtime.sources.file import FileSource
from realtime.sources.folder import FolderSource
from realtime.sources.open import open_all, open_camera, open_source
from tests.realtime.sources.source_videos import pictures


def test_a_folder_is_read_at_the_given_rate(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "1.png"), np.zeros((4, 4, 3), np.uint8))
    with open_source(str(tmp_path), 200) as source:
        assert isinstance(source, FolderSource)
        assert source.info.rate_hz == 200


def test_a_file_is_read_as_a_file_with_or_without_its_scheme(
    write_video: Callable[..., Path],
) -> None:
    path = write_video(images=pictures(2))
    for written in (str(path), f"file://{path}"):
        with open_source(written) as source:
            assert isinstance(source, FileSource)


def test_a_rate_for_a_video_is_a_usage_error(write_video: Callable[..., Path]) -> None:
    with pytest.raises(UsageError, match="own timestamps"):
        open_source(str(write_video(images=pictures(2))), 30)


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file or folder"):
        open_source(str(tmp_path / "no"))


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(SourceError, match="protocol not found"):
        open_source("nonsense://127.0.0.1/x")


def test_several_sources_are_opened_cameras_first_each_in_the_order_given(
    write_video: Callable[..., Path], tmp_path: Path
) -> None:
    film, folder = write_video(images=pictures(2)), tmp_path / "stills"
    folder.mkdir()
    cv2.imwrite(str(folder / "1.png"), np.zeros((4, 4, 3), np.uint8))
    sources = open_all(("synthetic", "SYNTHETIC"), (str(folder), str(film)), 200, seed=7)
    try:
        names = [source.info.name for source in sources]
        assert names == ["synthetic:7", "synthetic:8", str(folder), str(film)]
        assert sources[2].info.rate_hz == 200
    finally:
        close_all(sources)


def test_a_rate_where_no_source_is_a_folder_is_a_usage_error(
    write_video: Callable[..., Path],
) -> None:
    film = str(write_video(images=pictures(2)))
    with pytest.raises(UsageError, match="own timestamps"):
        open_all((), (film, film), 30)


def test_a_camera_that_is_given_twice_is_a_usage_error_before_anything_opens() -> None:
    with pytest.raises(UsageError, match="--camera 1 is given twice"):
        open_all(("0", "1", "1"), ())


def test_one_that_cannot_be_opened_closes_those_before_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        open_all(("synthetic",), (str(tmp_path / "absent.mp4"),))
    assert not [t for t in threading.enumerate() if t.name.startswith("reader of")]


def test_a_camera_name_that_nothing_has_is_refused() -> None:
    with pytest.raises(SourceError, match="no camera is called 'no such thing'"):
        open_camera("no such thing")
