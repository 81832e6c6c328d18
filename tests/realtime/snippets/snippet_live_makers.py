"""Windows of a face that moves as told, and a model whose answers follow from its snippets."""

from collections.abc import Iterable, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engines.contracts import InputContract, SnippetContract
from engines.decoding import SnippetRules
from engines.manifest import Manifest
from engines.precision import Precision
from engines.scores import Scores
from realtime.snippets.contract import SNIPPETS_VERSION
from realtime.snippets.pooling import SNIPPET_FEATURES
from realtime.types import FEATURES_VERSION, NODES, RATE_HZ, WINDOW, FlowWindow

TICKS = 8
NAMES = ("attention", "micro", "macro", "background")
RULES = SnippetRules(first_top=3, tops=2)
Floats = NDArray[np.float32]


def snippet_manifest(ticks: int = TICKS, **changes: object) -> Manifest:
    windows = InputContract(WINDOW, RATE_HZ, NODES, 96.0, "rigid", FEATURES_VERSION)
    values = {
        "name": "by-motion",
        "version": "1",
        "method": "mc-wes",
        "licence": "MIT",
        "input": SnippetContract(
            "sw-mro", SNIPPET_FEATURES, ticks, RATE_HZ, SNIPPETS_VERSION, windows
        ),
        "outputs": NAMES,
        "decoder": RULES.to_dict(),
    }
    return Manifest(**(values | changes))


def window(tick: int, motion_px: float) -> FlowWindow:
    """A window whose nodes all move steadily to the right, by so many pixels in all."""
    features = np.zeros((WINDOW, len(NODES), 2), np.float32)
    features[:, :, 0] = np.linspace(0, motion_px, WINDOW, dtype=np.float32)[:, None]
    return FlowWindow(tick, features)


def windows(levels: Sequence[float], first: int = 0, ticks: int = TICKS) -> list[FlowWindow]:
    """One window per tick of snippets that move by these levels."""
    every = [level for level in levels for _ in range(ticks)]
    return [window(first + number, level) for number, level in enumerate(every)]


def answer(rows: Floats) -> Scores:
    """Scores of one video: how far each snippet moves beyond the stillest of them."""
    level = rows[:, 1].astype(float).mean(axis=1)
    above = level - level.min()
    attention = above / (1 + above)
    values = (attention, above, 2 * above, -above)
    return Scores({n: v.astype(np.float32) for n, v in zip(NAMES, values, strict=True)})


class MotionBackend:
    """Answers as :func:`answer`, and remembers how many snippets it was given."""

    name = "motion"
    precision: Precision = "fp32"

    def __init__(self) -> None:
        self.calls: list[int] = []

    def run(self, windows: Floats) -> Scores:
        assert windows.shape[1:] == (2, SNIPPET_FEATURES)
        assert windows.dtype == np.float32
        self.calls.append(len(windows))
        return answer(windows)

    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...


def stacked(every: Iterable[FlowWindow]) -> Floats:
    return np.stack([one.features for one in every])
