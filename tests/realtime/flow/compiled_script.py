"""Prints a digest of a streaming flow's steps; with an argument, after the kernels' other uses."""

import hashlib
import sys

from realtime.flow.reference import ReferenceBank
from realtime.flow.step import Alignment
from realtime.flow.streaming import StreamingBank
from tests.realtime.flow.flow_makers import make_sites, steps_of_first, texture


def main() -> None:
    """Run everything."""
    crops = [texture(shift=(0.3 * k, -0.2 * k)) for k in range(5)]
    if len(sys.argv) > 1:
        steps_of_first(ReferenceBank(Alignment.RIGID), crops[:2], make_sites())
    steps = steps_of_first(StreamingBank(Alignment.RIGID), crops, make_sites())
    digest = hashlib.sha256(steps.patches.tobytes() + steps.motions.tobytes())
    print(len(steps), digest.hexdigest())  # noqa: T201


if __name__ == "__main__":
    main()
