"""MediaPipe's face mesh, whose model files are inside the mediapipe wheel."""

from contextlib import nullcontext
from types import TracebackType
from typing import Final, Self

import numpy as np

from engines.errors import ModelError
from realtime.faces.deferred import UNUSED_BY_FACES, deferred
from realtime.faces.graph import MeshGraph
from realtime.faces.quiet import native_quiet, set_native_log_levels
from realtime.faces.tracks import FaceTracks, as_input, in_px
from realtime.faces.wire import points_of
from realtime.types import Face, Frame

_BLANK: Final = np.zeros((64, 64, 3), np.uint8)


class MeshTracker:
    """Tracks faces with the bundled mesh: detection once, then from frame to frame.

    The lids and lips are refined by the attention model: a closed eye is then told from an open
    one far better, for about a fifth more time per frame.

    Parameters
    ----------
    max_faces
        Most faces to track at a time.

    Raises
    ------
    ModelError
        If the installed mediapipe has no face mesh.
    """

    def __init__(self, max_faces: int = 1) -> None:
        self._tracks = FaceTracks()
        self._met_face = False
        self._closed = False
        with native_quiet():
            self._mesh = _load(max_faces)
            self._mesh.process(as_input(_BLANK))  # the graph loads its models at the first image

    def track(self, frame: Frame) -> tuple[Face, ...]:
        """Return the faces of the next frame, oldest track first; empty where there is none."""
        with nullcontext() if self._met_face else native_quiet():
            found = self._mesh.process(as_input(frame.image))
        self._met_face = self._met_face or bool(found)
        height, width = frame.image.shape[:2]
        meshes = [in_px(points_of(one), width, height) for one in found]
        return self._tracks.faces(frame, meshes)

    def close(self) -> None:
        """Free the model; safe to call twice."""
        if not self._closed:
            self._closed = True
            self._mesh.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _load(max_faces: int) -> MeshGraph:
    set_native_log_levels()
    try:
        with deferred(*UNUSED_BY_FACES):
            return MeshGraph(max_faces)
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        raise ModelError(
            "the face mesh inside the mediapipe package cannot be loaded "
            f"({str(error).splitlines()[0] if str(error) else type(error).__name__}): install "
            "mediapipe 0.10.20 or 0.10.21, or give --face-model FILE.task"
        ) from error
