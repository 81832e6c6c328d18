"""A cluster of this machine alone."""

from collections.abc import Iterator

import pytest

from offline.work.cluster import RayExecutor


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayExecutor]:
    """A local Ray of two workers."""
    pytest.importorskip("ray", reason="the extra 'cluster' is not installed")
    with RayExecutor("local", local_cpus=2) as executor:
        yield executor
