"""Whose faces are rendered for measurements of the flow."""

from pathlib import Path
from typing import Final

from realtime.synthesis.portraits import Portrait, default_portrait, find_portraits, load_portrait

MEDIA: Final = Path(__file__).resolve().parents[2] / "shared" / "media"
"""Clips and stills beside the project, where there are any."""

STILLS: Final = MEDIA / "stills"

HELD_OUT: Final = ("sfhq_2x4_01", "sfhq_3x6_00", "sfhq_3x6_06")
"""Portraits that the default model is not trained on."""


def measured_portraits(folder: Path | None = None) -> list[Portrait]:
    """Return the bundled portrait, and others.

    Parameters
    ----------
    folder
        All pictures of this folder; None for those of the held-out portraits that are there.

    Raises
    ------
    UsageError
        If the named folder holds no picture, or one of its pictures no face.
    """
    if folder is None:
        paths = [path for name in HELD_OUT if (path := STILLS / f"{name}.png").is_file()]
    else:
        paths = find_portraits(folder)
    return [default_portrait(), *map(load_portrait, paths)]
