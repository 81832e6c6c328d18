"""Files that are there as a whole or not at all."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import IO


def replace_file(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file beside its place, then put it there at once.

    Two processes that write the same file at the same time do not disturb each other: the last
    one stays. A write that fails or is interrupted leaves what was there before.

    Parameters
    ----------
    path
        Where the file goes; its folder is made if absent.
    write
        Called with the open file.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with partial.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
