"""The number formats in which a network is run, and how far apart their answers may lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Precision = Literal["fp32", "fp16"]

PRECISIONS: Final[tuple[Precision, ...]] = ("fp32", "fp16")


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Largest accepted difference of a probability p from the stored one q.

    ``|p - q| <= absolute + relative * |q|``. Of an output that is no probability, ``absolute`` is
    multiplied by its largest stored size where that is above 1.
    """

    absolute: float
    relative: float


TOLERANCES: Final[Mapping[Precision, Tolerance]] = MappingProxyType(
    {"fp32": Tolerance(1e-5, 1e-3), "fp16": Tolerance(2e-3, 2e-2)}
)
"""fp32 differs by the order of additions; fp16 carries 11 bits, and errors add up over layers."""
