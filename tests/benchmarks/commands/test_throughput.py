"""``fes-bench throughput`` end to end, and its rate by hand."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.commands.throughput import sustained_hz
from tests.benchmarks.commands.bench_runs import bench, figures, part, report
from tests.benchmarks.commands.conftest import FILM_FRAMES


def test_the_warm_up_does_not_count() -> None:
    """Thirty slow frames, then fifty a second."""
    slow = np.arange(30) * 1.0
    fast = 29.0 + np.arange(1, 102) / 50
    assert sustained_hz(np.concatenate([slow, fast])) == pytest.approx(50)


@pytest.mark.parametrize("count", [0, 1, 30, 31])
def test_a_run_within_its_warm_up_has_no_rate(count: int) -> None:
    assert sustained_hz(np.arange(count) / 10) is None


def test_a_film_is_read_in_full_and_its_decoding_is_measured(
    capfd: pytest.CaptureFixture[str], film: Path
) -> None:
    found = figures(report(capfd, "throughput", "--source", film))
    assert (found["frames"], found["drops"]) == (FILM_FRAMES, 0)
    assert isinstance(found["sustained_hz"], float)
    assert found["slowest_10_s_hz"] is None
    shares = part(found, "share_of_wall_time")
    assert list(shares) == ["read", "faces", "flow", "model", "publish"]
    assert all(isinstance(share, float) and 0 <= share <= 1 for share in shares.values())
    assert shares["read"]
    assert shares["flow"]


def test_rendered_frames_are_taken_to_the_last(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = bench(capfd, "throughput", "--camera", "synthetic:1", "--seconds", "1.5")
    assert code == 0
    assert out.startswith("throughput: synthetic:1, 640x480")
    assert "frames 45, drops 0, gaps 0, repeated ticks 0" in out
    assert all(len(line) <= 80 for line in out.splitlines())
