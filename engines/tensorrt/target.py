"""What a plan is built for: GPU generations for tensorrt-rtx, one GPU for tensorrt."""

from collections.abc import Sequence
from typing import Final

from engines.errors import UsageError
from engines.tensorrt.distribution import Distribution

TARGETS: Final = ("SM75", "SM80", "SM86", "SM89", "SM120")
"""Generations that tensorrt-rtx builds for on any machine, by compute capability: Turing, the
two of Ampere, Ada and Blackwell."""


def require_targets(distribution: Distribution, names: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the targets that a user named, in the order of :data:`TARGETS`.

    Parameters
    ----------
    distribution
        What builds; it must build ahead of time.
    names
        Targets in any order and case; none means all.

    Raises
    ------
    UsageError
        If a target is unknown, or the distribution builds for the GPU at hand alone.
    """
    if not distribution.ahead:
        raise UsageError(
            f"{distribution.name} builds for the GPU at hand; leave out --target, "
            "or take --distribution tensorrt-rtx"
        )
    wanted = {name.upper() for name in names} or set(TARGETS)
    unknown = sorted(wanted - set(TARGETS))
    if unknown:
        raise UsageError(
            f"target {', '.join(unknown)} is unknown; choose among {', '.join(TARGETS)}"
        )
    return tuple(target for target in TARGETS if target in wanted)


def gpu_target(distribution: Distribution, capability: tuple[int, int], name: str) -> str:
    """Return the target that a plan must have to run on a GPU.

    Parameters
    ----------
    distribution
        What runs the plan.
    capability
        The GPU's compute capability, such as (8, 6).
    name
        The GPU's product name. Plans of ``tensorrt`` are measured on one GPU and belong to it;
        those of ``tensorrt-rtx`` serve every GPU of a generation.
    """
    generation = f"SM{capability[0]}{capability[1]}"
    if distribution.ahead:
        return generation
    return f"{generation} {' '.join(name.split())}"
