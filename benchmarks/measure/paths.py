"""The frame path in figures: what the stages took, what was lost, how soon it began."""

from dataclasses import asdict
from typing import Final

from benchmarks.measure.figures import Spread
from benchmarks.measure.recorder import DONE, Recorder
from benchmarks.measure.report import Json
from benchmarks.measure.run import Outcome
from benchmarks.measure.text import number, spread_cells, table
from realtime.pipeline.timing import STAGES

READ: Final = "read"
"""Until the source gave the next frame: decoding, where it is a file."""

WORK: Final = (READ, "faces", "flow", "model", "publish")
"""What is work; ``wait`` and ``queue`` are waiting."""


def stage_spreads(recorder: Recorder) -> dict[str, Spread | None]:
    """Return the spread of every stage, ms, in the order of a frame's way."""
    return {stage: Spread.of(recorder.durations_ms(stage)) for stage in STAGES}


def spread_json(spread: Spread | None) -> Json:
    """Return a spread for machines."""
    return None if spread is None else asdict(spread)


def stage_lines(spreads: dict[str, Spread | None]) -> list[str]:
    """Return the stages as a table."""
    rows = [(stage, *spread_cells(spread)) for stage, spread in spreads.items()]
    return table(("ms", "frames", "p50", "p95", "p99", "max"), rows)


def work_shares(recorder: Recorder) -> dict[str, float]:
    """Return what share of the wall time each stage of work took, in [0, about 1]."""
    first_s, last_s = recorder.first_done_s, recorder.last_done_s
    totals = recorder.durations_ms(DONE)
    if first_s is None or last_s is None or not totals.size:
        return {}
    # from the capture of the first frame on
    wall_ms = (last_s - first_s) * 1e3 + float(totals[0])
    return {stage: float(recorder.durations_ms(stage).sum()) / wall_ms for stage in WORK}


def losses(outcome: Outcome) -> dict[str, Json]:
    """Return what went through and what was lost."""
    recorder = outcome.recorder
    return {
        "frames": recorder.done,
        "drops": outcome.dropped,
        "gaps": recorder.gaps,
        "repeated_ticks": recorder.repeated,
        "faces_found": recorder.faces,
    }


def loss_lines(outcome: Outcome) -> list[str]:
    """Return the same in words."""
    recorder = outcome.recorder
    lines = [
        f"frames {recorder.done}, drops {outcome.dropped}, gaps {recorder.gaps}, "
        f"repeated ticks {recorder.repeated}"
    ]
    if outcome.received is not None:
        lines.append(f"messages that the client got: {outcome.received}")
    if not recorder.faces:
        lines.append("no face was found: flow and model had nothing to do")
    return lines


def first_scored(outcome: Outcome, before_s: float) -> dict[str, Json]:
    """Return how soon the first frame was scored, s.

    Parameters
    ----------
    outcome
        Of the run.
    before_s
        From the start of the program to an open source, without rendering, s.
    """
    scored_s = outcome.recorder.first_scored_s
    run_s = None if scored_s is None else scored_s - outcome.started_s
    return {
        "program_s": before_s,
        "run_s": run_s,
        "total_s": None if run_s is None else before_s + run_s,
    }


def first_scored_lines(outcome: Outcome, before_s: float) -> list[str]:
    """Return the same in words."""
    scored_s = outcome.recorder.first_scored_s
    if scored_s is None:
        return ["no frame was scored"]
    run_s = scored_s - outcome.started_s
    return [
        f"first scored frame after {number(before_s + run_s)} s: "
        f"program {number(before_s)} s, model and frames {number(run_s)} s"
    ]
