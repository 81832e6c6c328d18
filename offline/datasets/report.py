"""What ``fes-offline dataset check`` says of a dataset: as JSON, and as lines to read."""

from collections.abc import Iterator, Sequence
from typing import Final

from engines.intervals import Kind
from offline.datasets.catalog import PUBLISHED, Published
from offline.datasets.cells import IGNORE
from offline.datasets.records import Dataset, Finding, LabelledInstance

DIFFERS: Final = "differs"
FRAMES: Final = ("onset", "apex", "offset", "onset_s", "apex_s", "offset_s")
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
        "read": dataset.reading.to_dict(),
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
                "instances": [_instance(one) for one in (*video.instances, *video.ignored)],
            }
            for video in dataset.videos
        ],
    }


def _instance(one: LabelledInstance) -> dict[str, object]:
    return {
        "where": one.where,
        "kind": IGNORE if one.kind is None else one.kind.value,
        **{name: getattr(one, name) for name in FRAMES},
        "imputed": one.imputed,
    }


def to_lines(dataset: Dataset) -> Iterator[str]:
    """Give everything line by line."""
    found, expected = counts(dataset), published(dataset.name)
    yield f"{dataset.name}: {dataset.annotations}"
    yield from _assumptions(dataset)
    for key, value in found.items():
        yield f"  {key.replace('_', ' '):<26}{value:>6}{_beside(value, expected.get(key))}"
    if rule := dataset.reading.counting.impute:
        yield f"  {'offsets imputed':<26}{dataset.imputed.get(rule, 0):>6}  by {rule}"
    yield from _listed("missing", dataset.missing)
    yield from _listed("rejected", dataset.rejected)
    yield from _listed("mended", dataset.mended)
    yield from (f"note: {note}" for note in dataset.notes[:SHOWN])
    if (more := len(dataset.notes) - SHOWN) > 0:
        yield f"note: and {more} more; --json lists them all"


def _assumptions(dataset: Dataset) -> Iterator[str]:
    """Give what no file says and every figure depends on."""
    reading = dataset.reading

    def line(title: str, value: float, name: str, option: str) -> str:
        source = f"assumed ({option})" if name in reading.assumed else f"given by {option}"
        return f"  {title:<26}{value:>6g}  {source}"

    yield line("first frame", reading.counting.first_frame, "first_frame", "--first-frame")
    if any(video.source is None or video.source.is_dir() for video in dataset.videos):
        yield line("images, Hz", reading.rate_hz, "rate_hz", "--rate")


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
