"""Hashes of what a video holds."""

import os
from pathlib import Path

import pytest

from engines.errors import SourceError
from offline.data.content import cached_hash, content_hash, fingerprint, source_bytes


def images(folder: Path, **content: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in content.items():
        (folder / f"{name}.png").write_bytes(data)
    return folder


def test_a_file_has_the_sha256_of_its_bytes_whatever_its_name_and_date(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"abc")
    (tmp_path / "b.avi").write_bytes(b"abc")
    os.utime(tmp_path / "b.avi", (1, 1))
    # FIPS 180-2, appendix B.1
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert content_hash(tmp_path / "a.mp4") == expected
    assert content_hash(tmp_path / "b.avi") == expected


def test_a_folder_is_its_images_by_name_and_bytes(tmp_path: Path) -> None:
    first = content_hash(images(tmp_path / "a", img1=b"x", img2=b"y"))
    assert content_hash(images(tmp_path / "b", img2=b"y", img1=b"x")) == first
    assert content_hash(images(tmp_path / "c", img1=b"y", img2=b"x")) != first
    assert content_hash(images(tmp_path / "d", img1=b"x", img3=b"y")) != first
    assert content_hash(images(tmp_path / "e", img1=b"x")) != first
    (tmp_path / "a" / "notes.txt").write_text("not a frame")
    (tmp_path / "a" / ".hidden.png").write_bytes(b"not a frame")
    assert content_hash(tmp_path / "a") == first


def test_a_kept_hash_serves_until_size_or_time_changes(tmp_path: Path) -> None:
    video, cache = tmp_path / "v.mp4", tmp_path / "cache"
    video.write_bytes(b"first")
    os.utime(video, ns=(1, 1))
    assert cached_hash(video, cache) is None
    first = content_hash(video, cache)
    assert cached_hash(video, cache) == first
    video.write_bytes(b"other")
    os.utime(video, ns=(1, 1))
    assert content_hash(video, cache) == first, "same size, same time: it was not read again"
    os.utime(video, ns=(2, 2))
    assert cached_hash(video, cache) is None
    assert content_hash(video, cache) == content_hash(video) != first


@pytest.mark.parametrize("note", ["", "{}", "[]", '{"fingerprint": 1, "content": 2}'])
def test_a_damaged_note_is_made_anew(tmp_path: Path, note: str) -> None:
    video, cache = tmp_path / "v.mp4", tmp_path / "cache"
    video.write_bytes(b"first")
    content = content_hash(video, cache)
    (path,) = cache.iterdir()
    path.write_text(note.replace("1", f'"{fingerprint(video)}"'))
    assert cached_hash(video, cache) is None
    assert content_hash(video, cache) == content == cached_hash(video, cache)


def test_a_missing_video_is_a_source_error_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"absent\.mp4: no such file") as caught:
        content_hash(tmp_path / "absent.mp4", tmp_path / "cache")
    assert "\n" not in str(caught.value)
    assert source_bytes(tmp_path / "absent.mp4") == 0


def test_the_size_of_a_folder_is_that_of_its_images(tmp_path: Path) -> None:
    assert source_bytes(images(tmp_path / "a", img1=b"xy", img2=b"z")) == 3
