"""Jobs in one process or in several."""

import os
import signal

import pytest

from engines.errors import SourceError, UsageError
from offline.parallel import ONE_THREAD, run_jobs


def double(number: int) -> int:
    if number < 0:
        raise SourceError("no number")
    return 2 * number


def end_itself(_: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def threads_and_process(_: int) -> tuple[str, ...]:
    return (*(os.environ[name] for name in ONE_THREAD), str(os.getpid()))


@pytest.mark.parametrize("workers", [1, 2])
def test_every_job_is_done_once(workers: int) -> None:
    assert sorted(run_jobs(double, [1, 2, 3], workers)) == [2, 4, 6]
    assert list(run_jobs(double, [], workers)) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_job_raises_reaches_the_caller(workers: int) -> None:
    with pytest.raises(SourceError, match="no number"):
        list(run_jobs(double, [1, -1, 2], workers))


def test_a_worker_that_is_killed_is_an_error_in_one_line() -> None:
    with pytest.raises(UsageError, match="ended from outside") as caught:
        list(run_jobs(end_itself, [1, 2], 2))
    assert "\n" not in str(caught.value)


def test_workers_calculate_in_one_thread_each_unless_the_user_says_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    told = list(run_jobs(threads_and_process, [1, 2], 2))
    assert {one[:3] for one in told} == {("1", "3", "1")}
    assert str(os.getpid()) not in {one[3] for one in told}
    assert "OPENBLAS_NUM_THREADS" not in os.environ
    assert os.environ["OMP_NUM_THREADS"] == "3"


def test_there_is_at_least_one_worker() -> None:
    with pytest.raises(UsageError, match="--workers"):
        list(run_jobs(double, [1], 0))
