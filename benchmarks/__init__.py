"""Measurements that anyone can rerun."""

import time
from typing import Final

STARTED_S: Final = time.monotonic()
"""When the program began, s of ``time.monotonic``: before anything large is imported."""
