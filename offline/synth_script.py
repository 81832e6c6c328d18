"""A script whose expressions are given and may overlap; everything else is drawn as ever."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from realtime.synthesis.action_units import no_actions
from realtime.synthesis.disturbances import Disturbances
from realtime.synthesis.expressions import MACRO_PX, Expression
from realtime.synthesis.script import (
    SPEECH_S,
    SPEECH_SHARE,
    Script,
    Speech,
    draw_pause,
    draw_speech,
    draw_speech_length,
)
from realtime.synthesis.state import FaceState

STRONGEST_PX: Final = MACRO_PX[1]
"""Of one action unit, when several expressions use it at a time."""

SPEECH_STREAM: Final = 8
"""Number of the generator for speech; the script's own have 0 to 7."""


class ComposedScript(Script):
    """What happens in a video of a timeline.

    Parameters
    ----------
    seed
        Of all random choices.
    disturbances
        Strength of everything that is no expression.
    expressions
        In the order of their onsets. Where some overlap, their action units add up, each to no
        more than the strongest single expression makes.
    until_s
        No burst of speech ends later. There is none during an expression either.
    """

    def __init__(
        self,
        seed: int,
        disturbances: Disturbances,
        expressions: Sequence[Expression],
        until_s: float,
    ) -> None:
        super().__init__(seed, disturbances, expressions=())
        self._expressions = tuple(expressions)
        rng = np.random.default_rng([seed, SPEECH_STREAM])
        self._speech = fill_pauses(rng, self._expressions, min(disturbances.speech, 2.0), until_s)

    @property
    def truth(self) -> tuple[Expression, ...]:
        """All expressions."""
        return self._expressions

    def at(self, time_s: float) -> FaceState:
        """Return the state at a time, s; times must not go back."""
        state = super().at(time_s)
        total, distractor = no_actions(), no_actions()
        for expression in self._expressions:
            if expression.onset_s < time_s < expression.offset_s:
                total += expression.actions(time_s)
        for speech in self._speech:
            if speech.start_s <= time_s <= speech.end_s:
                distractor += speech.actions(time_s)
                self._note("speech", speech.start_s, speech.end_s)
        limited = np.minimum(total, np.float32(STRONGEST_PX))
        return replace(state, expression=limited, distractor=distractor)


def fill_pauses(
    rng: np.random.Generator, expressions: Sequence[Expression], talk: float, until_s: float
) -> tuple[Speech, ...]:
    """Draw bursts of speech into the pauses between expressions.

    Parameters
    ----------
    rng
        Of all choices.
    expressions
        In the order of their onsets.
    talk
        Strength of speech; 0 for none.
    until_s
        End of the last pause, s.
    """
    out: list[Speech] = []
    for start_s, end_s in _pauses(expressions, until_s):
        time_s = start_s + draw_pause(rng)
        while time_s + SPEECH_S[0] < end_s:
            length_s = draw_speech_length(rng)
            speech = draw_speech(rng, time_s, talk, length_s)
            # as often as in a drawn script, whether it would fit or not
            if rng.random() < SPEECH_SHARE * talk and speech.end_s <= end_s:
                out.append(speech)
            time_s += length_s + draw_pause(rng)
    return tuple(out)


def _pauses(expressions: Sequence[Expression], until_s: float) -> list[tuple[float, float]]:
    out, free_s = [], 0.0
    for expression in expressions:
        if expression.onset_s > free_s:
            out.append((free_s, expression.onset_s))
        free_s = max(free_s, expression.offset_s)
    return [*out, (free_s, until_s)]
