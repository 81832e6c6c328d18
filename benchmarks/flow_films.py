"""Rendered films with known motion: the head still, the noise of a webcam."""

from dataclasses import dataclass
from typing import Final

from engines.intervals import Kind
from realtime.synthesis.action_units import Side
from realtime.synthesis.disturbances import Disturbances
from realtime.synthesis.expressions import Expression, Mix
from realtime.synthesis.portraits import Portrait
from realtime.synthesis.render import RenderedFrame, Renderer
from realtime.synthesis.script import Script
from realtime.synthesis.studio import Studio
from realtime.types import RATE_HZ

NOISE: Final = Disturbances(noise=1.0)
SIZE: Final = (640, 480)

BEGIN_S: Final = 0.1
"""Rest before the expression."""


@dataclass(frozen=True, slots=True)
class Film:
    """One expression to render.

    Attributes
    ----------
    group
        Films of one group are judged together.
    mix
        Action units and their shares.
    peak_px
        Displacement at the apex, canonical px.
    rise_s
        Time from rest to the apex. A micro-expression then falls as fast, others are held.
    """

    group: str
    mix: Mix
    peak_px: float
    rise_s: float

    def expression(self, until_s: float) -> Expression:
        """Return the expression; one that is held lasts beyond ``until_s``."""
        micro = self.group == MICRO
        end = BEGIN_S + 2 * self.rise_s if micro else until_s + 1 + self.rise_s
        return Expression(
            kind=Kind.MICRO if micro else Kind.MACRO,
            mix=self.mix,
            side=Side.BOTH,
            onset_s=BEGIN_S,
            apex_s=BEGIN_S + self.rise_s,
            offset_s=end,
            peak_px=self.peak_px,
            attack_s=self.rise_s,
            release_s=self.rise_s,
        )


MICRO: Final = "micro (< 2 px)"
MACRO: Final = "macro"
WIDE: Final = "mouth wide open"
GROUPS: Final = (MICRO, MACRO, WIDE)

ROUNDS: Final = (
    (
        Film(MICRO, (("AU1", 1.0), ("AU2", 0.9)), 1.0, 0.2),
        Film(MACRO, (("AU12", 1.0), ("AU6", 0.5), ("AU25", 0.5)), 7.0, 0.4),
        Film(WIDE, (("AU26", 1.0), ("AU25", 0.5)), 14.0, 0.5),
    ),
    (
        Film(MICRO, (("AU12", 1.0),), 1.5, 0.2),
        Film(MACRO, (("AU4", 1.0), ("AU7", 0.3)), 5.0, 0.4),
    ),
    (Film(MICRO, (("AU4", 1.0),), 0.7, 0.15),),
    (Film(MACRO, (("AU1", 0.9), ("AU2", 1.0), ("AU20", 0.8)), 6.0, 0.3),),
)
"""One round a portrait, in turn."""


def shoot(portrait: Portrait, film: Film, ticks: int, seed: int) -> list[RenderedFrame]:
    """Render ``ticks`` frames of a film at 30 Hz in front of a webcam's sensor."""
    expression = film.expression(ticks / RATE_HZ)
    script = Script(seed, expressions=[expression])
    studio = Studio(Renderer(portrait, SIZE), script, NOISE, seed)
    return [studio.shoot(tick / RATE_HZ) for tick in range(ticks)]
