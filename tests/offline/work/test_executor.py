from pathlib import Path

import pytest

from engines.errors import SourceError, UsageError
from offline.work.executor import LocalExecutor
from tests.offline.work.cluster_jobs import Interrupted, Traced, refuse


@pytest.mark.parametrize("workers", [1, 2])
def test_results_of_all_jobs_come_from_one_process_or_several(tmp_path: Path, workers: int) -> None:
    (tmp_path / "go").touch()
    executor = LocalExecutor(workers)
    assert sorted(executor.run(Traced(tmp_path), range(4))) == [0, 1, 4, 9]
    assert list(executor.run(Traced(tmp_path), [])) == []


def test_what_a_job_raises_is_raised() -> None:
    with pytest.raises(SourceError, match="job 2"):
        list(LocalExecutor().run(refuse, range(4)))


def test_no_worker_is_refused() -> None:
    with pytest.raises(UsageError, match="at least 1"):
        list(LocalExecutor(0).run(refuse, [0]))


def test_an_interrupted_worker_begins_no_other_job(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        list(LocalExecutor(2).run(Interrupted(tmp_path), range(12)))
    # the other worker may go on with what its queue holds, but not with all
    assert 1 <= len(list(tmp_path.iterdir())) < 11


def test_an_interrupt_in_this_process_is_an_interrupt(tmp_path: Path) -> None:
    (tmp_path / "begun-1").touch()
    with pytest.raises(KeyboardInterrupt):
        list(LocalExecutor().run(Interrupted(tmp_path), range(3)))
    assert [path.name for path in tmp_path.iterdir()] == ["begun-1"]
