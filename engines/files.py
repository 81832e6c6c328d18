"""Reading a file that a user names, whatever it turns out to be."""

import os
import stat
from pathlib import Path
from typing import Final

from engines.errors import ModelError

# A pipe that nobody writes to would otherwise keep open() waiting. Absent on Windows.
_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)


def read_regular(path: Path, most: int, where: str) -> bytes:
    """Read a whole file; never a device, a pipe or a folder, and never more than ``most`` bytes.

    Parameters
    ----------
    path
        The file; a symbolic link is followed.
    most
        Bytes that are accepted.
    where
        How errors name it.

    Raises
    ------
    ModelError
        If there is no such file, it is no regular file, it is too large or cannot be read.
    """
    try:
        # before it is opened: to open a device may set it going
        _require_regular(path.stat().st_mode, where)
        with open(os.open(path, _FLAGS), "rb") as stream:  # noqa: PTH123 - Path.open has no flags
            # what was opened may no longer be what was looked at
            _require_regular(os.fstat(stream.fileno()).st_mode, where)
            size = os.fstat(stream.fileno()).st_size
            # the size may lie, as it does under /proc, or grow meanwhile
            content = stream.read(most + 1) if size <= most else b""
    except FileNotFoundError as error:
        raise ModelError(f"{where}: no such file") from error
    except (OSError, ValueError) as error:  # a path that holds a null byte is a ValueError
        reason = getattr(error, "strerror", None) or error
        raise ModelError(f"{where}: cannot be read: {reason}") from error
    if max(size, len(content)) > most:
        raise ModelError(f"{where}: {max(size, len(content))} bytes is above the limit of {most}")
    return content


def _require_regular(mode: int, where: str) -> None:
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
        raise ModelError(f"{where}: is {kind}, not a file")
