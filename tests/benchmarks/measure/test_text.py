"""Figures as people read them."""

import io
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.measure import text
from benchmarks.measure.figures import Bin, Spread, histogram
from benchmarks.measure.text import (
    SPARKS,
    WIDTH,
    histogram_lines,
    number,
    sparkline,
    spread_cells,
    table,
)


def prints(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding)
    monkeypatch.setattr(text, "sys", SimpleNamespace(stdout=stream))


@pytest.fixture(autouse=True)
def utf8(monkeypatch: pytest.MonkeyPatch) -> None:
    prints(monkeypatch, "utf-8")


@pytest.fixture
def ascii_only(monkeypatch: pytest.MonkeyPatch, utf8: None) -> None:
    prints(monkeypatch, "ascii")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "0.00"), (1.234, "1.23"), (12.34, "12.3"), (1234.5, "1234"), (-3.0, "-3.00"),
     (None, "-")],
)  # fmt: skip
def test_numbers_have_about_three_digits(value: float | None, shown: str) -> None:
    assert number(value) == shown


def test_columns_are_aligned_names_left_and_figures_right() -> None:
    assert table(("ms", "p50"), [("wait", "1.5"), ("x", "12.5")]) == [
        "ms     p50",
        "wait   1.5",
        "x     12.5",
    ]


def test_a_stage_that_never_ran_has_no_figures() -> None:
    assert spread_cells(None) == ("0", "-", "-", "-", "-")
    assert spread_cells(Spread(3, 1, 2, 3, 4)) == ("3", "1.00", "2.00", "3.00", "4.00")


def test_the_longest_bar_fills_the_line_and_half_of_it_is_half() -> None:
    full, half = histogram_lines([Bin(1.0, 1.25, 10), Bin(1.25, 1.6, 5)])
    assert len(full) == len(half) == WIDTH
    assert full.count("█") in (2 * half.count("█"), 2 * half.count("█") + 1)


def test_one_of_a_million_still_shows() -> None:
    rare = histogram_lines([Bin(1.0, 1.25, 1_000_000), Bin(1.25, 1.6, 1)])[1]
    assert "▏" in rare
    empty = histogram_lines([Bin(1.0, 1.25, 1_000_000), Bin(1.25, 1.6, 0)])[1]
    assert not set(empty) & set("▏▎▍▌▋▊▉█")


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=50))
def test_no_line_of_a_histogram_is_wider_than_80_columns(values: list[float]) -> None:
    lines = histogram_lines(histogram(values))
    assert lines
    assert all(len(line) <= WIDTH for line in lines)


@pytest.mark.usefixtures("ascii_only")
def test_where_blocks_cannot_be_printed_plain_signs_are() -> None:
    lines = histogram_lines([Bin(1.0, 1.25, 10), Bin(1.25, 1.6, 1)])
    assert all(line.isascii() and "#" in line for line in lines)
    assert sparkline([1.0, 2.0]).isascii()


def test_a_sparkline_runs_from_the_lowest_to_the_highest_sign() -> None:
    assert sparkline(list(range(8))) == SPARKS


def test_a_level_series_is_a_level_line_and_nothing_is_nothing() -> None:
    assert sparkline([5.0] * 4) == SPARKS[0] * 4
    assert sparkline([]) == ""


def test_a_long_series_is_thinned_and_keeps_its_peak() -> None:
    line = sparkline([0.0] * 500 + [1.0] + [0.0] * 499)
    assert len(line) == 60
    assert line.count(SPARKS[-1]) == 1
    assert line.index(SPARKS[-1]) == 30
