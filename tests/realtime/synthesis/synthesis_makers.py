"""Small states and expressions that the tests of the renderer share."""

import numpy as np
from numpy.typing import NDArray

from engines.intervals import Kind
from realtime.synthesis.action_units import ACTIONS, Side, no_actions
from realtime.synthesis.expressions import Expression, Mix


def acting(**peaks_px: float) -> NDArray[np.float32]:
    """Action units on both sides, canonical px."""
    actions = no_actions()
    for name, peak in peaks_px.items():
        actions[ACTIONS.index(name)] = peak
    return actions


def expression(
    onset_s: float = 1.0,
    *,
    attack_s: float = 0.2,
    plateau_s: float = 0.5,
    release_s: float = 0.3,
    peak_px: float = 2.0,
    kind: Kind = Kind.MACRO,
    mix: Mix = (("AU12", 1.0),),
    side: Side = Side.BOTH,
) -> Expression:
    """An expression whose apex is the end of its rise."""
    apex_s = onset_s + attack_s
    return Expression(
        kind=kind,
        mix=mix,
        side=side,
        onset_s=onset_s,
        apex_s=apex_s,
        offset_s=apex_s + plateau_s + release_s,
        peak_px=peak_px,
        attack_s=attack_s,
        release_s=release_s,
    )
