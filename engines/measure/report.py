"""Figures of backends side by side, as a table and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from engines.measure.machine import Machine
from engines.measure.rounds import Figures, Key

BASELINE: Final = "onnxruntime fp32"
"""Label of what ratios refer to."""

HEAD: Final = ("batch", "backend", "p5 ms", "p50 ms", "p95 ms", "p99 ms", "windows/s", "ratio")


@dataclass(frozen=True, slots=True)
class Row:
    """One backend at one batch size.

    Attributes
    ----------
    label
        Backend and precision.
    batch
        Windows per call.
    figures
        How long its calls took.
    ratio
        Median time of ONNX Runtime at this batch size over this one's: above 1 is faster. None
        where ONNX Runtime was not measured.
    """

    label: str
    batch: int
    figures: Figures
    ratio: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A whole measurement.

    Attributes
    ----------
    model
        Name and version.
    sha256
        Of the model's file.
    threads
        CPU threads per operator.
    rows
        By batch size, then in the order of the backends.
    left_out
        Why backends did not take part, by name.
    machine
        Where it was made.
    """

    model: str
    sha256: str
    threads: int
    rows: tuple[Row, ...]
    left_out: Mapping[str, str]
    machine: Machine

    def to_dict(self) -> dict[str, object]:
        """Return the measurement as a JSON-ready dictionary."""
        return {
            "model": self.model,
            "sha256": self.sha256,
            "threads": self.threads,
            "rows": [
                {"backend": r.label, "batch": r.batch, **asdict(r.figures), "ratio": r.ratio}
                for r in self.rows
            ],
            "left_out": dict(self.left_out),
            "machine": asdict(self.machine),
        }

    def lines(self) -> list[str]:
        """Return the measurement as text for people."""
        return [
            f"{self.model}, {self.threads} CPU thread(s) per operator",
            *table(HEAD, [_cells(row) for row in self.rows]),
            f"ratio: median time of {BASELINE} over this one's, at the same batch",
            *(f"left out: {name}: {reason}" for name, reason in self.left_out.items()),
            self.machine.text,
        ]


def rows_of(figures: Mapping[Key, Figures]) -> tuple[Row, ...]:
    """Return rows with their ratios to ONNX Runtime."""
    return tuple(
        Row(label, batch, own, _ratio(own, figures.get((BASELINE, batch))))
        for (label, batch), own in figures.items()
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return lines of columns, all to the right but the second."""
    widths = [max(len(row[k]) for row in (head, *rows)) for k in range(len(head))]
    return [
        "  ".join(
            cell.ljust(width) if k == 1 else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    ]


def _ratio(own: Figures, baseline: Figures | None) -> float | None:
    return None if baseline is None else baseline.p50_ms / own.p50_ms


def _cells(row: Row) -> tuple[str, ...]:
    own = row.figures
    times = (own.p5_ms, own.p50_ms, own.p95_ms, own.p99_ms)
    return (
        str(row.batch),
        row.label,
        *(f"{value:.3f}" for value in times),
        f"{own.windows_per_s:.0f}",
        "-" if row.ratio is None else f"{row.ratio:.2f}",
    )
