import os
from pathlib import Path

import pytest

from engines.errors import ModelError
from engines.files import read_regular


def test_a_file_of_exactly_the_limit_is_read_and_one_byte_more_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_regular(path, 5, "file") == b"12345"
    with pytest.raises(ModelError, match="5 bytes is above the limit of 4"):
        read_regular(path, 4, "file")


def test_a_file_that_hides_its_size_is_read_no_further_than_the_limit() -> None:
    path = Path("/proc/self/maps")
    if not path.exists():
        pytest.skip("there is no /proc here")
    assert path.stat().st_size == 0
    with pytest.raises(ModelError, match="101 bytes is above the limit of 100"):
        read_regular(path, 100, "file")


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"here")
    (tmp_path / "link").symlink_to("file")
    assert read_regular(tmp_path / "link", 10, "file") == b"here"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read any file")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"closed")
    path.chmod(0)
    with pytest.raises(ModelError, match="cannot be read: Permission denied"):
        read_regular(path, 10, "file")


def test_a_path_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        read_regular(Path("a\0b"), 10, "file")


def test_what_is_swapped_for_a_pipe_after_the_first_look_is_refused_and_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"good")
    opened = os.open

    def swap(name: Path, flags: int) -> int:
        path.unlink()
        os.mkfifo(path)
        return opened(name, flags)

    monkeypatch.setattr(os, "open", swap)
    with pytest.raises(ModelError, match="a device or a pipe"):
        read_regular(path, 10, "file")
