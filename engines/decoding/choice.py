"""Which decoder a model's scores go through: chosen by the method that its manifest names."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engines.decoding.batch import decode as decode_marks
from engines.decoding.changes import Change
from engines.decoding.intensity.batch import decode_intensity
from engines.decoding.intensity.rules import IntensityRules
from engines.decoding.intensity.stream import IntensityDecoder
from engines.decoding.rules import DecoderRules
from engines.decoding.stream import StreamDecoder
from engines.errors import ModelError
from engines.intervals import Interval
from engines.manifest import Manifest

Rules: TypeAlias = DecoderRules | IntensityRules

RULES: Final[Mapping[str, type[DecoderRules] | type[IntensityRules]]] = MappingProxyType(
    {"gim": IntensityRules}
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
        If they are not rules that this version can follow, or the model lacks an output that
        they read.
    """
    kind = RULES.get(manifest.method, DecoderRules)
    rules = kind.from_model(manifest.decoder, manifest.name)
    missing = [name for name in rules.outputs if name not in manifest.outputs]
    if missing:
        raise ModelError(
            f"model {manifest.name}: its decoder reads {', '.join(missing)}, which are not among "
            f"its outputs; export it again"
        )
    return rules


def make_decoder(rules: Rules) -> Decoder:
    """Return a new decoder of a stream."""
    if isinstance(rules, IntensityRules):
        return IntensityDecoder(rules)
    return StreamDecoder(rules)


def decode(
    scores: Mapping[str, NDArray[np.float32]], rules: Rules, first_tick: int = 0
) -> tuple[Interval, ...]:
    """Find the expressions of one segment.

    Parameters
    ----------
    scores
        What ``rules.outputs`` names, float32 (T,), probabilities of consecutive ticks. Other
        names are not read.
    rules
        What to go by.
    first_tick
        Tick of the first row.

    Raises
    ------
    ValueError
        If a score is missing, not a probability, or of another length than the others.
    """
    if isinstance(rules, IntensityRules):
        return decode_intensity(scores, rules, first_tick)
    return decode_marks(scores, rules, first_tick)
