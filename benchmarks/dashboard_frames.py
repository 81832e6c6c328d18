"""How smoothly the dashboard draws with an hour of history, in a real browser.

    python -m benchmarks.dashboard_frames [--hours 1] [--faces 1] [--expressions 10000] [--json]

A headless Chromium opens the page, reads the hour, and then follows the stream, scrolls, zooms and
leafs through the list, as a hand would: one step for every frame. Told are the times between
frames, and what the page's own thread worked for each: script, style and layout. A frame is late
when it comes more than 16.7 ms after the one before, with half a millisecond for the clock.

A headless browser has no graphics card: it paints every pixel on the processor, on threads that
compete with whatever else runs. The work of the page's own thread is what this code decides.
"""

import logging
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import click
import numpy as np

from benchmarks.dashboard_service import Past, serving
from engines.console import option_debug, print_json, run_command, setup_log
from engines.errors import UsageError
from tests.browser import Page, browsing, find_browser

log = logging.getLogger("fes.dashboard_frames")

FRAME_MS: Final = 1000 / 60
CLOCK_MS: Final = 0.5
READ_S: Final = 300.0
WORK: Final = ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration", "TaskDuration")

WHEEL = (
    "document.getElementById('curves').dispatchEvent(new WheelEvent('wheel', "
    "{deltaX: %s, deltaY: %s, clientX: 500, clientY: 400, cancelable: true, bubbles: true}))"
)
PHASES: Final = {
    "live, 30 s": ("document.getElementById('follow').dataset.live === 'false' && "
                   "document.getElementById('follow').click()", ""),
    "live, the hour": ("document.getElementById('everything').click()", ""),
    "scrolling, the hour": ("document.getElementById('closer').click()",
                            WHEEL % ("Math.floor(n / 60) % 2 ? 12 : -12", "0")),
    "zooming, 2 s to the hour": ("", WHEEL % ("0", "Math.floor(n / 60) % 2 ? -70 : 70")),
    "leafing through the list": ("", "(list => { list.scrollTop = (n * 700) % list.scrollHeight })"
                                 "(document.getElementById('list'))"),
}  # fmt: skip
"""What is done once, and what for each frame ``n``."""

STEPS: Final = """
new Promise((done) => {
  const times = [];
  const step = (now) => {
    times.push(now);
    const n = times.length;
    if (n > COUNT) { done(times); return; }
    STEP;
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})
"""


@dataclass(frozen=True, slots=True)
class Smoothness:
    """Frames of one phase.

    Attributes
    ----------
    frames
        How many.
    p50_ms, p95_ms, p99_ms
        Time from one frame to the next.
    late
        Share of them over 16.7 ms.
    script_ms, style_ms, task_ms
        What the page's own thread worked for each: its script; style and layout; all of it.
    """

    phase: str
    frames: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    late: float
    script_ms: float
    style_ms: float
    task_ms: float


def work(page: Page) -> dict[str, float]:
    """Return what the page's thread has worked so far, s, by kind."""
    metrics = page.call("Performance.getMetrics")["metrics"]
    if not isinstance(metrics, list):
        raise TypeError("the browser does not say what it worked")
    return {one["name"]: float(one["value"]) for one in metrics if one["name"] in WORK}


def watch(page: Page, phase: str, frames: int) -> Smoothness:
    """Go through one phase."""
    begin, step = PHASES[phase]
    if begin:
        page.run(begin)
    time.sleep(0.5)
    before = work(page)
    times = page.run(STEPS.replace("COUNT", str(frames)).replace("STEP", step))
    after = work(page)
    apart = np.diff(np.asarray(times, dtype=float))
    spent = {name: 1000 * (after[name] - before[name]) / len(apart) for name in WORK}
    p50, p95, p99 = np.percentile(apart, (50, 95, 99))
    return Smoothness(
        phase=phase,
        frames=len(apart),
        p50_ms=float(p50),
        p95_ms=float(p95),
        p99_ms=float(p99),
        late=float(np.mean(apart > FRAME_MS + CLOCK_MS)),
        script_ms=spent["ScriptDuration"],
        style_ms=spent["RecalcStyleDuration"] + spent["LayoutDuration"],
        task_ms=spent["TaskDuration"],
    )


def measure(past: Past, frames: int, size: tuple[int, int]) -> tuple[float, list[Smoothness]]:
    """Return how long the page took to read the history, s, and its phases."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(past) as address,
        browsing(Path(folder)) as page,
    ):
        page.size(*size)
        page.call("Performance.enable")
        began = time.monotonic()
        page.open(address)
        listed = "Number(document.getElementById('listed').textContent)"
        while not page.run(f"{listed} >= {past.expressions}"):
            if time.monotonic() - began > READ_S:
                raise UsageError(f"the page did not read {past} within {READ_S:.0f} s")
            time.sleep(0.1)
        read_s = time.monotonic() - began
        time.sleep(2)
        found = []
        for phase in PHASES:
            found.append(watch(page, phase, frames))
            log.info("%s: %.1f ms at the median", phase, found[-1].p50_ms)
        return read_s, found


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--hours", default=1.0, type=click.FloatRange(0.01, 12), show_default=True)
@click.option("--faces", default=1, type=click.IntRange(1, 16), show_default=True)
@click.option("--expressions", default=10_000, type=click.IntRange(1, 20_000), show_default=True)
@click.option("--frames", default=600, type=click.IntRange(60), show_default=True,
              help="Frames of each phase.")  # fmt: skip
@click.option("--size", default=(1440, 900), type=(int, int), show_default=True,
              help="Width and height of the window, px.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@option_debug
def frames_command(
    hours: float, faces: int, expressions: int, frames: int, size: tuple[int, int],
    as_json: bool, debug: bool,
) -> None:  # fmt: skip
    """Measure the frames of the dashboard with a long history."""
    setup_log(debug)
    if find_browser() is None:
        raise UsageError("no Chromium is installed: this measurement needs one")
    read_s, found = measure(Past(3600 * hours, faces, expressions), frames, size)
    if as_json:
        print_json({
            "hours": hours, "faces": faces, "expressions": expressions, "size": list(size),
            "cores": os.cpu_count(), "load": os.getloadavg()[0], "read_s": read_s,
            "phases": [asdict(one) for one in found],
        })  # fmt: skip
        return
    click.echo(f"read in {read_s:.1f} s; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    click.echo(
        f"{'ms':26}{'p50':>7}{'p95':>7}{'p99':>7}{'late':>7}{'script':>8}{'style':>7}{'task':>7}"
    )
    for one in found:
        click.echo(
            f"{one.phase:26}{one.p50_ms:7.1f}{one.p95_ms:7.1f}{one.p99_ms:7.1f}{one.late:7.1%}"
            f"{one.script_ms:8.2f}{one.style_ms:7.2f}{one.task_ms:7.2f}"
        )


if __name__ == "__main__":
    sys.exit(run_command(frames_command))
