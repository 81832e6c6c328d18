"""Pictures with several people in them, each where a script says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.types import RATE_HZ, Face, Frame

STILLS: Final = Path(__file__).parents[3].parent / "shared" / "media" / "stills"
SIZE: Final = (640, 360)
HEAD_PX: Final = 220
"""Width that a still has in the scene; the face in it is about half of it."""

Place = Callable[[float], tuple[float, float] | None]
"""From a time, s, to where the middle of a person is, px; None while out of the scene."""


@cache
def still(name: str) -> NDArray[np.uint8]:
    """One person's picture, uint8 RGB, HEAD_PX wide."""
    path = STILLS / f"{name}.png"
    if not path.is_file():
        pytest.skip(f"needs {name}.png in ../shared/media/stills")
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    small = cv2.resize(image, (HEAD_PX, HEAD_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2RGB), np.uint8)


@dataclass(frozen=True)
class Scene:
    """People before a grey wall; the later ones stand before the earlier ones."""

    people: Mapping[str, Place]

    def frame(self, index: int) -> Frame:
        """Return the scene at a frame of 15 Hz."""
        time_s = 2 * index / RATE_HZ
        image = np.full((SIZE[1], SIZE[0], 3), 120, np.uint8)
        for name, place in self.people.items():
            middle = place(time_s)
            if middle is not None:
                paste(image, still(name), middle)
        return Frame(index, time_s, image)

    def who(self, face: Face, time_s: float) -> str:
        """Return whose face it is: the person's whose middle is nearest."""
        centre = face.landmarks.mean(axis=0)
        distances = {
            name: float(np.hypot(*(np.array(middle) - centre)))
            for name, place in self.people.items()
            if (middle := place(time_s)) is not None
        }
        return min(distances, key=lambda name: distances[name])


def paste(image: NDArray[np.uint8], person: NDArray[np.uint8], middle: tuple[float, float]) -> None:
    """Put an oval cut of a person into a picture; what lies beyond is cut off."""
    side = len(person)
    grid = (np.arange(side) - side / 2) / (side / 2)
    mask = np.clip((0.95 - np.hypot(grid[None, :] / 0.8, grid[:, None])) * 12, 0, 1)[..., None]
    shift = np.array([[1, 0, middle[0] - side / 2], [0, 1, middle[1] - side / 2]], np.float32)
    size = (image.shape[1], image.shape[0])
    moved = cv2.warpAffine(person, shift, size)
    alpha = cv2.warpAffine(mask.astype(np.float32), shift, size)[..., None]
    image[:] = (moved * alpha + image * (1 - alpha)).astype(np.uint8)


def at(x: float, y: float = 180) -> Place:
    """Stand still."""
    return lambda _: (x, y)


def walk(x0: float, x1: float, from_s: float, to_s: float, y: float = 180) -> Place:
    """Walk from a place to another one between two times, and stand before and after."""
    return lambda t: (float(np.interp(t, (from_s, to_s), (x0, x1))), y)


def away(place: Place, from_s: float, to_s: float) -> Place:
    """Be out of the scene from a time to another one."""
    return lambda t: None if from_s <= t < to_s else place(t)
