"""What the marks of charts stand for."""

from typing import Final

from offline.report.blocks import Key

TALLY: Final = (Key("share tp", "found"), Key("share fn", "missed"), Key("share fp", "wrong"))

TIMELINE: Final = (
    Key("curve macro", "macro apex score (GIM: action score; of snippets: attention)"),
    Key(
        "area macro",
        "macro expression score (GIM: intensity, of either kind; of snippets: class score)",
    ),
    Key("mark macro hit", "macro label found (above), proposal right (below)"),
    Key("curve micro", "micro apex score (GIM: action score; of snippets: attention)"),
    Key(
        "area micro",
        "micro expression score (GIM: intensity, of either kind; of snippets: class score)",
    ),
    Key("mark micro hit", "micro label found (above), proposal right (below)"),
    Key("mark miss", "label missed"),
    Key("mark wrong", "proposal wrong"),
    Key("ignored", "not counted"),
)

CLOSE_UP: Final = (
    Key("curve macro onset", "onset score"),
    Key("curve macro", "apex score (GIM: action score; of snippets: attention)"),
    Key("curve macro offset", "offset score"),
    Key("area macro", "expression score (GIM: intensity; of snippets: class score)"),
    Key("mark macro hit", "macro: label above, proposal below"),
    Key("mark micro hit", "micro: label above, proposal below"),
    Key("mark wrong", "hollow: missed or wrong"),
)

PSEUDO_LABELS: Final = (
    Key("line faint", "intensity"),
    Key("point macro", "pseudo-label, macro; large: pseudo-apex"),
    Key("point micro", "pseudo-label, micro"),
    Key("axis", "labelled frame"),
)

CLASSES: Final = (
    Key("point neutral", "neutral"),
    Key("point macro", "macro"),
    Key("point micro", "micro"),
)
