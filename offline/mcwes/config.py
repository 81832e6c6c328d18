"""Settings of a network that reads snippets."""

from dataclasses import dataclass, field
from typing import Final

from engines.contracts import I3D, MOST_FEATURES, MOST_FRAMES, SOURCES, SW_MRO
from engines.errors import UsageError
from engines.intervals import TICK_HZ
from offline.snippets.reads import Reads
from realtime.types import WINDOW

FUSIONS: Final = ("cscm", "ccm", "concatenate")


@dataclass(frozen=True, slots=True)
class SnippetInputs:
    """Which snippets a network reads; the defaults are the paper's for CAS(ME)².

    Attributes
    ----------
    source
        ``"i3d"`` features of appearance and flow, ``"i3d-random-SEED"`` where their extractor
        learnt nothing, or ``"sw-mro"``, windows pooled per snippet.
    frames
        Frames in a snippet; of SW-MRO, ticks.
    rate_hz
        Frames per second; of SW-MRO, 30.
    features
        D, per snippet and stream.
    standardise
        Whether each feature is brought to mean 0 and deviation 1 over the training data, by
        constants that become part of the network. The paper reads I3D features as they are.

    Raises
    ------
    UsageError
        If a value cannot be honoured.
    """

    source: str = I3D
    frames: int = 8
    rate_hz: float = 30.0
    features: int = 1024
    standardise: bool = False

    def __post_init__(self) -> None:
        known = SOURCES.fullmatch(self.source) is not None
        self._require(known, "source", "i3d, i3d-random-SEED or sw-mro")
        self._require(1 <= self.frames <= MOST_FRAMES, "frames", f"from 1 to {MOST_FRAMES}")
        self._require(1 <= self.features <= MOST_FEATURES, "features", f"from 1 to {MOST_FEATURES}")
        pooled = self.source == SW_MRO
        rule = f"{TICK_HZ} where the source is {SW_MRO}" if pooled else "above 0"
        fits = self.rate_hz == TICK_HZ if pooled else self.rate_hz > 0
        self._require(fits, "rate_hz", rule)
        self._require(self.ticks >= 1, "frames", "a tick of 1/30 s or more")

    @property
    def ticks(self) -> float:
        """Length of a snippet, ticks of the 30 Hz grid: 32 frames at 200 Hz are 4.8."""
        return self.frames * TICK_HZ / self.rate_hz

    @property
    def reads(self) -> str:
        """What it is, in words."""
        return f"snippets of {self.ticks:g} ticks, {self.source}"

    def _require(self, holds: bool, name: str, rule: str) -> None:
        if not holds:
            raise UsageError(f"snippets: {name} {getattr(self, name)} must be {rule}")


@dataclass(frozen=True, slots=True)
class SnippetModel:
    """Layers of the network (figure 2); the defaults are the published values.

    Attributes
    ----------
    fusion
        ``"cscm"``, or of tables 1 and 2 ``"ccm"``, CO2-Net's module, and ``"concatenate"``,
        neither.
    embedding
        Channels that a stream's features are first mapped to by a convolution of width 1 and a
        leaky ReLU; 0, as published, leaves them as they are.
    attention_width
        Channels within an attention head.
    fused_width
        Channels of the fused features and of the classifier.
    attention_dropout, dropout
        In the attention heads; in fusion and classifier; in [0, 1).
    leaky_slope
        Of all leaky ReLUs, in [0, 1].
    scaled_core
        Whether the products of equation 3 are divided by the root of the channels, as in scaled
        dot-product attention, which equation 3 does not do.

    Raises
    ------
    UsageError
        If a value cannot be honoured.
    """

    fusion: str = "cscm"
    embedding: int = 0
    attention_width: int = 512
    fused_width: int = 2048
    attention_dropout: float = 0.5
    dropout: float = 0.7
    leaky_slope: float = 0.2
    scaled_core: bool = False

    def __post_init__(self) -> None:
        self._require(self.fusion in FUSIONS, "fusion", f"one of {', '.join(FUSIONS)}")
        self._require(self.embedding >= 0, "embedding", "at least 0")
        for name in ("attention_width", "fused_width"):
            self._require(getattr(self, name) >= 1, name, "at least 1")
        for name in ("attention_dropout", "dropout"):
            self._require(0 <= getattr(self, name) < 1, name, "in [0, 1)")
        self._require(0 <= self.leaky_slope <= 1, "leaky_slope", "in [0, 1]")

    def _require(self, holds: bool, name: str, rule: str) -> None:
        if not holds:
            raise UsageError(f"model: {name} {getattr(self, name)} must be {rule}")


@dataclass(frozen=True, slots=True)
class SnippetNetworkConfig:
    """What a network reads, and its layers."""

    snippets: SnippetInputs = field(default_factory=SnippetInputs)
    model: SnippetModel = field(default_factory=SnippetModel)


@dataclass(frozen=True, slots=True)
class SnippetSettings:
    """What shapes a run of either method of snippets: its input and its network."""

    snippets: SnippetInputs = field(default_factory=SnippetInputs)
    model: SnippetModel = field(default_factory=SnippetModel)

    @property
    def window(self) -> int:
        """Ticks of the windows that snippets are pooled from."""
        return WINDOW

    @property
    def files(self) -> Reads:
        """Feature files that are read."""
        return Reads(self.window, self.snippets.source)

    @property
    def reads(self) -> str:
        """What the network reads, in words."""
        return self.snippets.reads

    @property
    def network(self) -> SnippetNetworkConfig:
        """Settings of the network alone."""
        return SnippetNetworkConfig(self.snippets, self.model)
