"""Where a measurement was made."""

import os
import subprocess
import time
from pathlib import Path

import numpy as np
import psutil

from benchmarks.measure.machine import PACKAGES, commit, processor_s, this_machine
from engines.measure.machine import versions


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    done = subprocess.run(
        ["git", *identity, "-C", str(folder), *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def checkout(folder: Path) -> str:
    git(folder, "init", "-q")
    (folder / "file").write_text("one")
    git(folder, "add", "file")
    git(folder, "commit", "-q", "-m", "one")
    return git(folder, "rev-parse", "HEAD")


def test_the_machine_is_described_as_the_system_tells_it() -> None:
    machine = this_machine()
    assert machine.cores_of_machine == os.cpu_count()
    assert 1 <= machine.cores <= machine.cores_of_machine
    assert machine.memory_mib == psutil.virtual_memory().total // 2**20
    assert machine.cpu
    assert str(machine.cores) in machine.text


def test_versions_are_those_that_are_imported() -> None:
    assert versions(PACKAGES)["numpy"] == np.__version__


def test_a_clean_checkout_is_its_commit(tmp_path: Path) -> None:
    head = checkout(tmp_path)
    assert commit(tmp_path) == head
    assert len(head) == 40


def test_a_changed_checkout_says_so_and_an_untracked_file_is_no_change(tmp_path: Path) -> None:
    head = checkout(tmp_path)
    (tmp_path / "note").write_text("untracked")
    assert commit(tmp_path) == head
    (tmp_path / "file").write_text("two")
    assert commit(tmp_path) == head + "+"


def test_an_installation_within_someone_elses_checkout_has_no_commit(tmp_path: Path) -> None:
    checkout(tmp_path)
    inside = tmp_path / "site-packages"
    inside.mkdir()
    assert commit(inside) is None


def test_outside_a_checkout_there_is_no_commit(tmp_path: Path) -> None:
    assert commit(tmp_path) is None


def test_a_checkout_without_a_commit_has_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    assert commit(tmp_path) is None


def test_where_git_is_absent_there_is_no_commit(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    checkout(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit(tmp_path) is None


def test_work_of_any_process_is_processor_time_and_sleep_is_none() -> None:
    """Of every core's time, idle included, no more than there is."""
    start_s, before_s, own_s = time.monotonic(), processor_s(), time.process_time()
    while time.process_time() - own_s < 0.3:
        pass
    time.sleep(0.1)
    worked_s, wall_s = processor_s() - before_s, time.monotonic() - start_s
    tick_s = 0.05
    assert 0.3 - tick_s <= worked_s <= wall_s * (os.cpu_count() or 1) + tick_s
