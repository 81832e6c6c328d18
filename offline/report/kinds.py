"""What the kinds are called on the page, and which comes first."""

from typing import Final

from engines.intervals import Kind
from offline.evaluation.thresholds import OVERALL

ORDER: Final = (Kind.MACRO, Kind.MICRO)
"""The order of the papers' tables."""

TITLES: Final = {Kind.MACRO.value: "Macro", Kind.MICRO.value: "Micro", OVERALL: "Overall"}
"""Headings of columns, in order."""

LABEL_NAMES: Final = ("neutral", Kind.MACRO.value, Kind.MICRO.value)
"""Names of the labels 0, 1 and 2 of a frame (offline.spotformer.targets)."""
