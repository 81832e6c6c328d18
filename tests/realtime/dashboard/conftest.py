"""One browser for the tests of a file."""

from collections.abc import Iterator

import pytest

from tests.browser import Page, browsing


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browsing(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture(autouse=True)
def quiet(tab: Page) -> Iterator[None]:
    """Every test leaves an empty page, and no page logged an error."""
    tab.errors.clear()
    yield
    # a service that is gone, and the icon that a browser looks for beside a page that names none
    found = [error for error in tab.errors if "net::ERR_" not in error and "favicon" not in error]
    tab.open("about:blank#done")
    assert not found
