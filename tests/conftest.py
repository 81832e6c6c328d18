"""What every test may rely on."""

import signal

import pytest
from hypothesis import settings

# speed is shown by benchmarks: a busy machine must not fail a test
settings.register_profile("fes", deadline=None)
settings.load_profile("fes")


@pytest.fixture(scope="session", autouse=True)
def interrupts_reach_python() -> None:
    """Let Ctrl-C be what it is at a terminal.

    A shell that runs something in the background has it ignore SIGINT, and its children too.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
