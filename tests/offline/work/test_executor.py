from pathlib import Path

import pytest

from engines.errors import SourceError, UsageError
from offline.work.executor import LocalExecutor
from tests.offline.work.cluster_jobs import Traced, refuse


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
