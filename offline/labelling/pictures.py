"""Frames as JPEG, kept for a while: playing, stepping back and looking again ask for the same."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engines.errors import SourceError
from offline.labelling.film import Film

KEPT_BYTES: Final = 192 * 1024 * 1024
QUALITY: Final = 92
WIDEST_PX: Final = 1920
"""Larger pictures are made smaller for the screen; their numbers stay what they are."""


def to_jpeg(image: NDArray[np.uint8]) -> bytes:
    """Return an image, uint8 RGB (H, W, 3), as JPEG.

    Raises
    ------
    SourceError
        If it cannot be encoded.
    """
    height, width = image.shape[:2]
    if width > WIDEST_PX:
        size = (WIDEST_PX, max(1, round(height * WIDEST_PX / width)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    fine, data = cv2.imencode(
        ".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    )
    if not fine:
        raise SourceError(f"a picture of {width}x{height} px cannot be shown")
    return data.tobytes()


class Pictures:
    """The JPEGs of some videos; callable from several threads.

    Parameters
    ----------
    films
        The videos.
    kept_bytes
        How much is kept, the least recently used goes first.
    """

    def __init__(self, films: Sequence[Film], kept_bytes: int = KEPT_BYTES) -> None:
        self._films = films
        self._kept_bytes = kept_bytes
        self._held: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def size_bytes(self) -> int:
        """How much is held."""
        return self._bytes

    def jpeg(self, video: int, frame: int) -> bytes:
        """Return one frame.

        Raises
        ------
        SourceError
            If the video has no such frame, or cannot be read again.
        """
        held = self._recall(video, frame)
        if held is not None:
            return held
        pictures = self._films[video].read(frame)
        for number, image in pictures[:-1]:
            if (video, number) not in self._held:
                self._keep(video, number, to_jpeg(image))
        wanted = to_jpeg(pictures[-1][1])
        self._keep(video, frame, wanted)
        return wanted

    def _recall(self, video: int, frame: int) -> bytes | None:
        with self._lock:
            found = self._held.get((video, frame))
            if found is not None:
                self._held.move_to_end((video, frame))
            return found

    def _keep(self, video: int, frame: int, data: bytes) -> None:
        with self._lock:
            self._bytes += len(data) - len(self._held.pop((video, frame), b""))
            self._held[video, frame] = data
            while self._bytes > self._kept_bytes and len(self._held) > 1:
                _, oldest = self._held.popitem(last=False)
                self._bytes -= len(oldest)
