"""Figures that the four papers print, copied digit by digit, with the table they stand in."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

DATASET_TITLES: Final[Mapping[str, str]] = {
    "casme2": "CAS(ME)²",
    "casme3": "CAS(ME)³",
    "samm-lv": "SAMM-LV",
}

SELECTION: Final[Mapping[str, str]] = {
    "held-out": "held-out subject’s labels",
    "unstated": "not stated",
}
"""How a published row chose its epoch or threshold, in words (see ``SELECTION_NOTE``)."""

SELECTION_NOTE: Final = (
    "Published rows are copied from the tables named. No paper states how an epoch or a threshold "
    "was chosen; “held-out subject’s labels” is what the code released with these methods does, "
    "so that such a row is comparable with selection “oracle” only. “Not stated”: quoted by "
    "the paper named from others, whose rule it does not give."
)


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """One printed row.

    Attributes
    ----------
    dataset, group
        ``casme2`` …; ``kinds`` (F1 by kind) or ``f1-me`` (MC-WES, section 4.2).
    method, supervision
        What was trained, and on what labels.
    figures
        As printed, by column; a figure that the paper does not give is missing.
    source
        Paper and table.
    selection
        Key of ``SELECTION``.
    """

    dataset: str
    group: str
    method: str
    supervision: str
    figures: Mapping[str, str]
    source: str
    selection: str


_TEXTS: Final = ("dataset", "group", "method", "supervision", "paper", "table", "selection")


def published_rows(dataset: str, group: str) -> list[PublishedRow]:
    """Return the rows of a dataset; none for one that the papers do not use."""
    return [r for r in _rows("published.csv") if (r.dataset, r.group) == (dataset, group)]


def published_details(dataset: str) -> list[PublishedRow]:
    """Return counts, precision and recall by kind; ``group`` is the kind or ``overall``."""
    return [r for r in _rows("published_details.csv") if r.dataset == dataset]


@cache
def _rows(name: str) -> tuple[PublishedRow, ...]:
    text = (resources.files("offline.report") / name).read_text(encoding="utf-8")
    return tuple(_row(row) for row in csv.DictReader(text.splitlines()))


def _row(row: Mapping[str, str]) -> PublishedRow:
    return PublishedRow(
        row["dataset"],
        row.get("group") or row["kind"],
        row["method"],
        row.get("supervision", ""),
        {key: value for key, value in row.items() if key not in (*_TEXTS, "kind") and value},
        f"{row['paper']}, table {row['table']}",
        row["selection"],
    )
