"""Anybody can read and use the page, on any screen, and it asks nothing of another machine."""

from urllib.parse import urlsplit

import pytest

from engines.intervals import Kind
from realtime.events.messages import Phase
from realtime.events.publisher import Publisher
from realtime.service.server import EventServer
from tests.browser import Page, find_browser
from tests.realtime.dashboard.dashboard_makers import (
    LIVE,
    SETTLE,
    TWO,
    Stage,
    listed,
    script,
    shown,
    staging,
    watch,
)

pytestmark = pytest.mark.skipif(find_browser() is None, reason="needs Chromium")

SIZES = {"phone": (360, 740), "tablet": (820, 1180), "desk": (1440, 900), "wall": (3840, 2160)}


def fill(tab: Page, stage: Stage) -> None:
    """Show two sources, three faces, and expressions of every sort."""
    watch(tab, stage)
    stage.found(1)
    stage.found(0, source=1)
    for face, source in ((0, 0), (1, 0), (0, 1)):
        stage.look(60.0, face, source)
    stage.say(1, 40.0, Kind.MICRO)
    stage.say(2, 45.0, Kind.MACRO)
    stage.say(3, 58.0, Kind.MACRO, phase=Phase.NEW)
    listed(tab, 3)
    tab.wait("document.querySelectorAll('#faces button').length === 4")


@pytest.mark.parametrize("dark", [False, True])
def test_everything_has_a_name_and_every_text_stands_out(tab: Page, dark: bool) -> None:
    tab.dark(dark)
    with staging(TWO) as stage:
        fill(tab, stage)
        for step in ("0", "document.querySelector('.row').click()",
                     "document.getElementById('help-open').click()"):  # fmt: skip
            tab.run(step)
            tab.run(SETTLE)
            assert tab.run(script("nameless")) == []
            assert tab.run(script("dangling")) == []
            assert tab.run(script("doubled")) == []
            assert tab.run(script("pale")) == []
            assert tab.run(script("faint")) == []
    tab.wait("document.getElementById('link').dataset.state === 'lost'")
    tab.run("document.getElementById('help').close()")
    assert tab.run(script("pale")) == []
    tab.dark(False)


@pytest.mark.parametrize("size", SIZES)
def test_nothing_sticks_out_or_covers_another(tab: Page, size: str) -> None:
    tab.size(*SIZES[size])
    with staging(TWO) as stage:
        fill(tab, stage)
        tab.run(SETTLE)
        assert tab.run(script("burst")) == []
        assert tab.run(script("covered")) == []
        tab.press("0")
        tab.wait("document.getElementById('chart').dataset.rows === 'many'")
        tab.run(SETTLE)
        assert tab.run(script("burst")) == []
        assert tab.run(script("covered")) == []
    tab.size(*SIZES["desk"])


def test_tab_reaches_every_control_and_shows_where_it_is(tab: Page) -> None:
    with staging(TWO) as stage:
        fill(tab, stage)
        reached = []
        for _ in range(60):
            tab.press("Tab")
            name, marked, over = tab.run(script("focused"))  # type: ignore[misc]
            if over:
                break
            assert marked, name
            reached.append(name)
        for name in ("help-open", "theme", "follow", "earlier", "later", "closer", "wider",
                     "everything", "place", "filter-kind", "filter-score", "filter-final",
                     "download", "list", "All faces"):  # fmt: skip
            assert name in reached, name


def test_the_help_names_every_key_and_letters_can_be_switched_off(tab: Page) -> None:
    with staging() as stage:
        watch(tab, stage)
        tab.press("?")
        tab.wait("document.getElementById('help').open")
        keys = tab.run("[...document.querySelectorAll('#keys kbd')].map((one) => one.textContent)")
        assert {"Space", "Home", "←", "j", "[", "0", "d", "m", "?"} <= set(keys)  # type: ignore[call-overload]
        tab.run("document.getElementById('letters').click()")
        tab.press("Escape")
        tab.wait("!document.getElementById('help').open")
        tab.press("p")
        tab.press("?")
        tab.run(SETTLE)
        shown(tab, "30 s up to now")
        assert tab.run("document.getElementById('help').open") is False
        tab.press(" ")
        tab.wait("document.getElementById('follow').dataset.live === 'false'")
        tab.reload()
        assert tab.run("document.getElementById('letters').checked") is False
        tab.run("document.getElementById('letters').click()")


def test_many_that_become_final_at_once_are_told_in_one_sentence(tab: Page) -> None:
    with staging() as stage:
        watch(tab, stage)
        stage.say(0, 59.0)
        tab.wait("document.getElementById('spoken').textContent.startsWith('macro expression')")
        for number in range(1, 6):
            stage.say(number, 59.0 + number / 10, Kind.MICRO if number % 2 else Kind.MACRO)
        told = "2 macro and 3 micro expressions"
        tab.wait(f"document.getElementById('spoken').textContent === '{told}'")


def test_with_reduced_motion_the_page_still_answers(tab: Page) -> None:
    feature = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    with staging() as stage:
        tab.call("Emulation.setEmulatedMedia", features=feature)
        watch(tab, stage)
        tab.press("-")
        shown(tab, "48 s up to now")
        tab.call("Emulation.setEmulatedMedia", features=[])


def test_no_request_leaves_the_origin(tab: Page) -> None:
    with staging(TWO) as stage:
        tab.asked.clear()
        fill(tab, stage)
        tab.press("0")
        tab.press("?")
        tab.run(SETTLE)
        own = urlsplit(stage.server.url).netloc
        # a data: or blob: address is no request
        asked = {urlsplit(url).netloc for url in tab.asked if url.startswith(("http", "ws"))}
        assert len(tab.asked) > 20
        assert asked == {own}


def test_a_token_is_asked_for_in_a_dialog_with_a_label(tab: Page) -> None:
    token = "open sesame"  # noqa: S105 - opens a service of this test only
    server = EventServer(port=0, token=token)
    with server, Publisher(LIVE, [server]):
        tab.open(server.url)
        for given, told in (("wrong", "wrong token"), (token, "")):
            tab.wait("document.getElementById('ask').open")
            tab.wait("document.activeElement.id === 'token'")
            tab.run(f"document.getElementById('token').value = {given!r}")
            tab.run("document.querySelector('#ask-form button').click()")
            if told:
                tab.wait(f"document.getElementById('ask-why').textContent.includes({told!r})")
        tab.wait("document.getElementById('link-text').textContent === 'Live'")
        tab.run("sessionStorage.clear()")
