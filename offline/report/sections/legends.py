"""What the marks of charts stand for."""

from typing import Final

from offline.report.blocks import Key

TALLY: Final = (Key("share tp", "found"), Key("share fn", "missed"), Key("share fp", "wrong"))

TIMELINE: Final = (
    Key("curve macro", "macro apex score"),
    Key("area macro", "macro expression score"),
    Key("mark macro hit", "macro label found (above), proposal right (below)"),
    Key("curve micro", "micro apex score"),
    Key("area micro", "micro expression score"),
    Key("mark micro hit", "micro label found (above), proposal right (below)"),
    Key("mark miss", "label missed"),
    Key("mark wrong", "proposal wrong"),
    Key("ignored", "not counted"),
)

CLOSE_UP: Final = (
    Key("curve macro onset", "onset score"),
    Key("curve macro", "apex score"),
    Key("curve macro offset", "offset score"),
    Key("area macro", "expression score"),
    Key("mark macro hit", "macro: label above, proposal below"),
    Key("mark micro hit", "micro: label above, proposal below"),
    Key("mark wrong", "hollow: missed or wrong"),
)

CLASSES: Final = (
    Key("point neutral", "neutral"),
    Key("point macro", "macro"),
    Key("point micro", "micro"),
)
