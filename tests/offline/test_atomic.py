"""Files that are there as a whole or not at all."""

from pathlib import Path
from typing import IO

import pytest

from offline.atomic import replace_file


def test_a_file_and_its_folder_are_made_and_nothing_else(tmp_path: Path) -> None:
    replace_file(tmp_path / "a" / "b.bin", lambda file: file.write(b"new"))
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.bin"]
    assert (tmp_path / "a" / "b.bin").read_bytes() == b"new"


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_a_write_that_ends_early_leaves_what_was_there(tmp_path: Path, error: type) -> None:
    def write(file: IO[bytes]) -> None:
        file.write(b"half")
        raise error

    (tmp_path / "b.bin").write_bytes(b"old")
    with pytest.raises(error):
        replace_file(tmp_path / "b.bin", write)
    assert (tmp_path / "b.bin").read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1
