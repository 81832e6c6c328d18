import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from offline.report.axes import Axis, span
from offline.report.polyline import area, compact, curve, short, simplify
from offline.report.svg import Drawing, number

HEIGHTS = st.lists(st.floats(0, 50), min_size=2, max_size=200)


def read(data: str) -> list[list[tuple[float, float]]]:
    """Read path data of relative lines as a browser does."""
    out = []
    for part in data.split("M")[1:]:
        numbers = [float(n) for n in re.findall(r"-?\d*\.?\d+", part)]
        steps = np.array(numbers).reshape(-1, 2)
        out.append([(x, y) for x, y in np.cumsum(steps, axis=0).tolist()])
    return out


@given(HEIGHTS)
def test_no_left_out_point_of_a_curve_is_far_from_its_line(heights: list[float]) -> None:
    x, y = np.arange(len(heights)) * 2.0, np.array(heights)
    kept = simplify(np.stack([x, y], axis=1), 0.35)
    assert np.abs(np.interp(x, kept[:, 0], kept[:, 1]) - y).max() <= 0.35 + 1e-9


@given(HEIGHTS)
def test_a_crowded_curve_keeps_its_ends_and_extremes(heights: list[float]) -> None:
    x, y = np.linspace(0, 5, len(heights)), np.array(heights)
    kept = simplify(np.stack([x, y], axis=1), 0.35)
    assert kept[0].tolist() == [x[0], y[0]]
    assert kept[-1].tolist() == [x[-1], y[-1]]
    assert kept[:, 1].max() >= y.max() - 0.35
    assert kept[:, 1].min() <= y.min() + 0.35


@given(HEIGHTS)
def test_short_paths_are_read_as_their_points_to_a_tenth(heights: list[float]) -> None:
    points = np.stack([np.arange(len(heights)) * 1.7, np.array(heights)], axis=1)
    (found,) = read(compact(points))
    assert np.abs(np.array(found) - points).max() <= 0.05 + 1e-6


@given(st.integers(-10_000, 10_000))
def test_a_number_of_tenths_is_read_as_itself(tenths: int) -> None:
    assert float(short(tenths)) == pytest.approx(tenths / 10)


def test_a_curve_has_a_gap_where_nothing_was_scored() -> None:
    y = np.array([0.0, 5.0, np.nan, np.nan, 7.0, 3.0])
    assert curve(np.arange(6.0), y) == "M0 0l1 5M4 7l1 -4"
    assert curve(np.arange(6.0), np.full(6, np.nan)) == ""


def test_an_area_stands_on_its_base() -> None:
    assert area(np.arange(2.0), np.array([2.0, 4.0]), 10.0) == "M0 10l0 -8 1 2 0 6z"


@pytest.mark.parametrize(
    ("low", "high", "wanted", "ticks"),
    [
        (0.0, 1.0, 4, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0.0, 40.0, 10, [0, 5, 10, 15, 20, 25, 30, 35, 40]),
        (0.13, 0.2, 4, [0.14, 0.16, 0.18, 0.2]),
        (-3.0, 3.0, 5, [-3, -2, -1, 0, 1, 2, 3]),
    ],
)
def test_ticks_are_round(low: float, high: float, wanted: int, ticks: list[float]) -> None:
    assert Axis(low, high, 0, 1).ticks(wanted) == pytest.approx(ticks)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(1, 12))
def test_ticks_are_within_their_axis_and_not_many(low: float, length: float, wanted: int) -> None:
    axis = Axis(low, low + length, 0, 100)
    ticks = axis.ticks(wanted)
    assert len(ticks) <= 2 * wanted + 1
    slack = 1e-6 * (abs(low) + length)
    assert all(low - slack <= tick <= low + length + slack for tick in ticks)


def test_an_axis_maps_its_ends_and_may_run_backwards() -> None:
    axis = Axis(0.0, 2.0, 100, 20)
    assert [axis.at(v) for v in (0, 1, 2)] == [100, 60, 20]
    assert axis.many(np.array([0.5])).tolist() == [80]


@pytest.mark.parametrize("ends", [(1.0, 1.0), (2.0, 1.0), (0.0, math.nan), (0.0, math.inf)])
def test_an_axis_without_length_is_refused(ends: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="low < high"):
        Axis(*ends, 0, 1)


@pytest.mark.parametrize(
    "values", [np.zeros(0), np.array([3.0]), np.array([np.nan, np.inf]), np.array([-1.0, 4.0])]
)
def test_a_range_is_never_empty(values: NDArray[np.float64]) -> None:
    low, high = span(values)
    assert low < high
    known = values[np.isfinite(values)]
    assert all(low <= value <= high for value in known)


def test_texts_and_attributes_of_a_drawing_are_escaped() -> None:
    nasty = "\"><script>x</script>&'"
    drawing = Drawing(10, 10, nasty).text(0, 0, nasty)
    svg = drawing.rect(0, 0, 1, 1, nasty, nasty).mark("circle", nasty, cx=1).render()
    assert "<script" not in svg
    assert svg.count("&lt;script&gt;") == 5


def test_sizes_are_never_negative_and_numbers_short() -> None:
    svg = Drawing(10, 10, "x").rect(0, 0, -3, 2.0, "c").render()
    assert 'width="0" height="2"' in svg
    assert [number(v) for v in (1.0, 0.25, -0.01, 1234.56)] == ["1", "0.2", "0", "1234.6"]
