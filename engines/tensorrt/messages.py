"""TensorRT's own log: kept for the text of errors, and passed on to Python's."""

import logging
from collections import deque
from collections.abc import Callable
from types import ModuleType
from typing import Final, Protocol

KEPT: Final = 20
"""Errors that are kept, the newest; one failure rarely causes more than a few."""

log = logging.getLogger(__name__)


class Messages(Protocol):
    """TensorRT's logger, which must outlive whatever logs to it."""

    errors: deque[str]


def collect_messages(trt: ModuleType) -> Messages:
    """Return a logger for TensorRT that keeps errors in ``errors``."""
    severity = trt.ILogger.Severity
    serious = (severity.INTERNAL_ERROR, severity.ERROR)

    def log_message(self: Messages, severity: object, text: str) -> None:
        if severity in serious:
            self.errors.append(" ".join(text.split()))
        # TensorRT warns of much that concerns no user; what fails comes up as an error of its own
        log.debug("%s", text)

    return _subclass(trt.ILogger, log_message)()


def take_error(messages: Messages) -> str:
    """Return the first error since the last call, which is the cause of the others.

    Returns
    -------
    str
        For the end of an error's text: a colon and the reason, or nothing.
    """
    reason = f": {messages.errors[0][:300].rstrip('.')}" if messages.errors else ""
    messages.errors.clear()
    return reason


def _subclass(base: type, log_message: Callable[..., None]) -> Callable[[], Messages]:
    def initialise(self: Messages) -> None:
        base.__init__(self)  # type: ignore[misc]
        self.errors = deque(maxlen=KEPT)

    return type("Messages", (base,), {"__init__": initialise, "log": log_message})
