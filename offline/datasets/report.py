"""What ``fes-offline dataset check`` says of a dataset: as JSON, and as lines to read."""

from collections.abc import Iterator, Sequence
from typing import Final

from engines.intervals import Kind
from offline.datasets.catalog import PUBLISHED, Published
from offline.datasets.records import Dataset, Finding

DIFFERS: Final = "differs"
SHOWN: Final = 20
"""Findings of one sort that are listed for people; JSON has them all."""


def counts(dataset: Dataset) -> dict[str, int]:
    """Return how many there are of what."""
    with_instances = sum(bool(video.instances) for video in dataset.videos)
    return {
        "macro": dataset.count(Kind.MACRO),
        "micro": dataset.count(Kind.MICRO),
        "ignored": sum(len(video.ignored) for video in dataset.videos),
        "subjects": len(dataset.subjects),
        "videos": len(dataset.videos),
        "videos_with_instances": with_instances,
        "videos_without_instances": len(dataset.videos) - with_instances,
        "missing": len(dataset.missing),
        "rejected": len(dataset.rejected),
        "mended": len(dataset.mended),
        "rounded": dataset.rounded,
    }


def published(name: str) -> dict[str, tuple[int, int]]:
    """Return the least and the most that was published, by the names of :func:`counts`."""
    known = PUBLISHED.get(name, Published())
    said = {
        "macro": known.macro,
        "micro": known.micro,
        "videos": known.videos,
        "videos_with_instances": known.with_instances,
    }
    out = {key: (value, value) for key, value in said.items() if value is not None}
    return out | ({"subjects": known.subjects} if known.subjects else {})


def to_json(dataset: Dataset) -> dict[str, object]:
    """Return everything as one JSON document."""
    found, expected = counts(dataset), published(dataset.name)
    return {
        "dataset": dataset.name,
        "root": str(dataset.root),
        "annotations": str(dataset.annotations),
        "counts": found,
        "published": {
            key: {"least": low, "most": high, "differs": not low <= found[key] <= high}
            for key, (low, high) in expected.items()
        },
        "imputed": dict(dataset.imputed),
        "missing": _plain(dataset.missing),
        "rejected": _plain(dataset.rejected),
        "mended": _plain(dataset.mended),
        "notes": list(dataset.notes),
        "videos": [
            {
                "subject": video.subject,
                "name": video.name,
                "source": None if video.source is None else str(video.source),
                "fps": video.fps,
                "frames": video.frames,
                **{str(k): sum(one.kind is k for one in video.instances) for k in Kind},
            }
            for video in dataset.videos
        ],
    }


def to_lines(dataset: Dataset) -> Iterator[str]:
    """Give everything line by line."""
    found, expected = counts(dataset), published(dataset.name)
    yield f"{dataset.name}: {dataset.annotations}"
    for key, value in found.items():
        yield f"  {key.replace('_', ' '):<26}{value:>6}{_beside(value, expected.get(key))}"
    for rule, number in sorted(dataset.imputed.items()):
        yield f"  {'offsets imputed':<26}{number:>6}  by {rule}"
    yield from _listed("missing", dataset.missing)
    yield from _listed("rejected", dataset.rejected)
    yield from _listed("mended", dataset.mended)
    for note in dataset.notes:
        yield f"note: {note}"


def _beside(value: int, span: tuple[int, int] | None) -> str:
    if span is None:
        return ""
    low, high = span
    said = f"  published {low}" if low == high else f"  published {low} to {high}"
    return said if low <= value <= high else f"{said}  {DIFFERS}"


def _listed(title: str, findings: Sequence[Finding]) -> Iterator[str]:
    for one in findings[:SHOWN]:
        yield f"{title}: {one.where}: {one.reason}"
    if len(findings) > SHOWN:
        yield f"{title}: and {len(findings) - SHOWN} more; --json lists them all"


def _plain(findings: Sequence[Finding]) -> list[dict[str, str]]:
    return [{"where": one.where, "reason": one.reason} for one in findings]
