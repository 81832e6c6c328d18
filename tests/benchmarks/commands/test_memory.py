"""``fes-bench memory`` end to end."""

from pathlib import Path

import pytest

from tests.benchmarks.commands.bench_runs import bench, figures, part, report


def test_memory_is_sampled_through_the_run(capfd: pytest.CaptureFixture[str], film: Path) -> None:
    document = report(
        capfd, "memory", "--minutes", "0.05", "--source", film, "--no-serve", "--threads", "1"
    )
    found = figures(document)
    resident = part(found, "resident_mib")
    assert part(document, "options")["minutes"] == 0.05
    assert isinstance(resident["samples"], int)
    assert resident["samples"] > 5
    first, last, peak = (resident[name] for name in ("first", "last", "peak"))
    assert isinstance(first, float)
    assert isinstance(last, float)
    assert isinstance(peak, float)
    assert peak >= max(first, last)
    assert resident["grown"] == pytest.approx(last - first)
    assert found["rendered_frames_mib"] == 0
    assert found["frames"]


def test_people_see_how_much_of_it_is_rendered_frames(capfd: pytest.CaptureFixture[str]) -> None:
    """36 frames of 640x480."""
    code, out, _ = bench(capfd, "memory", "--minutes", "0.02", "--no-serve")
    assert code == 0
    assert "31.6 of it rendered frames" in out
    assert "extrapolated" in out
    assert all(len(line) <= 80 for line in out.splitlines())
