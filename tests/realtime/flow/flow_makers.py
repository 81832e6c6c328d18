"""Pictures and faces whose motion is known in closed form, and frames of a rendered face."""

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.faces.landmarks import LID_PAIRS, to_68
from realtime.flow.bank import PairBank, Steps
from realtime.flow.canonical import Anchor
from realtime.flow.parameters import FlowParameters
from realtime.flow.reference import ReferenceBank
from realtime.flow.sites import Sites
from realtime.flow.step import Alignment
from realtime.flow.streaming import StreamingBank
from realtime.synthesis.expressions import Expression
from realtime.synthesis.portraits import Portrait, default_portrait
from realtime.synthesis.render import RenderedFrame, Renderer
from realtime.synthesis.script import Script
from realtime.types import MESH_POINTS, RATE_HZ, Face

Image = NDArray[np.uint8]

WAVES = 40
SHORTEST_PX, LONGEST_PX = 9.0, 40.0

PLACES = {
    33: (-0.5, 0),
    133: (-0.18, 0.02),
    362: (0.18, 0.02),
    263: (0.5, 0),
    168: (0, 0),
    197: (0, 0.2),
    195: (0, 0.3),
    4: (0, 0.5),
    70: (-0.58, -0.2),
    63: (-0.5, -0.27),
    105: (-0.4, -0.3),
    66: (-0.28, -0.28),
    107: (-0.16, -0.25),
    336: (0.16, -0.25),
    296: (0.28, -0.28),
    334: (0.4, -0.3),
    293: (0.5, -0.27),
    300: (0.58, -0.2),
    61: (-0.25, 0.85),
    0: (0, 0.78),
    291: (0.25, 0.85),
    17: (0, 0.95),
}
"""Mesh points that the flow reads, in distances of the outer eye corners from between them."""


def texture(
    shape: tuple[int, int] | None = None, shift: tuple[float, float] = (0, 0), seed: int = 0
) -> Image:
    """A smooth texture moved by exactly ``shift`` px: a sum of plane waves.

    It is as large as a crop, unless a ``shape`` is given.
    """
    shape = shape or FlowParameters().crop_size
    rng = np.random.default_rng(seed)
    turn = rng.uniform(0, 2 * np.pi, WAVES)
    length = rng.uniform(SHORTEST_PX, LONGEST_PX, WAVES)
    phase = rng.uniform(0, 2 * np.pi, WAVES)
    x, y = np.arange(shape[1]) - shift[0], np.arange(shape[0]) - shift[1]
    across = np.outer(2 * np.pi * np.cos(turn) / length, x) + phase[:, None]
    down = np.outer(2 * np.pi * np.sin(turn) / length, y)
    # the cosine of a sum: matrix products instead of a cosine for every pixel and wave
    out = np.cos(down).T @ np.cos(across) - np.sin(down).T @ np.sin(across)
    return np.asarray(np.clip(np.round(128 + out * 14), 0, 255), np.uint8)


def make_face(
    centre: tuple[float, float] = (160, 100),
    eyes_px: float = 60.0,
    roll: float = 0.0,
    lid: float = 0.08,
) -> Face:
    """A plausible face: the points that matter are placed, the others spread over an oval."""
    rng = np.random.default_rng(3)
    angle, radius = rng.uniform(0, 2 * np.pi, MESH_POINTS), np.sqrt(rng.uniform(0, 1, MESH_POINTS))
    flat = np.stack([0.7 * radius * np.cos(angle), 0.25 + 0.8 * radius * np.sin(angle)], axis=1)
    for point, place in PLACES.items():
        flat[point] = place
    for eye, x in enumerate((-0.34, 0.34)):
        for beside, (upper, lower) in zip((-0.08, 0, 0.08), LID_PAIRS[eye], strict=True):
            flat[upper], flat[lower] = (x + beside, -lid / 2), (x + beside, lid / 2)
    depth = ((flat - (0, 0.25)) ** 2).sum(axis=1) - 0.4
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    mesh = np.column_stack([flat @ turn.T * eyes_px + centre, depth * eyes_px])
    return face_of(mesh.astype(np.float32))


def face_of(mesh: NDArray[np.float32]) -> Face:
    return Face(0, mesh, to_68(mesh), 1.0)


def moved(face: Face, shift: tuple[float, float]) -> Face:
    return face_of(face.mesh + np.array([*shift, 0], np.float32))


def make_sites(parameters: FlowParameters | None = None) -> Sites:
    face = make_face()
    return Sites.of(face, Anchor.of(face.landmarks, parameters))


def make_bank(
    flow: str, alignment: Alignment = Alignment.RIGID, parameters: FlowParameters | None = None
) -> PairBank:
    """A bank of either of ``realtime.flow.extractor.FLOWS``."""
    parameters = parameters or FlowParameters()
    if flow == "reference":
        return ReferenceBank(alignment, parameters)
    return StreamingBank(alignment, parameters)


def steps_of_first(bank: PairBank, crops: Sequence[Image], places: Sites) -> Steps:
    """Every step of the one window that the first crop opens, in order."""
    bank.push(crops[0])
    bank.open(0, places)
    steps = [bank.push(crop) for crop in crops[1:]]
    return Steps(
        np.concatenate([part.starts for part in steps]),
        np.concatenate([part.patches for part in steps]),
        np.concatenate([part.motions for part in steps]),
    )


def grey_of(image: Image) -> Image:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)


@cache
def portrait() -> Portrait:
    return default_portrait()


@cache
def renderer(size: tuple[int, int] = (320, 240)) -> Renderer:
    return Renderer(portrait(), size)


def film(
    expressions: Sequence[Expression],
    ticks: int,
    size: tuple[int, int] = (320, 240),
    first: int = 0,
) -> list[RenderedFrame]:
    """Frames at 30 Hz of a head that is still but for the given expressions."""
    script = Script(0, expressions=expressions)
    return [renderer(size).render(script.at((first + tick) / RATE_HZ)) for tick in range(ticks)]
