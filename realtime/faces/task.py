"""A face landmarker from a ``.task`` file, through MediaPipe's Tasks API in VIDEO mode."""

from contextlib import nullcontext
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from engines.errors import ModelError
from realtime.faces.deferred import UNUSED_BY_FACES, deferred
from realtime.faces.quiet import native_quiet, set_native_log_levels
from realtime.faces.tracks import FaceTracks, Point, as_input, to_mesh
from realtime.types import MESH_POINTS, Face, Frame


class _Result(Protocol):
    @property
    def face_landmarks(self) -> list[list[Point]]: ...


class _Landmarker(Protocol):
    def detect_for_video(self, image: object, timestamp_ms: int) -> _Result: ...
    def close(self) -> None: ...


class TaskTracker:
    """Tracks faces with a model file that the user gives.

    Parameters
    ----------
    face_model
        A face landmarker bundle, ``.task``.
    max_faces
        Most faces to track at a time.

    Raises
    ------
    ModelError
        If the file is missing or is no face landmarker.
    """

    def __init__(self, face_model: Path, max_faces: int = 1) -> None:
        if not face_model.is_file():
            raise ModelError(f"there is no face model {face_model}: check --face-model")
        self._tracks = FaceTracks()
        self._time_ms: int | None = None
        self._met_face = False
        self._closed = False
        with native_quiet():
            self._landmarker = _load(face_model, max_faces)

    def track(self, frame: Frame) -> tuple[Face, ...]:
        """Return the faces of the next frame, oldest track first; empty where there is none."""
        from mediapipe import Image, ImageFormat  # noqa: PLC0415

        image = Image(image_format=ImageFormat.SRGB, data=as_input(frame.image))
        with nullcontext() if self._met_face else native_quiet():
            result = self._landmarker.detect_for_video(image, self._next_ms(frame.timestamp_s))
        self._met_face = self._met_face or bool(result.face_landmarks)
        height, width = frame.image.shape[:2]
        meshes = [to_mesh(points, width, height) for points in result.face_landmarks]
        return self._tracks.faces(frame, [mesh for mesh in meshes if len(mesh) == MESH_POINTS])

    def close(self) -> None:
        """Free the model; safe to call twice."""
        if not self._closed:
            self._closed = True
            self._landmarker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _next_ms(self, timestamp_s: float) -> int:
        # whole milliseconds that strictly increase, or the Tasks API raises
        wanted_ms = round(timestamp_s * 1000)
        floor_ms = wanted_ms if self._time_ms is None else self._time_ms + 1
        self._time_ms = max(wanted_ms, floor_ms)
        return self._time_ms


def _load(face_model: Path, max_faces: int) -> _Landmarker:
    set_native_log_levels()
    try:
        with deferred(*UNUSED_BY_FACES):
            from mediapipe.tasks.python.core.base_options import BaseOptions  # noqa: PLC0415
            from mediapipe.tasks.python.vision import (  # noqa: PLC0415
                FaceLandmarker,
                FaceLandmarkerOptions,
                RunningMode,
            )

        options = FaceLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(face_model)),
            running_mode=RunningMode.VIDEO,
            num_faces=max_faces,
        )
        landmarker: _Landmarker = FaceLandmarker.create_from_options(options)
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(
            f"{face_model} is not a face landmarker ({why}): give a .task file, or leave "
            "--face-model out for the mesh that comes with mediapipe"
        ) from error
    return landmarker
