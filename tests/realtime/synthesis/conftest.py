"""One renderer of the bundled portrait for all tests: setting it up takes a second."""

import pytest

from realtime.synthesis.portraits import Portrait, default_portrait
from realtime.synthesis.render import Renderer


@pytest.fixture(scope="session")
def portrait() -> Portrait:
    return default_portrait()


@pytest.fixture(scope="session")
def renderer(portrait: Portrait) -> Renderer:
    return Renderer(portrait)
