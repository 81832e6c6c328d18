"""The folder of a new session."""

import json
import os
from pathlib import Path

from engines.errors import UsageError


def create_folder(path: Path) -> Path:
    """Make the folder of a session, or take one that is empty.

    Raises
    ------
    UsageError
        If something is there already, or it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        taken = next(path.iterdir(), None)
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(f"--record: {path} is a file; give a new folder") from error
    except (OSError, ValueError) as error:  # a null byte is a ValueError
        why = getattr(error, "strerror", None) or error
        raise UsageError(
            f"--record: cannot write {path}: {why}; give a folder that can be made"
        ) from error
    if taken is not None:
        raise UsageError(
            f"--record: {path} is not empty ({taken.name}), and a session is never overwritten; "
            "give a new folder"
        )
    if not os.access(path, os.W_OK | os.X_OK):
        raise UsageError(f"--record: no permission to write in {path}; give another folder")
    return path


def write_json(path: Path, document: object) -> None:
    """Write a small JSON file so that there is always the old one or the new one.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            # the name of a file need not be UTF-8: JSON has escapes
            file.write(text.encode(errors="backslashreplace"))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
