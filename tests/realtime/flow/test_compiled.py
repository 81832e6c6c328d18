"""Kernels give the same numbers however they came to be in memory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("compiled_script.py")
ROOT = Path(__file__).parents[3]


def run(cache: Path, *arguments: str) -> str:
    environment = os.environ | {"NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=800,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.timeout(900)
def test_steps_are_the_same_to_the_last_digit_compiled_now_or_loaded_whatever_ran_before(
    tmp_path: Path,
) -> None:
    """A kernel's copy inside its caller may be compiled to add in another order than alone."""
    compiled = run(tmp_path)
    assert compiled.startswith("4 ")
    assert run(tmp_path) == compiled
    assert run(tmp_path, "after the reference") == compiled
