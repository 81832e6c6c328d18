"""What the pipeline reports of itself, at most ten times a second."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from realtime.events.checks import (
    Point,
    require_figures,
    require_finite,
    require_not_negative,
    require_points,
)


@dataclass(frozen=True, slots=True)
class Telemetry:
    """One look at a face and at the pipeline; a slow client gets only the latest.

    Points are in px of the canonical face: x right, y down, origin midway between the outer eye
    corners, which are 96 px apart.

    Attributes
    ----------
    time_s
        Stream time that the scores speak of.
    face
        Track of the face, or None when none is in view; several faces have a report each.
    scores
        Probability by output name: the highest since the last report.
    patches, shifts
        Where the ten patches are, and their displacement over the window, px; of equal length,
        empty when there is no face.
    outline
        The face's oval as a closed line, or empty.
    rates
        Hz by name: ``capture_hz``, ``tick_hz``.
    latency_ms
        ms by stage.
    drops
        Frames that the source discarded since the start.
    repeated
        Ticks that reused the frame before them since the start.
    algorithmic_delay_s
        As in the hello event; None where nothing was decided.
    preview, recording
        True while an image is shown or written, which happens only when the user asked.
    source
        Number of the source.

    Raises
    ------
    ValueError
        If a number is not finite, or patches and shifts differ in length.
    """

    time_s: float
    face: int | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    patches: tuple[Point, ...] = ()
    shifts: tuple[Point, ...] = ()
    outline: tuple[Point, ...] = ()
    rates: Mapping[str, float] = field(default_factory=dict)
    latency_ms: Mapping[str, float] = field(default_factory=dict)
    drops: int = 0
    repeated: int = 0
    algorithmic_delay_s: float | None = None
    preview: bool = False
    recording: bool = False
    source: int = 0

    def __post_init__(self) -> None:
        require_finite("telemetry", time_s=self.time_s)
        require_not_negative(
            "telemetry",
            drops=self.drops,
            repeated=self.repeated,
            algorithmic_delay_s=self.algorithmic_delay_s,
            source=self.source,
        )
        require_figures(
            "telemetry", scores=self.scores, rates=self.rates, latency_ms=self.latency_ms
        )
        require_points("telemetry", patches=self.patches, shifts=self.shifts, outline=self.outline)
        if len(self.patches) != len(self.shifts):
            raise ValueError(
                f"telemetry: {len(self.patches)} patches but {len(self.shifts)} shifts"
            )
