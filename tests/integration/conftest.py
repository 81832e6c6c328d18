from pathlib import Path

import pytest

from tests.integration.live_runs import FILM_TICKS, SMILE
from tests.realtime.flow.film_files import write_film
from tests.realtime.flow.flow_makers import film as render


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered face that smiles once."""
    path = tmp_path_factory.mktemp("film") / "smile.mkv"
    return write_film(path, [shot.image for shot in render([SMILE], FILM_TICKS)])
