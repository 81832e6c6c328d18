"""Which face of a frame is which of those seen shortly before.

A face is the one that it lies nearest to, in widths of that face, counted from where that one's
motion has taken it meanwhile, and of about its size. The longer a face has been away, the farther
it may have moved. Where that leaves a choice, as when two people pass each other, what they look
like decides (:mod:`realtime.faces.looks`).
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from realtime.faces.looks import Look, normal, unlike

MEMORY_S: Final = 2.0
"""A face that is back within this time, s, and near where it was, is the same one."""

_REACH: Final = 0.75
"""The farthest that a face moves between two sightings, in widths of the face."""

_STRAY: Final = 1.0
"""By how much that grows while it is away, widths per s."""

_COAST_S: Final = 0.25
"""A face that is not seen is taken to move on as it did for so long, s."""

_SWING_S: Final = 0.1
"""Over which its motion is averaged, s."""

_LARGEST: Final = math.log(2.0)
"""A face grows or shrinks by less than this, as a logarithm, between two sightings."""

_UNLIKE: Final = 2.0
"""Widths that a face may be farther away for looking the same rather than like anybody."""

_ONE: Final = 0.35
"""Two meshes nearer to each other than this, in widths, lie on one face."""

_APART: Final = 1.2
"""A look is learnt while no other face is nearer than this, in widths: it may cover this one."""

_LEARN_S: Final = 0.2
_LEARN: Final = 0.3
"""How often a look is learnt, s, and what the newest then counts."""

Position = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A face of the newest frame.

    Attributes
    ----------
    centre, width
        Of its mesh, px.
    look
        Returns what it looks like; called only where that matters.
    """

    centre: Position
    width: float
    look: Callable[[], Look]


@dataclass(slots=True)
class _Known:
    """A face that was seen: where, how large, when (s), how it moved (px/s), what it looks like."""

    track: int
    centre: Position
    width: float
    seen_s: float
    velocity: Position = (0.0, 0.0)
    look: Look | None = None
    learnt_s: float = -math.inf

    def far(self, one: Candidate, now_s: float) -> float | None:
        """Return how far a candidate is from where this face may be, or None if it is another."""
        away_s = now_s - self.seen_s
        on_s = min(away_s, _COAST_S)
        ahead = tuple(c + v * on_s for c, v in zip(self.centre, self.velocity, strict=True))
        far = math.dist(one.centre, ahead) / self.width
        grown = abs(math.log(one.width / self.width))
        if far > _REACH + _STRAY * away_s or grown > _LARGEST:
            return None
        return far + grown

    def see(self, one: Candidate, now_s: float) -> None:
        """Take where this face is now."""
        passed_s = now_s - self.seen_s
        if 0 < passed_s <= _COAST_S:
            new = 1 - math.exp(-passed_s / _SWING_S)
            (x, y), (x0, y0), (vx, vy) = one.centre, self.centre, self.velocity
            self.velocity = (
                vx + new * ((x - x0) / passed_s - vx),
                vy + new * ((y - y0) / passed_s - vy),
            )
        elif passed_s > _COAST_S:
            self.velocity = (0.0, 0.0)
        self.centre, self.width, self.seen_s = one.centre, one.width, now_s

    def learn(self, one: Candidate, now_s: float) -> None:
        """Take what this face looks like now."""
        if now_s - self.learnt_s < _LEARN_S:
            return
        self.learnt_s = now_s
        look = one.look()
        self.look = look if self.look is None else normal(self.look + _LEARN * (look - self.look))


class Identities:
    """Gives each face the number of the one that it was shortly before, or a new number.

    Numbers count up from 0 and are never used again.
    """

    def __init__(self) -> None:
        self._known: list[_Known] = []
        self._next = 0

    def identify(self, candidates: Sequence[Candidate], now_s: float) -> list[int | None]:
        """Return the number of each face of a frame; None for a second mesh on one face.

        Parameters
        ----------
        candidates
            The faces found.
        now_s
            Time of the frame, s; later than before.
        """
        self._known = [known for known in self._known if now_s - known.seen_s <= MEMORY_S]
        matches = self._matches(candidates, now_s)
        doubles = _doubles(candidates, matches)
        out: list[int | None] = []
        for number, one in enumerate(candidates):
            if number in doubles:
                out.append(None)
                continue
            known = matches[number][1] if number in matches else self._new(one, now_s)
            known.see(one, now_s)
            if all(_apart(one, other) > _APART for other in candidates if other is not one):
                known.learn(one, now_s)
            out.append(known.track)
        return out

    def _matches(
        self, candidates: Sequence[Candidate], now_s: float
    ) -> dict[int, tuple[float, _Known]]:
        """Match faces to those that are known, nearest first: how far each is, and which."""
        near = [
            (far, number, known)
            for number, one in enumerate(candidates)
            for known in self._known
            if (far := known.far(one, now_s)) is not None
        ]
        out: dict[int, tuple[float, _Known]] = {}
        taken: set[int] = set()
        for far, number, known in sorted(_weighed(near, candidates), key=lambda one: one[0]):
            if number not in out and known.track not in taken:
                out[number] = far, known
                taken.add(known.track)
        return out

    def _new(self, one: Candidate, now_s: float) -> _Known:
        known = _Known(self._next, one.centre, one.width, now_s)
        self._next += 1
        self._known.append(known)
        return known


_Pair = tuple[float, int, _Known]


def _weighed(pairs: list[_Pair], candidates: Sequence[Candidate]) -> list[_Pair]:
    """Add how unlike they look to how far they are, where there is a choice."""
    faces = Counter(number for _, number, _ in pairs)
    tracks = Counter(known.track for _, _, known in pairs)
    return [
        (far + _UNLIKE * unlike(candidates[number].look(), known.look), number, known)
        if known.look is not None and (faces[number] > 1 or tracks[known.track] > 1)
        else (far, number, known)
        for far, number, known in pairs
    ]


def _apart(one: Candidate, other: Candidate) -> float:
    return math.dist(one.centre, other.centre) / max(one.width, other.width)


def _doubles(candidates: Sequence[Candidate], matches: dict[int, tuple[float, _Known]]) -> set[int]:
    """Return the faces that lie on others which fit better."""
    fits = sorted(range(len(candidates)), key=lambda n: matches[n][0] if n in matches else math.inf)
    kept: list[int] = []
    for number in fits:
        if all(_apart(candidates[number], candidates[other]) >= _ONE for other in kept):
            kept.append(number)
    return set(fits) - set(kept)
