"""What the page keeps of an hour: the quick ways of finding it give what the slow ones give."""

import json
from collections.abc import Sequence

import pytest

from realtime.service.server import EventServer
from tests.browser import Page, find_browser
from tests.realtime.dashboard.dashboard_makers import script

pytestmark = pytest.mark.skipif(find_browser() is None, reason="needs Chromium")

# a generator that is the same everywhere: 32 bits of a linear congruence
CHANCE = (
    "let seed = 11; const chance = () => (seed = (1664525 * seed + 1013904223) >>> 0) / 2 ** 32;"
)


def run(tab: Page, modules: Sequence[str], text: str) -> object:
    """Run a script in a page that has these modules of the dashboard, and no others."""
    names = ", ".join(f"...await import('/js/{name}')" for name in modules)
    with EventServer(port=0) as server:
        tab.open(server.url + "asyncapi.json")
        return tab.run(f"(async () => {{ const m = {{ {names} }}; {CHANCE} {text} }})()")


def test_the_extremes_of_every_level_are_those_of_its_points(tab: Page) -> None:
    wrong = run(
        tab,
        ["series.js"],
        script("kept_extremes"),
    )
    assert wrong == []


def test_a_series_joins_nothing_across_a_silence_and_never_grows_without_end(tab: Page) -> None:
    told = run(
        tab,
        ["series.js"],
        script("kept_silence"),
    )
    assert isinstance(told, dict)
    assert told["pieces"] == [[0, 3, False], [2.5, 2, False], [2.7, 1, False]]
    points, last_s = told["long"]
    # an hour at ten a second, and more
    assert 36_000 < points <= 65_536
    assert last_s == pytest.approx(3 + 199_999 / 10)
    assert told["sparse"] <= 2048


def test_a_window_of_a_series_is_all_of_it_and_one_on_either_side(tab: Page) -> None:
    told = run(
        tab,
        ["series.js"],
        script("kept_window"),
    )
    assert told == []


def test_what_touches_a_window_is_found_whatever_the_order_it_came_in(tab: Page) -> None:
    wrong = run(
        tab,
        ["sorted.js"],
        script("kept_order"),
    )
    assert wrong == [[], True, False]


def test_runs_follow_each_other_on_one_axis(tab: Page) -> None:
    hellos = [
        {"source": "cam", "started_utc": "2024-02-29T12:00:00.000Z"},
        # a recording from the year before is played: it comes after, and keeps its own clock
        {"source": "cam", "started_utc": "2023-01-01T00:00:00.000Z", "replay": True},
        {"source": "clip.mp4", "started_utc": None},
    ]
    told = run(
        tab,
        ["runs.js"],
        f"const hellos = {json.dumps(hellos)};" + script("kept_runs"),
    )
    noon_s, new_year_s = 1_709_208_000, 1_672_531_200
    assert told == [
        [True, 7.5, noon_s + 7.5],
        [True, 7.5, new_year_s + 7.5],
        [True, 7.5, None],
    ]


def test_the_window_keeps_to_what_there_is(tab: Page) -> None:
    told = run(
        tab,
        ["view.js"],
        script("kept_view"),
    )
    assert told == [True, 60, True, True, False, True, 1, True, [977.5, 992.5], 992.5]


def test_percentiles_are_those_of_the_nearest_rank(tab: Page) -> None:
    told = run(
        tab,
        ["recent.js"],
        script("kept_percentiles"),
    )
    # the last minute of 1..200 is 141..200: ranks 30, 57 and 60 of 60
    assert told == [[170, 197, 200], [None, None, None], [5, 5, 5], 0]
