"""A tracker and a model that do as they are told, and frames for them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from engines.decoding.rules import DecoderRules
from engines.manifest import InputContract, Manifest
from engines.precision import Precision
from engines.scores import Scores
from realtime.types import FEATURES_VERSION, NODES, RATE_HZ, WINDOW, Face, Frame
from tests.realtime.flow.flow_makers import make_face, texture

NAMES = tuple(
    f"{kind}_{mark}" for kind in ("micro", "macro") for mark in ("onset", "offset", "apex")
)

PICTURE = np.asarray(cv2.cvtColor(texture((120, 160)), cv2.COLOR_GRAY2RGB), np.uint8)
FACE = make_face((80, 45), 40)


class ScriptedTracker:
    """Shows one face on the frames that are named, and counts how often it is asked."""

    def __init__(self, present: Callable[[int], bool] = lambda _: True) -> None:
        self._present = present
        self.asked: list[int] = []

    def track(self, frame: Frame) -> tuple[Face, ...]:
        self.asked.append(frame.index)
        return (FACE,) if self._present(frame.index) else ()

    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...


class ScriptedBackend:
    """Scores the n-th window with the n-th entry of a script, whatever it holds."""

    name = "scripted"
    precision: Precision = "fp32"

    def __init__(self, script: Mapping[int, Mapping[str, float]] | None = None) -> None:
        self._script = script or {}
        self.windows = 0

    def run(self, windows: NDArray[np.float32]) -> Scores:
        rows = [self._script.get(self.windows + n, {}) for n in range(len(windows))]
        self.windows += len(windows)
        return Scores(
            {name: np.array([row.get(name, 0.0) for row in rows], np.float32) for name in NAMES}
        )

    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...


def manifest() -> Manifest:
    return Manifest(
        name="scripted",
        version="1",
        method="script",
        licence="MIT",
        input=InputContract(WINDOW, RATE_HZ, NODES, 96.0, "rigid", FEATURES_VERSION),
        outputs=NAMES,
        decoder=DecoderRules().to_dict(),
        training={},
        metrics={},
    )


def expression(
    kind: str, onset: int, apex: int, offset: int, probability: float = 0.9
) -> dict[int, dict[str, float]]:
    """Scores from which the decoder's paper rules find exactly this expression."""
    return {
        onset: {f"{kind}_onset": probability},
        apex: {f"{kind}_apex": probability},
        offset: {f"{kind}_offset": probability},
    }


def frames_at(times_s: Sequence[float]) -> list[Frame]:
    return [Frame(index, time_s, PICTURE) for index, time_s in enumerate(times_s)]


def ticks(count: int, first: int = 0) -> list[float]:
    return [tick / RATE_HZ for tick in range(first, first + count)]
