"""What was measured of a video when its extraction was interrupted.

Snippets do not depend on each other: the rest of a video is the same whether or not its beginning
was measured by the same process.
"""

import logging
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from offline.atomic import replace_file
from offline.i3d.network import FEATURES
from offline.i3d.pictures import Box

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Partial:
    """The beginning of a video.

    Attributes
    ----------
    unseen
        Frames before the first that shows what is looked at.
    box
        What is looked at, or None for the whole frame.
    rows
        float32 (n, 2, 1024), of the first snippets that begin after those.
    """

    unseen: int
    box: Box | None
    rows: NDArray[np.float32]

    @classmethod
    def nothing(cls) -> "Partial":
        """Return what is there of a video whose frames are seen whole, before any is read."""
        return cls(0, None, np.zeros((0, 2, FEATURES), np.float32))

    def save(self, path: Path) -> None:
        """Write it; where nothing can be written, the video begins anew next time."""
        box = np.array([] if self.box is None else self.box, np.int64)
        arrays = {"unseen": np.array(self.unseen), "box": box, "rows": self.rows}
        with suppress(OSError):
            replace_file(path, lambda file: np.savez(file, **arrays))


def read_partial(path: Path) -> Partial | None:
    """Return what is there of a video, or None; what is damaged is nothing."""
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            unseen, box, rows = int(stored["unseen"]), stored["box"], stored["rows"]
        whole = rows.dtype == np.float32 and rows.shape[1:] == (2, FEATURES) and unseen >= 0
        if not whole or box.shape not in ((0,), (4,)) or not np.isfinite(rows).all():
            raise ValueError("other arrays than were written")
    except (OSError, ValueError, EOFError, KeyError, TypeError, zipfile.BadZipFile) as error:
        log.warning("%s: begun again, what was there is damaged: %s", path, type(error).__name__)
        return None
    left, top, right, bottom = box.tolist() or (0, 0, 0, 0)
    return Partial(unseen, (left, top, right, bottom) if len(box) else None, rows)
