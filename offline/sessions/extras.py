"""Packages that only some exports need."""

from importlib import import_module
from types import ModuleType

from engines.errors import UsageError


def require(module: str, extra: str) -> ModuleType:
    """Import a module of a package that not everyone has.

    Parameters
    ----------
    module
        Its full name.
    extra
        What installs it.

    Raises
    ------
    UsageError
        If it is not there.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise UsageError(
            f"--to: this format needs the package {package}: pip install 'fes[{extra}]'"
        ) from error
