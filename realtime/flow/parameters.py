"""The flow's parameters, common to the reference and the streaming flow."""

from dataclasses import dataclass
from typing import Final

from realtime.flow.kernels.options import LARGEST_BLOCK_PX

EYE_DISTANCE_PX: Final = 96.0
"""Distance of the outer eye corners (landmarks 36 and 45) on the canonical face, px: the unit in
which every displacement is given, whatever the size of the crop that it was measured on."""

SMALLEST_LEVEL_PX: Final = 3
"""Of which every second pixel still makes two, so that there is something to interpolate."""


@dataclass(frozen=True, slots=True)
class FlowParameters:
    """Parameters of the flow; docs/features.md has the measurements behind the defaults.

    Attributes
    ----------
    zoom
        Pixels of the crop per canonical px.
    levels
        Pyramid levels, each half the size of the one before.
    window_px
        Side of the square over which the displacement is averaged, px of the crop, odd.
    patch_radius_px
        Half a patch without its centre, px of the crop.
    iterations
        Refinements per level of the reference.
    poly_radius_px
        Radius of the neighbourhood of the polynomial expansion, px.
    poly_sigma_px
        Standard deviation of its Gaussian weight, px.

    Raises
    ------
    ValueError
        If a number makes no sense, or if the crop is too small for a patch or for the levels.
    """

    zoom: float = 0.75
    levels: int = 3
    window_px: int = 11
    patch_radius_px: int = 4
    iterations: int = 5
    poly_radius_px: int = 7
    poly_sigma_px: float = 1.5

    def __post_init__(self) -> None:
        counts = (self.levels, self.window_px, self.iterations, self.poly_radius_px)
        lengths = (self.zoom, self.poly_sigma_px)
        if (
            not all(0 < length < float("inf") for length in lengths)
            or min(counts) < 1
            or self.window_px % 2 == 0
            or self.patch_radius_px < 0
        ):
            raise ValueError(
                "zoom is positive, window_px is odd, levels is at least 1, and so on "
                "(see FlowParameters)"
            )
        self._check_room()

    def _check_room(self) -> None:
        smallest, side = min(self.crop_size), 2 * self.patch_radius_px + self.window_px
        if side > LARGEST_BLOCK_PX or side >= smallest:
            raise ValueError(
                f"a patch with its window has {side} px, which is more than {LARGEST_BLOCK_PX} or "
                f"than the crop has ({smallest}): take a larger zoom or a smaller window"
            )
        if smallest >> (self.levels - 1) < SMALLEST_LEVEL_PX:
            raise ValueError(f"{self.levels} are too many levels for a crop of {smallest} px")

    @property
    def eyes_px(self) -> float:
        """Distance of the outer eye corners on the crop, px."""
        return EYE_DISTANCE_PX * self.zoom

    @property
    def crop_size(self) -> tuple[int, int]:
        """Height and width of the crop, px."""
        # multiples of four, so that three levels fit without a rest
        return round(56 * self.zoom) * 4, round(52 * self.zoom) * 4
