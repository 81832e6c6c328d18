from pathlib import Path

import pytest

from tests.integration.live_runs import SMILE
from tests.realtime.flow.film_files import write_film
from tests.realtime.flow.flow_makers import film as render

FILM_FRAMES = 60


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a rendered face that smiles."""
    path = tmp_path_factory.mktemp("film") / "smile.mkv"
    return write_film(path, [shot.image for shot in render([SMILE], FILM_FRAMES)])
