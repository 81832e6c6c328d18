"""The interface of face tracking, and how a tracker is chosen."""

from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from realtime.types import Face, Frame


class FaceTracker(Protocol):
    """Finds the faces of one frame after the other; equal frames give equal faces."""

    def track(self, frame: Frame) -> tuple[Face, ...]:
        """Return the faces of the next frame, oldest track first; empty where there is none."""
        ...

    def close(self) -> None:
        """Free the model; safe to call twice."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def open_tracker(face_model: Path | None = None, max_faces: int = 1) -> FaceTracker:
    """Open a face tracker.

    Parameters
    ----------
    face_model
        A MediaPipe ``.task`` file; without one, the face mesh inside the mediapipe wheel.
    max_faces
        Most faces to track at a time.

    Raises
    ------
    ModelError
        If the model cannot be loaded.
    ValueError
        If ``max_faces`` is not positive.
    """
    if max_faces < 1:
        raise ValueError(f"max_faces must be at least 1, not {max_faces}")
    # MediaPipe takes over a second to import, which --help needs not wait for
    if face_model is None:
        from realtime.faces.mesh import MeshTracker  # noqa: PLC0415

        return MeshTracker(max_faces)
    from realtime.faces.task import TaskTracker  # noqa: PLC0415

    return TaskTracker(face_model, max_faces)
