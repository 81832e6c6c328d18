"""The two distributions of TensorRT; their Python modules have nearly the same interface."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType, ModuleType
from typing import Final, Literal

from engines.errors import ModelError, UsageError
from engines.text import one_line

DistributionName = Literal["tensorrt", "tensorrt-rtx"]


@dataclass(frozen=True, slots=True)
class Distribution:
    """One distribution of TensorRT.

    Attributes
    ----------
    name
        What users call it; the name of the backend too.
    module
        Its Python module.
    extra
        What to install to have it.
    ahead
        Whether it builds plans for named GPU generations on a machine without a GPU.
    """

    name: DistributionName
    module: str
    extra: str
    ahead: bool


TENSORRT: Final = Distribution("tensorrt", "tensorrt", "fes[tensorrt]", ahead=False)
TENSORRT_RTX: Final = Distribution("tensorrt-rtx", "tensorrt_rtx", "fes[tensorrt-rtx]", ahead=True)

DISTRIBUTIONS: Final[Mapping[str, Distribution]] = MappingProxyType(
    {distribution.name: distribution for distribution in (TENSORRT_RTX, TENSORRT)}
)
"""By name, the one that is preferred first."""


def find_distribution(name: str) -> Distribution:
    """Return a distribution by its name.

    Raises
    ------
    UsageError
        If there is none of that name.
    """
    try:
        return DISTRIBUTIONS[name]
    except KeyError:
        raise UsageError(
            f"distribution {name!r} is unknown; choose one of {', '.join(DISTRIBUTIONS)}"
        ) from None


def load(distribution: Distribution) -> ModuleType:
    """Import a distribution's module; a second call costs nothing.

    Raises
    ------
    ModelError
        If it is not installed, or is installed and does not load.
    """
    try:
        return importlib.import_module(distribution.module)
    except ModuleNotFoundError as error:
        if error.name == distribution.module:
            raise ModelError(
                f"{distribution.name} is not installed; pip install '{distribution.extra}'"
            ) from None
        raise _broken(distribution, error) from error
    except Exception as error:  # its loader opens shared libraries and raises what it likes
        raise _broken(distribution, error) from error


def version_of(module: ModuleType) -> str:
    """Return the version of a loaded TensorRT, such as ``1.7.1.116``."""
    return str(module.__version__)


def _broken(distribution: Distribution, error: Exception) -> ModelError:
    reason = one_line(error) or type(error).__name__
    return ModelError(
        f"{distribution.name} is installed but does not load: {reason}; "
        f"pip install --force-reinstall '{distribution.extra}'"
    )
