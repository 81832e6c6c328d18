"""Compile and load everything before the first frame is accepted."""

import logging

import numpy as np

from engines.backend import Backend
from engines.manifest import Manifest
from realtime.flow.extractor import WindowExtractor
from realtime.flow.step import Alignment
from realtime.types import LANDMARKS, MESH_POINTS, WINDOW, Face

log = logging.getLogger(__name__)


def warm_up(backend: Backend, manifest: Manifest, flow: str) -> None:
    """Run the flow and the model once, so that no kernel compiles on the frame path."""
    log.info("getting ready; the first start compiles for up to a minute")
    backend.run(np.zeros((1, WINDOW, len(manifest.input.nodes), 2), np.float32))
    extractor = WindowExtractor(Alignment(manifest.input.alignment), flow)
    image = np.random.default_rng(0).integers(0, 255, (256, 256)).astype(np.uint8)
    for tick in range(3):
        extractor.push(tick, image, _any_face())


def _any_face() -> Face:
    mesh = np.zeros((MESH_POINTS, 3), np.float32)
    mesh[:, 0] = np.linspace(60, 190, MESH_POINTS)
    mesh[:, 1] = 100 + 60 * np.sin(np.arange(MESH_POINTS))
    landmarks = np.full((LANDMARKS, 2), 128, np.float32)
    landmarks[36], landmarks[45] = (80, 100), (176, 100)
    landmarks[39], landmarks[42] = (110, 100), (146, 100)
    return Face(0, mesh, landmarks, 1.0)
