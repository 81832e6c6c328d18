"""Which decoder a model's scores go through: chosen by the method that its manifest names."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engines.contracts import SnippetContract
from engines.decoding.batch import decode as decode_marks
from engines.decoding.changes import Change
from engines.decoding.intensity.batch import decode_intensity
from engines.decoding.intensity.rules import IntensityRules
from engines.decoding.intensity.stream import IntensityDecoder
from engines.decoding.rules import DecoderRules
from engines.decoding.snippets.batch import decode_snippets
from engines.decoding.snippets.rules import SnippetRules
from engines.decoding.stream import StreamDecoder
from engines.errors import ModelError
from engines.intervals import Interval
from engines.manifest import Manifest

TickRules: TypeAlias = DecoderRules | IntensityRules
"""Of scores that each tick has by itself."""

Rules: TypeAlias = TickRules | SnippetRules

RULES: Final[Mapping[str, type[DecoderRules] | type[IntensityRules] | type[SnippetRules]]] = (
    MappingProxyType({"gim": IntensityRules, "mc-wes": SnippetRules, "pwes": SnippetRules})
)
"""Rules by method; the scores of any other method are read as SpotFormer's."""


class Decoder(Protocol):
    """Finds expressions tick by tick; the ``end`` intervals are those of :func:`decode`."""

    def push(self, tick: int, scores: Mapping[str, float]) -> tuple[Change, ...]:
        """Take the scores of the next tick and return what a listener should be told."""

    def finish(self) -> tuple[Change, ...]:
        """End the segment and decide everything still open."""


def rules_of(method: str, data: Mapping[str, object]) -> Rules:
    """Build a method's rules from a dictionary; absent keys keep the paper's value.

    Raises
    ------
    ValueError
        If a key is unknown, a value has the wrong type, or a rule is out of range.
    """
    return RULES.get(method, DecoderRules).from_dict(data)


def read_rules(manifest: Manifest) -> Rules:
    """Return the rules stored in a model's manifest.

    Raises
    ------
    ModelError
        If they are not rules that this version can follow, the model lacks an output that
        they read, or they read other rows than the model scores.
    """
    kind = RULES.get(manifest.method, DecoderRules)
    rules = kind.from_model(manifest.decoder, manifest.name)
    missing = [name for name in rules.outputs if name not in manifest.outputs]
    if missing:
        raise ModelError(
            f"model {manifest.name}: its decoder reads {', '.join(missing)}, which are not among "
            f"its outputs; export it again"
        )
    if isinstance(rules, SnippetRules) != isinstance(manifest.input, SnippetContract):
        raise ModelError(
            f"model {manifest.name}: method {manifest.method} does not go with input of "
            f"{manifest.input.tensor}; export it again"
        )
    return rules


def make_decoder(rules: TickRules) -> Decoder:
    """Return a new decoder of a stream of ticks.

    Snippets have :class:`engines.decoding.snippets.stream.RollingDecoder`.
    """
    if isinstance(rules, IntensityRules):
        return IntensityDecoder(rules)
    return StreamDecoder(rules)


def decode(
    scores: Mapping[str, NDArray[np.float32]],
    rules: Rules,
    first_tick: int = 0,
    ticks_per_row: float = 1.0,
) -> tuple[Interval, ...]:
    """Find the expressions of one segment.

    Parameters
    ----------
    scores
        What ``rules.outputs`` names, float32 (T,), of consecutive ticks or snippets. Other
        names are not read.
    rules
        What to go by.
    first_tick
        Tick of the first row, or where it begins.
    ticks_per_row
        How long a row lasts: 1, or the length of a snippet.

    Raises
    ------
    ValueError
        If a score is missing, not what the rules read, or of another length than the others, or
        a row lasts longer than a tick where the rules read ticks.
    """
    if isinstance(rules, SnippetRules):
        rows = len(next(iter(scores.values()), ()))
        return decode_snippets(scores, rules, first_tick + ticks_per_row * np.arange(rows + 1.0))
    if ticks_per_row != 1:
        raise ValueError(f"these rules read ticks, not rows of {ticks_per_row:g} ticks")
    if isinstance(rules, IntensityRules):
        return decode_intensity(scores, rules, first_tick)
    return decode_marks(scores, rules, first_tick)
