"""MediaPipe's native chatter kept off standard error."""

import logging
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

log = logging.getLogger(__name__)

_CHATTER: Final = re.compile(
    rb"[IW]\d{4} \d\d:\d\d|INFO: Created TensorFlow|WARNING: All log messages before absl"
)
_STDERR: Final = 2
_lock = threading.RLock()


def set_native_log_levels() -> None:
    """Ask the native libraries for errors only; has an effect before they are imported."""
    os.environ.setdefault("GLOG_minloglevel", "2")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


@contextmanager
def native_quiet() -> Iterator[None]:
    """Hold standard error back while native code runs, then let all but its chatter through.

    TensorFlow Lite and Abseil write there on loading and at the first face, and no setting stops
    them. Chatter goes to the log at DEBUG. Whatever else was written meanwhile, by any thread,
    reaches standard error when the block ends.
    """
    with _lock, tempfile.TemporaryFile() as held:
        _flush()
        original = os.dup(_STDERR)
        os.dup2(held.fileno(), _STDERR)
        try:
            yield
        finally:
            _flush()
            os.dup2(original, _STDERR)
            os.close(original)
            held.seek(0)
            _let_through(held.read())


def _let_through(text: bytes) -> None:
    for line in text.splitlines(keepends=True):
        if _CHATTER.match(line):
            log.debug("mediapipe: %s", line.decode(errors="replace").rstrip())
        else:
            os.write(_STDERR, line)


def _flush() -> None:
    if sys.stderr is not None:
        sys.stderr.flush()
