"""What the dashboard's curves are follows from the scores that come, in a real browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from realtime.events.messages import FaceFound
from realtime.events.telemetry import Telemetry
from tests.browser import Page, browsing, find_browser
from tests.realtime.service.service_makers import running

pytestmark = pytest.mark.skipif(find_browser() is None, reason="needs Chromium")

SHOWN = "[...document.querySelectorAll('.chart .intense')].map((part) => part.hidden)"


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browsing(tmp_path_factory.mktemp("profile")) as page:
        yield page


@contextmanager
def shown(tab: Page, scores: dict[str, float], told: str, path: Path) -> Iterator[None]:
    """Open the page, send these scores a few times, and wait until they are told."""
    with running() as service:
        service.publisher.publish(FaceFound(0, 0.0))
        tab.open(service.server.url)
        tab.wait("document.getElementById('link-text').textContent === 'Live'")
        for number in range(40):
            service.publisher.publish(Telemetry(number / 10, face=0, scores=scores))
        tab.wait(f"document.getElementById('score-macro').textContent === {told!r}")
        yield
        tab.screenshot(path)
        tab.open("about:blank#done")
        assert tab.errors == []


def test_an_intensity_is_drawn_and_named_with_the_action_of_each_kind(
    tab: Page, tmp_path: Path
) -> None:
    scores = {"intensity": 0.75, "micro_action": 0.125, "macro_action": 0.5}
    with shown(tab, scores, "0.50", tmp_path / "page.png"):
        tab.wait("document.getElementById('chart-title').textContent === 'Expression intensity'")
        assert tab.text("score-intensity") == "0.75"
        assert tab.text("score-micro") == "0.13"
        assert tab.run(SHOWN) == [False, False, False]


def test_a_model_without_an_intensity_shows_the_probability_of_an_apex(
    tab: Page, tmp_path: Path
) -> None:
    scores = {"micro_apex": 0.25, "macro_apex": 0.75, "macro_expression": 1.0}
    with shown(tab, scores, "0.75", tmp_path / "page.png"):
        assert tab.text("chart-title") == "Probability of an apex"
        assert tab.text("score-micro") == "0.25"
        assert tab.run(SHOWN) == [True, True, True]
