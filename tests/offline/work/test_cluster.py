"""A local Ray of two workers, one of which is killed in mid-run."""

import builtins
import os
import signal
import socket
from functools import partial
from pathlib import Path

import psutil
import pytest

from engines.errors import SourceError, UsageError
from offline.loso.folder import LosoFolder
from offline.loso.run import run_loso
from offline.work.cluster import RayExecutor
from tests.offline.loso.loso_makers import files_of, plan, write_corpus
from tests.offline.work.cluster_jobs import Traced, refuse
from tests.offline.work.interrupted_jobs import endless
from tests.offline.work.waiting import busy_workers, in_background, wait_for


def test_results_of_all_jobs_come(cluster: RayExecutor, tmp_path: Path) -> None:
    (tmp_path / "go").touch()
    assert sorted(cluster.run(Traced(tmp_path), range(5))) == [0, 1, 4, 9, 16]
    assert list(cluster.run(Traced(tmp_path), [])) == []


def test_what_a_job_raises_is_raised_as_it_was(cluster: RayExecutor) -> None:
    with pytest.raises(SourceError) as raised:
        list(cluster.run(refuse, range(4)))
    assert str(raised.value) == "job 2: its video is gone"


def test_the_job_of_a_killed_worker_begins_again_and_no_other_does(
    cluster: RayExecutor, tmp_path: Path
) -> None:
    def kill() -> None:
        begun = tmp_path / "begun-0"
        wait_for(lambda: begun.exists() and begun.read_text().endswith("\n"))
        wait_for((tmp_path / "finished-5").exists)
        os.kill(int(begun.read_text()), signal.SIGKILL)
        (tmp_path / "go").touch()

    killer = in_background(kill)
    assert sorted(cluster.run(Traced(tmp_path), range(6))) == [0, 1, 4, 9, 16, 25]
    killer.join()
    times = [len((tmp_path / f"begun-{job}").read_text().split()) for job in range(6)]
    assert times == [2, 1, 1, 1, 1, 1]
    assert all(len((tmp_path / f"finished-{n}").read_text().split()) == 1 for n in range(6))


def test_a_worker_killed_in_mid_run_loses_no_fold_and_does_none_twice(
    cluster: RayExecutor, tmp_path: Path
) -> None:
    """Epochs that were done before the kill keep their time of day: none of them is repeated."""
    corpus = write_corpus(tmp_path / "features", "abcd", quiet="d")
    asked = plan(epochs=8, steps_per_epoch=4)
    folder = LosoFolder(tmp_path / "cluster")
    before: dict[str, list[str]] = {}
    killed: list[psutil.Process] = []

    def epochs(subject: str) -> list[str]:
        path = folder.fold(subject).path / "metrics.jsonl"
        return path.read_text().splitlines() if path.exists() else []

    def at_work() -> list[str]:
        return [s for s in "abcd" if len(epochs(s)) >= 2 and not folder.fold(s).finished]

    def kill() -> None:
        wait_for(lambda: bool(at_work()))
        busy = busy_workers()
        for process in busy:
            process.suspend()
        before.update({subject: epochs(subject) for subject in "abcd"})
        busy[0].kill()
        killed.append(busy[0])
        for process in busy[1:]:
            process.resume()

    killer = in_background(kill)
    run = run_loso(asked, corpus, folder.path, executor=cluster, progress=False)
    killer.join()
    assert [outcome.status for outcome in run.outcomes] == ["done"] * 4
    assert len(killed) == 1
    assert any(before.values())
    for subject, lines in before.items():
        assert [line.split(",")[0] for line in epochs(subject)] == [
            f'{{"epoch": {n}.0' for n in range(1, 9)
        ]
        # the last of them may have been written and its checkpoint not
        assert epochs(subject)[: max(0, len(lines) - 1)] == lines[:-1]
    run_loso(asked, corpus, tmp_path / "here", progress=False)
    assert files_of(folder.path) == files_of(tmp_path / "here")


def test_an_interrupt_lets_jobs_on_the_cluster_save_and_drops_the_others(
    cluster: RayExecutor, tmp_path: Path
) -> None:
    def interrupt() -> None:
        wait_for(lambda: len(list(tmp_path.glob("begun-*"))) == 2)
        os.kill(os.getpid(), signal.SIGINT)

    interrupter = in_background(interrupt)
    with pytest.raises(KeyboardInterrupt):
        list(cluster.run(partial(endless, tmp_path), ["saving", "plain", "late"]))
    interrupter.join()
    assert (tmp_path / "saved").read_text() == "once\n"
    assert not (tmp_path / "begun-late").exists()
    assert list(cluster.run(refuse, [1])) == [1]


def test_where_nothing_answers_is_said_in_one_line() -> None:
    pytest.importorskip("ray")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(UsageError, match="nothing answers there") as refused:
            RayExecutor(f"127.0.0.1:{port}").__enter__()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("address", ["", "somewhere", "host:", ":6379", "host:port"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    pytest.importorskip("ray")
    with pytest.raises(UsageError, match="give HOST:PORT, auto or local"):
        RayExecutor(address).__enter__()


def test_without_ray_the_error_says_what_to_install(monkeypatch) -> None:
    plain = builtins.__import__

    def without_ray(name: str, *rest: object, **more: object) -> object:
        if name == "ray":
            raise ImportError("No module named 'ray'")
        return plain(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without_ray)
    with pytest.raises(UsageError, match=r"install fes\[cluster\]"):
        RayExecutor("local").__enter__()
