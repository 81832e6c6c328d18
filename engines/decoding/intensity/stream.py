"""The decoder of a live stream: the same intervals as the batch decoder, as early as certain."""

from collections.abc import Mapping
from dataclasses import dataclass

from engines.decoding.board import Board
from engines.decoding.changes import Change
from engines.decoding.intensity.batch import decide
from engines.decoding.intensity.outlook import Outlook
from engines.decoding.intensity.proposals import Piece, cut, known_at
from engines.decoding.intensity.rules import INTENSITY, IntensityRules
from engines.decoding.intensity.segment import Segment
from engines.decoding.proposals import Proposal
from engines.decoding.reading import read_scores, require_next
from engines.intervals import Interval, Kind


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A piece that has ended, and the tick that makes it final."""

    piece: Piece
    known_at: int


class IntensityDecoder:
    """Finds expressions in an intensity curve tick by tick.

    The ``end`` intervals of a segment are exactly those that
    :func:`engines.decoding.intensity.batch.decode_intensity` finds in it. An expression is shown
    as ``new`` once the intensity falls from its apex. Little more
    than one and a half times ``longest_run`` ticks are remembered, and no expression is decided
    later than one and a quarter times ``longest_run`` after its onset.

    Parameters
    ----------
    rules
        What to go by; the paper's rules by default.

    Examples
    --------
    >>> decoder = IntensityDecoder()
    >>> decoder.push(0, {"intensity": 0.1, "micro_action": 0.0, "macro_action": 0.0})
    ()
    >>> decoder.finish()
    ()
    """

    def __init__(self, rules: IntensityRules | None = None) -> None:
        self._rules = IntensityRules() if rules is None else rules
        self._board = Board(lambda score: score)
        self._newest: int | None = None
        self._begin(None)

    def _begin(self, segment: Segment | None) -> None:
        self._segment = segment
        self._start: int | None = None
        self._waiting: list[_Waiting] = []
        self._outlook = Outlook(self._rules)

    def push(self, tick: int, scores: Mapping[str, float]) -> tuple[Change, ...]:
        """Take the scores of the next tick.

        Parameters
        ----------
        tick
            One more than the last within a segment; any later one after :meth:`finish`.
        scores
            ``intensity``, ``micro_action`` and ``macro_action``, probabilities; other names are
            not read.

        Returns
        -------
        tuple of Change
            What a listener should be told, in this order.

        Raises
        ------
        ValueError
            If the tick is out of order or a score is missing or not a probability. Nothing is
            changed then.
        """
        require_next(tick, self._newest, self._segment is not None)
        marks = read_scores(scores, self._rules.outputs)
        segment = self._segment
        if segment is None:
            segment = Segment(tick)
            self._begin(segment)
        segment.push(marks)
        self._newest = tick
        self._extend(segment, tick, marks[INTENSITY])
        ended = self._take_final(segment, tick)
        pieces = [w.piece for w in self._waiting]
        self._outlook.update(segment, pieces, self._start, tick, final=bool(ended))
        changes = self._announce(tick, ended)
        self._forget(segment, tick)
        return changes

    def finish(self) -> tuple[Change, ...]:
        """End the segment (end of stream, or a gap) and decide everything still open."""
        segment, tick = self._segment, self._newest
        if segment is None or tick is None:
            return ()
        if self._start is not None:
            self._waiting.append(_Waiting(Piece(self._start, tick), tick))
        ended = self._decide(segment, self._waiting)
        self._begin(None)
        return self._announce(tick, ended)

    def _extend(self, segment: Segment, tick: int, intensity: float) -> None:
        """Begin, end or cut the piece that the newest tick is in."""
        above = intensity > self._rules.thresholds[0]
        longest = self._rules.longest_run
        if self._start is None:
            self._start = tick if above else None
        elif not above:
            self._close(segment, Piece(self._start, tick - 1))
            self._start = None
        elif tick - self._start >= longest:
            run = segment.between(self._start, tick - 1)
            following = self._start + cut(run, longest)
            self._close(segment, Piece(self._start, following - 1))
            self._start = following

    def _close(self, segment: Segment, piece: Piece) -> None:
        self._waiting.append(_Waiting(piece, known_at(segment, piece, self._rules)))

    def _take_final(self, segment: Segment, tick: int) -> list[Interval]:
        final = [w for w in self._waiting if w.known_at <= tick]
        if final:
            self._waiting = [w for w in self._waiting if w.known_at > tick]
        return self._decide(segment, final)

    def _decide(self, segment: Segment, final: list[_Waiting]) -> list[Interval]:
        return [found for w in final for found in decide(segment, w.piece, self._rules)]

    def _announce(self, tick: int, ended: list[Interval]) -> tuple[Change, ...]:
        changes: list[Change] = []
        for kind in (Kind.MACRO, Kind.MICRO):
            final = [Proposal(i.onset, i.apex, i.offset, i.score) for i in ended if i.kind is kind]
            changes += self._board.update(kind, tick, final, self._outlook.likely(kind))
        return tuple(changes)

    def _forget(self, segment: Segment, tick: int) -> None:
        """Keep what is undecided, and a quarter of the longest piece before it."""
        starts = [w.piece.onset for w in self._waiting]
        earliest = min([*starts, tick + 1 if self._start is None else self._start])
        segment.forget(earliest - -(-self._rules.longest_run // 4))
