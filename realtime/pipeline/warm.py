"""Compile and load everything before the first frame is accepted."""

import logging
from collections.abc import Iterator
from typing import Final, Self

import numpy as np

from engines.backend import Backend
from engines.manifest import Manifest
from realtime.pipeline.features import FeatureStream
from realtime.pipeline.pipeline import Pipeline
from realtime.snippets.contract import Rolling
from realtime.types import HALF_WINDOW, LANDMARKS, MESH_POINTS, RATE_HZ, Face, Frame

log = logging.getLogger(__name__)

_FRAMES: Final = HALF_WINDOW + 2
"""Ticks until a stream's first window is complete, and one on the usual way."""

_SIDE_PX: Final = 256


def warm_up(
    backend: Backend,
    manifest: Manifest,
    flow: str,
    threads: int = 1,
    rolling: Rolling | None = None,
) -> None:
    """Run the whole path once, so that the first frame takes no longer than any other.

    Nothing is compiled or loaded on the frame path after this. The face tracker warms up by
    itself when it is opened.
    """
    log.info("getting ready; the first start compiles for up to a minute")
    pipeline = Pipeline(_Mannequin(), backend, manifest, flow, threads=threads)
    for frame in _frames():
        pipeline.push(frame)
    if manifest.input.joint:
        for count in sorted({1, 1 if rolling is None else rolling.window}):
            backend.run(np.zeros((count, *manifest.input.row), np.float32))


def warm_up_flow() -> None:
    """Compile what comes before the model, for whoever needs no model."""
    log.info("getting ready; the first start compiles for up to a minute")
    features = FeatureStream(_Mannequin())
    for frame in _frames():
        features.push(frame)
    features.finish()


def _frames() -> Iterator[Frame]:
    rng = np.random.default_rng(0)
    for index in range(_FRAMES):
        image = rng.integers(0, 255, (_SIDE_PX, _SIDE_PX, 3)).astype(np.uint8)
        yield Frame(index, index / RATE_HZ, image)


class _Mannequin:
    """A face that is always there."""

    def __init__(self) -> None:
        self._face = _any_face()

    def track(self, frame: Frame) -> tuple[Face, ...]:  # noqa: ARG002 - what every tracker takes
        return (self._face,)

    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...


def _any_face() -> Face:
    mesh = np.zeros((MESH_POINTS, 3), np.float32)
    mesh[:, 0] = np.linspace(60, 190, MESH_POINTS)
    mesh[:, 1] = 100 + 60 * np.sin(np.arange(MESH_POINTS))
    landmarks = np.full((LANDMARKS, 2), 128, np.float32)
    landmarks[36], landmarks[45] = (80, 100), (176, 100)
    landmarks[39], landmarks[42] = (110, 100), (146, 100)
    return Face(0, mesh, landmarks, 1.0)
