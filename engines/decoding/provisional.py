"""What the batch decoder would likely keep if the stream went on as it looks now.

Only for display: what is shown early never influences what is final.
"""

from dataclasses import dataclass

from engines.decoding.kind_stream import KindStream
from engines.decoding.proposals import Proposal


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposal as far as it is known.

    Attributes
    ----------
    proposal
        Its product takes the newest tick's offset probability where no offset has been found.
    found
        Whether an offset has been found; without one the proposal ends at the newest tick.
    settled
        Whether its apex has passed; one whose apex is still to come is not told, but keeps alive
        what it continues.
    """

    proposal: Proposal
    found: bool
    settled: bool = True

    @property
    def order(self) -> tuple[bool, tuple[float, int, int]]:
        """Sort key: those with an offset first, then the best."""
        return (not self.found, self.proposal.order)

    def hidden_by(self, shown: Proposal, iou: float) -> bool:
        """Whether a better proposal leaves no room for this one."""
        if self.found:
            return self.proposal.overlaps(shown, iou)
        # an interval that has not ended yet is too short for a fair IoU
        return self.proposal.lies_in(shown.onset, shown.offset, iou)


def candidates(stream: KindStream, tick: int, offset: float) -> list[Candidate]:
    """Return everything undecided of one kind, best first.

    Parameters
    ----------
    stream
        The kind's proposals.
    tick, offset
        The newest tick and its offset probability.
    """
    found = [Candidate(proposal, True) for proposal in stream.waiting]
    for pending in stream.open:
        proposal = pending.proposal()
        if proposal is None:
            product = pending.product * offset
            open_end = Proposal(pending.onset, pending.apex, tick, product)
            found.append(Candidate(open_end, False))
        else:
            found.append(Candidate(proposal, True))
    return sorted(found, key=lambda c: c.order)


def winners(stream: KindStream, tick: int, offset: float, iou: float) -> list[Candidate]:
    """Return the undecided proposals of one kind that none of the others suppresses for now."""
    rivals = list(stream.kept)
    chosen: list[Candidate] = []
    for candidate in candidates(stream, tick, offset):
        if not any(candidate.hidden_by(rival, iou) for rival in rivals):
            rivals.append(candidate.proposal)
            chosen.append(candidate)
    return chosen
