"""A session as an annotation document of ELAN (.eaf)."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from offline.sessions.axis import TICK_S, Axis, Span, Tier, expression_tiers, gap_tiers, lanes
from offline.sessions.extras import require
from offline.sessions.study import Study

if TYPE_CHECKING:
    from pympi.Elan import Eaf

_MS: Final = 1e-3
"""ELAN's times are whole milliseconds."""


def write_elan(study: Study, axis: Axis, path: Path) -> None:
    """Write the expressions, gaps and marks of a session; its sources are the participants.

    Raises
    ------
    UsageError
        If ``pympi`` is not there.
    OSError
        If the file cannot be written.
    """
    elan = require("pympi.Elan", "export")
    document = elan.Eaf(author="fes")
    document.remove_tier("default")
    shown = [
        *expression_tiers(study, axis, _MS),
        *gap_tiers(study, axis, _MS),
        *_mark_tiers(study, axis),
    ]
    # ELAN's times cannot be below 0: what came before the axis begins is moved to its beginning
    for tier in shown:
        document.add_tier(tier.name, part=xml_text(study.sources[tier.source].name))
        for start_ms, end_ms, text in _in_ms(tier):
            document.add_annotation(tier.name, start_ms, end_ms, text)
    _sort_time_slots(document)
    document.to_file(str(path))


def _sort_time_slots(document: "Eaf") -> None:
    """Give the time slots numbers in the order of their times, as the format asks for."""
    slots = document.timeslots
    order = sorted(slots, key=lambda slot: (slots[slot], int(slot.removeprefix("ts"))))
    names = {slot: f"ts{number}" for number, slot in enumerate(order, start=1)}
    document.timeslots = {names[slot]: slots[slot] for slot in order}
    for aligned, *_ in document.tiers.values():
        for key, (begin, end, text, picture) in aligned.items():
            aligned[key] = (names[begin], names[end], text, picture)


def _in_ms(tier: Tier) -> list[tuple[int, int, str]]:
    """Return spans as whole milliseconds, each at least one long and none before the last's end."""
    out: list[tuple[int, int, str]] = []
    free = 0
    for span in tier.spans:
        start = max(round(span.start_s * 1e3), free)
        free = max(round(span.end_s * 1e3), start + 1)
        out.append((start, free, xml_text(span.text)))
    return out


def _mark_tiers(study: Study, axis: Axis) -> list[Tier]:
    """Return what people marked, each as long as a tick."""
    out: list[Tier] = []
    for source in range(len(study.sources)):
        marks = [m for m in study.moments if m.source == source and m.type.startswith("mark_")]
        spans = [
            Span(axis.at(source, m.time_s), axis.at(source, m.time_s) + TICK_S, m.type[5:])
            for m in marks
        ]
        if spans:
            out += lanes(f"source{source}_marks", source, spans)
    return out


def xml_text(text: str) -> str:
    """Return a text without what XML cannot hold: control characters and broken letters."""
    clean = text.encode("utf-8", "replace").decode()
    return "".join(c if c >= " " and c not in "\ufffe\uffff" else " " for c in clean)
