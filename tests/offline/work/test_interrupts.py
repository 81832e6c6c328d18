"""Workers stop when the process that gives them work is interrupted, or is no more."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.offline.work.waiting import wait_for

PROGRAM = Path(__file__).with_name("interrupted_jobs.py")


@dataclass
class Running:
    """A program with two workers at work, in a process group of its own."""

    process: subprocess.Popen[str]
    workers: list[psutil.Process]

    def signal(self, number: int) -> None:
        """Send a signal to the program alone."""
        self.process.send_signal(number)

    def end(self) -> tuple[int, str]:
        """Wait for its end, and its workers'; return its exit code and its log."""
        _, log = self.process.communicate(timeout=120)
        wait_for(lambda: not any(worker.is_running() for worker in self.workers))
        return self.process.returncode, log


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    children: list[subprocess.Popen[str]] = []

    def begin(*jobs: str) -> Running:
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.offline.work.interrupted_jobs", str(tmp_path), *jobs],
            stderr=subprocess.PIPE, text=True, start_new_session=True,
            cwd=PROGRAM.parents[3],
        )  # fmt: skip
        children.append(child)
        wait_for(lambda: len(list(tmp_path.glob("begun-*"))) == 2)
        return Running(child, psutil.Process(child.pid).children(recursive=True))

    yield begin
    for child in children:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def test_an_interrupt_of_the_parent_alone_stops_its_workers_and_lets_them_save(
    tmp_path: Path, start
) -> None:
    running = start("saving", "plain", "late")
    running.signal(signal.SIGINT)
    code, log = running.end()
    assert code == 130
    assert "Traceback" not in log
    assert (tmp_path / "saved").read_text() == "once\n"
    assert not (tmp_path / "begun-late").exists()


def test_an_interrupt_of_the_whole_group_does_the_same(tmp_path: Path, start) -> None:
    running = start("saving", "plain", "late")
    os.killpg(running.process.pid, signal.SIGINT)
    code, log = running.end()
    assert code == 130
    assert "Traceback" not in log
    assert (tmp_path / "saved").read_text() == "once\n"
    assert not (tmp_path / "begun-late").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_workers_save_and_end_when_their_parent_is_killed(tmp_path, start, number: int) -> None:
    running = start("saving", "plain", "late")
    running.signal(number)
    assert running.end()[0] == -number
    assert (tmp_path / "saved").read_text() == "once\n"
    assert not (tmp_path / "begun-late").exists()


def test_a_second_interrupt_ends_workers_that_do_not_listen(tmp_path: Path, start) -> None:
    running = start("saving", "deaf")
    running.signal(signal.SIGINT)
    wait_for((tmp_path / "saved").exists)
    running.signal(signal.SIGINT)
    assert running.end()[0] == 130
