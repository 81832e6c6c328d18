"""Errors that a person sees as one line, and the exit code that each one means.

Every error that a user can cause or mend derives from :class:`FesError`. Its text says what
failed, where, and what to do. Anything else that escapes is a defect and exits with code 1.
"""

from typing import ClassVar


class FesError(Exception):
    """An error with one clear line for the user and an exit code."""

    exit_code: ClassVar[int] = 1


class UsageError(FesError):
    """Options or configuration that cannot be honoured."""

    exit_code: ClassVar[int] = 2


class SourceError(FesError):
    """A source of frames that cannot be read, or that was lost."""

    exit_code: ClassVar[int] = 3


class ModelError(FesError):
    """A model file or an engine that cannot be used."""

    exit_code: ClassVar[int] = 4
