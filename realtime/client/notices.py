"""What a client says besides the events themselves."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Restarted:
    """The service is another run than before: sequences, times and faces begin anew.

    Attributes
    ----------
    before, now
        The ``source`` of the envelopes up to here, and from here on.
    """

    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Missed:
    """Events that the service no longer had when the client came back.

    Attributes
    ----------
    first, last
        Their sequences, both included.
    """

    first: int
    last: int


Notice: TypeAlias = Restarted | Missed
