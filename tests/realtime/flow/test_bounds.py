"""No kernel leaves its arrays: compiled anew with bounds checks, and run on extremes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("bounds_script.py")
ROOT = Path(__file__).parents[3]


@pytest.mark.timeout(900)
def test_no_kernel_leaves_its_arrays_whatever_the_sites_the_pictures_and_the_crop(
    tmp_path: Path,
) -> None:
    """Compiled code does not check by default; one process, since all is compiled in it."""
    environment = os.environ | {
        "NUMBA_BOUNDSCHECK": "1",
        "NUMBA_CACHE_DIR": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=800,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said = done.stdout.split()
    assert said[:3] == ["checks", "are", "on:"]
    # a step for each window, picture, place, crop and alignment
    assert int(said[3]) > 1000
