"""What a model expects to be fed: windows of ticks, or the snippets of a video."""

import re
from dataclasses import dataclass, fields
from typing import ClassVar, Final, Literal, TypeAlias

from engines.errors import ModelError
from engines.intervals import TICK_HZ
from engines.strict import Table
from engines.text import shown

Alignment = Literal["nose", "rigid"]

MOST_TICKS: Final = 1000
"""Longest window."""

MOST_ROWS: Final = 4096
"""Most snippets in one call: 18 minutes of snippets of 8 ticks."""

MOST_FEATURES: Final = 4096
MOST_FRAMES: Final = 1000
STREAMS: Final = 2
VECTOR: Final = 2

SW_MRO: Final = "sw-mro"
I3D: Final = "i3d"
SOURCES: Final = re.compile(r"sw-mro|i3d|i3d-random-\d{1,19}")
"""Pooled SW-MRO windows, I3D, or I3D whose weights were drawn by a seed."""


@dataclass(frozen=True, slots=True)
class InputContract:
    """Windows, each scored by itself.

    Attributes
    ----------
    window
        Ticks in one window (SpotFormer: 17).
    rate_hz
        Ticks per second (SpotFormer: 30).
    nodes
        Names of the nodes, in the order of the input's third axis.
    eye_distance_px
        Distance of the outer eye corners on the canonical face, px.
    alignment
        How head motion is taken out: ``nose`` (the nose tip's translation, as in the paper) or
        ``rigid`` (a six-parameter fit to the flow).
    extractor
        Version of the feature extractor that the training data came from: the same frames give
        other features in another version.
    """

    tensor: ClassVar[str] = "windows"
    joint: ClassVar[bool] = False

    window: int
    rate_hz: float
    nodes: tuple[str, ...]
    eye_distance_px: float
    alignment: Alignment
    extractor: int

    @property
    def row(self) -> tuple[int, ...]:
        """Shape of one window."""
        return (self.window, len(self.nodes), VECTOR)

    @property
    def ticks_per_row(self) -> float:
        """Ticks from one window to the next."""
        return 1.0


@dataclass(frozen=True, slots=True)
class SnippetContract:
    """The snippets of a video, scored together: what one says depends on the others.

    Attributes
    ----------
    source
        ``sw-mro``, ``i3d``, or ``i3d-random-SEED`` where weights were drawn instead of learnt.
    features
        Numbers per snippet in each of the two streams, D.
    frames
        Frames in one snippet; of SW-MRO, ticks.
    rate_hz
        Frames per second.
    extractor
        Version of what makes snippets of frames, or of windows.
    windows
        Of SW-MRO, the windows that are pooled; else None.
    kind
        Tells this contract from that of windows in a file.
    """

    tensor: ClassVar[str] = "snippets"
    joint: ClassVar[bool] = True

    source: str
    features: int
    frames: int
    rate_hz: float
    extractor: int
    windows: InputContract | None = None
    kind: Literal["snippets"] = "snippets"

    @property
    def row(self) -> tuple[int, ...]:
        """Shape of one snippet."""
        return (STREAMS, self.features)

    @property
    def ticks_per_row(self) -> float:
        """Ticks in one snippet; 32 frames at 200 Hz are 4.8."""
        return self.frames * TICK_HZ / self.rate_hz


Contract: TypeAlias = InputContract | SnippetContract
"""Each with ``tensor``, the graph's input; ``row``, its shape but for the leading axis; and
``joint``, whether rows of one call depend on each other."""


def read_contract(data: object, where: str) -> Contract:
    """Read a manifest's ``input``; without ``kind``, it is one of windows.

    Raises
    ------
    ModelError
        If a key is unknown, missing, or of the wrong type or range.
    """
    if isinstance(data, dict) and "kind" in data:
        return _snippets(data, where)
    return _windows(data, where)


def _windows(data: object, where: str) -> InputContract:
    table = Table(data, where, tuple(f.name for f in fields(InputContract)))
    alignment = table.text("alignment")
    if alignment not in ("nose", "rigid"):
        raise ModelError(f"{where} alignment is 'nose' or 'rigid', not {shown(alignment)}")
    return InputContract(
        window=table.whole("window", MOST_TICKS),
        rate_hz=table.number("rate_hz"),
        nodes=table.texts("nodes"),
        eye_distance_px=table.number("eye_distance_px"),
        alignment="nose" if alignment == "nose" else "rigid",
        extractor=table.whole("extractor"),
    )


def _snippets(data: object, where: str) -> SnippetContract:
    table = Table(data, where, tuple(f.name for f in fields(SnippetContract)))
    if table.text("kind") != SnippetContract.tensor:
        raise ModelError(f"{where} kind is 'snippets' or absent, not {shown(table.raw('kind'))}")
    source = table.text("source")
    if SOURCES.fullmatch(source) is None:
        raise ModelError(
            f"{where} source is 'sw-mro', 'i3d' or 'i3d-random-SEED', not {shown(source)}"
        )
    pooled = table.raw("windows")
    contract = SnippetContract(
        source=source,
        features=table.whole("features", MOST_FEATURES),
        frames=table.whole("frames", MOST_FRAMES),
        rate_hz=table.number("rate_hz"),
        extractor=table.whole("extractor"),
        windows=None if pooled is None else _windows(pooled, f"{where} windows"),
    )
    _require_whole(contract, where)
    return contract


def _require_whole(contract: SnippetContract, where: str) -> None:
    windows = contract.windows
    if (windows is not None) != (contract.source == SW_MRO):
        raise ModelError(f"{where} windows are those that sw-mro pools; other sources have none")
    if windows is not None and windows.rate_hz != contract.rate_hz:
        raise ModelError(
            f"{where} rate_hz {contract.rate_hz:g} is not that of its windows, {windows.rate_hz:g}"
        )
    if not contract.ticks_per_row >= 1:
        raise ModelError(f"{where}: a snippet of {contract.frames} frames is shorter than a tick")
