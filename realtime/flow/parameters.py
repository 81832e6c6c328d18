"""Farneback's parameters, common to the reference and the streaming flow."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FlowParameters:
    """Parameters of the flow; the defaults are those in use for this family of methods.

    Attributes
    ----------
    levels
        Pyramid levels, each half the size of the one before.
    window_px
        Side of the square over which the displacement is averaged, px.
    iterations
        Refinements per level of the reference.
    poly_radius_px
        Radius of the neighbourhood of the polynomial expansion, px.
    poly_sigma_px
        Standard deviation of its Gaussian weight, px.
    """

    levels: int = 3
    window_px: int = 15
    iterations: int = 5
    poly_radius_px: int = 7
    poly_sigma_px: float = 1.5
