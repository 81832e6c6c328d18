"""What the flow may be asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.flow.parameters import EYE_DISTANCE_PX, FlowParameters


@given(st.floats(0.25, 4))
def test_a_crop_is_in_proportion_to_its_zoom_and_halves_twice_without_a_rest(zoom: float) -> None:
    parameters = FlowParameters(zoom=zoom)
    height, width = parameters.crop_size
    assert parameters.eyes_px == pytest.approx(zoom * EYE_DISTANCE_PX)
    assert abs(height - 224 * zoom) <= 2
    assert abs(width - 208 * zoom) <= 2
    assert height % 4 == width % 4 == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"zoom": 0},
        {"zoom": -1.0},
        {"zoom": float("nan")},
        {"zoom": float("inf")},
        {"window_px": 14},
        {"window_px": -1},
        {"levels": 0},
        {"patch_radius_px": -1},
        {"iterations": 0},
        {"poly_sigma_px": 0.0},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="zoom is positive"):
        FlowParameters(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"zoom": 0.05},
        {"window_px": 61, "patch_radius_px": 2},
        {"window_px": 15, "patch_radius_px": 25},
    ],
)
def test_a_patch_that_is_too_large_for_the_crop_or_for_the_kernels_is_refused(
    wrong: dict[str, float],
) -> None:
    with pytest.raises(ValueError, match="a patch with its window"):
        FlowParameters(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"levels": 8}, {"zoom": 0.25, "levels": 6}])
def test_a_level_of_no_size_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="too many levels"):
        FlowParameters(**wrong)  # type: ignore[arg-type]
