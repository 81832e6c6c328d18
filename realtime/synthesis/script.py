"""A seeded script: what face, head, eyes and light do at every moment, without end."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.intervals import Kind
from realtime.synthesis.action_units import ACTIONS, no_actions
from realtime.synthesis.channels import Channel, Drift, blinks, leans, nods, saccades, turns
from realtime.synthesis.disturbances import STILL, Disturbances
from realtime.synthesis.expressions import Expression, draw_expression
from realtime.synthesis.state import FaceState, HeadPose, Light

REMEMBERED: Final = 10_000
"""Scripted intervals that are kept: hours of video, in constant memory."""

LARGEST_TURN_DEG: Final = 10.0
QUICK_SUCCESSION_S: Final = 0.3
QUICK_SUCCESSION_SHARE: Final = 0.15
REST_S: Final = (0.5, 4.0)

SPEECH_S: Final = (0.6, 3.0)
SPEECH_SHARE: Final = 0.2
"""Of the acts, at the full strength of speech."""

LOUDEST: Final = 1.3
"""Strength of speech above which its size grows no more."""

TRIES: Final = 6
"""Draws of an act that still fits in before a script that ends falls still."""


@dataclass(frozen=True, slots=True)
class Speech:
    """A burst of speech-like mouth motion, a distractor: syllables of changing size."""

    start_s: float
    end_s: float
    rate_hz: float
    size_px: float
    phase: float

    def actions(self, time_s: float) -> NDArray[np.float32]:
        """Return the mouth's action units at a time, float32 (len(ACTIONS), 2)."""
        total = no_actions()
        edge = min(time_s - self.start_s, self.end_s - time_s) / 0.15
        swell = 0.6 + 0.4 * np.sin(2.3 * time_s + self.phase)
        turn = 2 * np.pi * self.rate_hz * (time_s - self.start_s)
        open_ = (0.5 - 0.5 * np.cos(turn)) * swell * float(np.clip(edge, 0, 1))
        round_ = np.sin(0.37 * turn + self.phase) * float(np.clip(edge, 0, 1))
        for name, share in (("AU26", 0.8 * open_), ("AU25", 0.5 * open_)):
            total[ACTIONS.index(name)] = self.size_px * share
        total[ACTIONS.index("AU18" if round_ > 0 else "AU20")] = 0.3 * self.size_px * abs(round_)
        return total


NOTHING: Final = Speech(float("inf"), float("inf"), 1.0, 0.0, 0.0)
"""Stands after the last act of a script that ends."""


@dataclass(frozen=True, slots=True)
class Distractor:
    """An interval of motion that is no expression: ``blink`` or ``speech``."""

    name: str
    start_s: float
    end_s: float


class _Act:
    """An expression or a burst of speech, with a rest before it."""

    def __init__(self, motion: Expression | Speech) -> None:
        self.motion = motion
        spoken = isinstance(motion, Speech)
        self.start_s = motion.start_s if isinstance(motion, Speech) else motion.onset_s
        self.end_s = motion.end_s if isinstance(motion, Speech) else motion.offset_s
        self.expression = None if spoken else motion


class Script:
    """What happens at every moment; the same seed gives the same script.

    Parameters
    ----------
    seed
        Of all random choices.
    disturbances
        Strength of everything that is no expression.
    expressions
        These alone, in order of time, in place of drawn ones.
    micro_share
        Share of micro-expressions among the drawn ones.
    until_s
        No drawn expression or burst of speech ends later; None for a script without end.

    Raises
    ------
    ValueError
        If given expressions overlap or are out of order.
    """

    def __init__(
        self,
        seed: int,
        disturbances: Disturbances = STILL,
        expressions: Iterable[Expression] | None = None,
        micro_share: float = 0.5,
        until_s: float | None = None,
    ) -> None:
        self._strength = disturbances
        rngs = [np.random.default_rng([seed, stream]) for stream in range(8)]
        draw = self._drawer(micro_share, np.inf if until_s is None else until_s)
        self._acts = Channel(rngs[0], draw if expressions is None else _Listed(expressions))
        lids = blinks(max(disturbances.blinks, 1e-6))
        self._blinks, self._turns = Channel(rngs[1], lids), Channel(rngs[2], turns)
        self._leans, self._nods = Channel(rngs[3], leans), Channel(rngs[4], nods)
        self._saccades = Channel(rngs[5], saccades)
        self._sway = Drift(rngs[6], 6, 0.03, 0.5)
        self._lamp = Drift(rngs[7], 3, 0.02, 0.3)
        self._flicker_hz = float(rngs[7].uniform(4.0, 12.0))
        self._truth: deque[Expression] = deque(maxlen=REMEMBERED)
        self._distractors: deque[Distractor] = deque(maxlen=REMEMBERED)
        self._latest: dict[str, Distractor] = {}

    @property
    def truth(self) -> tuple[Expression, ...]:
        """Expressions that have begun so far, the latest ten thousand."""
        return tuple(self._truth)

    @property
    def distractors(self) -> tuple[Distractor, ...]:
        """Blinks and bursts of speech that have begun so far, the latest ten thousand."""
        return tuple(self._distractors)

    def at(self, time_s: float) -> FaceState:
        """Return the state at a time, s; times must not go back."""
        act = self._acts.at(time_s)
        motion = act.motion if act else None
        expression = motion if isinstance(motion, Expression) else None
        if expression and (not self._truth or self._truth[-1] is not expression):
            self._truth.append(expression)
        speech = motion if isinstance(motion, Speech) else None
        if speech:
            self._note("speech", speech.start_s, speech.end_s)
        return FaceState(
            expression=expression.actions(time_s) if expression else no_actions(),
            distractor=speech.actions(time_s) if speech else no_actions(),
            closure=self._closure(time_s),
            gaze_px=self._gaze(time_s),
            pose=self._pose(time_s),
            light=self._light(time_s),
        )

    def _drawer(
        self, micro_share: float, until_s: float
    ) -> Callable[[np.random.Generator, float], _Act]:

        def draw(rng: np.random.Generator, after_s: float) -> _Act:
            start = after_s + (draw_rest(rng) if after_s else rng.uniform(1.0, 2.5))
            for _ in range(TRIES):
                act = self._draw_act(rng, start, micro_share)
                if act.end_s <= until_s:
                    return act
            return _Act(NOTHING)

        return draw

    def _draw_act(self, rng: np.random.Generator, start_s: float, micro_share: float) -> _Act:
        talk = min(self._strength.speech, 2.0)
        if rng.random() < SPEECH_SHARE * talk:
            return _Act(draw_speech(rng, start_s, talk))
        kind = Kind.MICRO if rng.random() < micro_share else Kind.MACRO
        return _Act(draw_expression(rng, kind, start_s))

    def _closure(self, time_s: float) -> tuple[float, float]:
        blink = self._blinks.at(time_s) if self._strength.blinks else None
        if blink is None:
            return 0.0, 0.0
        self._note("blink", blink.start_s, blink.end_s)
        return blink.closure(time_s)

    def _note(self, name: str, start_s: float, end_s: float) -> None:
        noted = Distractor(name, start_s, end_s)
        if self._latest.get(name) != noted:
            self._latest[name] = noted
            self._distractors.append(noted)

    def _gaze(self, time_s: float) -> tuple[float, float]:
        look = self._saccades.at(time_s)
        if look is None:
            return 0.0, 0.0
        x, y = np.clip(self._strength.gaze * look.value(time_s), (-4, -1.5), (4, 1.5))
        return float(x), float(y)

    def _pose(self, time_s: float) -> HeadPose:
        strength, sway = self._strength, self._sway.at(time_s)
        angles = strength.drift * np.array([4.0, 3.0, 2.5]) * sway[:3]
        if turn := self._turns.at(time_s):
            angles = angles + strength.turns * turn.value(time_s)
        if nod := self._nods.at(time_s):
            angles = angles + strength.nods * nod.value(time_s)
        yaw, pitch, roll = LARGEST_TURN_DEG * np.tanh(angles / LARGEST_TURN_DEG)
        growth = 0.03 * sway[5]
        if lean := self._leans.at(time_s):
            growth += lean.value(time_s)[0]
        x, y = strength.drift * np.array([9.0, 5.0]) * sway[3:5]
        growth = float(np.clip(strength.lean * growth, -0.08, 0.15))
        return HeadPose(float(yaw), float(pitch), float(roll), (float(x), float(y)), growth)

    def _light(self, time_s: float) -> Light:
        gain, warmth, gradient = self._strength.light * self._lamp.at(time_s)
        mains = np.sin(2 * np.pi * self._flicker_hz * time_s)
        flicker = 0.012 * self._strength.flicker * float(mains)
        return Light(1 + 0.12 * float(gain) + flicker, 0.04 * float(warmth), 0.15 * float(gradient))


class _Listed:
    """Deals out given expressions, then rests for ever."""

    def __init__(self, expressions: Iterable[Expression]) -> None:
        self._left = deque(expressions)
        pairs = zip(list(self._left), list(self._left)[1:], strict=False)
        for earlier, later in pairs:
            if later.onset_s < earlier.offset_s:
                raise ValueError(f"expressions overlap at {later.onset_s} s; put them in order")

    def __call__(self, _rng: np.random.Generator, _after_s: float) -> _Act:
        """Return the next expression, or a rest that never ends."""
        if self._left:
            return _Act(self._left.popleft())
        return _Act(NOTHING)


def draw_speech(
    rng: np.random.Generator, start_s: float, talk: float, length_s: float | None = None
) -> Speech:
    """Draw a burst of speech.

    Parameters
    ----------
    rng
        Of all choices.
    start_s
        When it begins, s.
    talk
        Strength of speech.
    length_s
        How long it takes, s; drawn too when None.
    """
    size = rng.uniform(2.0, 6.0) * min(talk, LOUDEST)
    end = start_s + (draw_speech_length(rng) if length_s is None else length_s)
    return Speech(start_s, end, rng.uniform(2.5, 5.5), size, rng.uniform(0, 6))


def draw_speech_length(rng: np.random.Generator) -> float:
    """Draw how long a burst of speech takes, s."""
    return rng.uniform(*SPEECH_S)


def draw_rest(rng: np.random.Generator) -> float:
    """Draw the rest before an act, s: now and then hardly any."""
    return QUICK_SUCCESSION_S if rng.random() < QUICK_SUCCESSION_SHARE else draw_pause(rng)


def draw_pause(rng: np.random.Generator) -> float:
    """Draw a rest that can be seen as one, s: short ones are as likely as long ones."""
    return float(np.exp(rng.uniform(np.log(REST_S[0]), np.log(REST_S[1]))))
