"""Where a measurement was made: hardware, versions, commit."""

import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from engines.measure.machine import processor_name, usable_cores, waiting_processes

MIB: Final = 1024 * 1024
PACKAGES: Final = (
    "fes",
    "av",
    "mediapipe",
    "numba",
    "numpy",
    "onnxruntime",
    "opencv-contrib-python",
    "websockets",
)
GIT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Machine:
    """What figures depend on besides the code.

    Attributes
    ----------
    cpu
        Name of the processor.
    cores
        Logical cores that this process may use.
    cores_of_machine
        Logical cores that there are.
    memory_mib
        Physical memory, MiB.
    load
        Processes that wanted a core during the minute before; None where the system does not
        say.
    system, python
        Operating system and interpreter with their versions.
    """

    cpu: str
    cores: int
    cores_of_machine: int
    memory_mib: int
    load: float | None
    system: str
    python: str

    @property
    def text(self) -> str:
        """One line for people."""
        return (
            f"{self.cpu}, {self.cores} of {self.cores_of_machine} cores, "
            f"{self.memory_mib / 1024:.0f} GiB"
        )


def this_machine() -> Machine:
    """Describe this machine."""
    return Machine(
        cpu=processor_name(),
        cores=usable_cores(),
        cores_of_machine=os.cpu_count() or 1,
        memory_mib=psutil.virtual_memory().total // MIB,
        load=waiting_processes(),
        system=platform.platform(),
        python=platform.python_version(),
    )


def processor_s() -> float:
    """Return the time that all cores together have worked since the machine started, s."""
    times = psutil.cpu_times()
    # Linux counts guests within user time, and idle cores that wait for a disk apart
    idle = ("idle", "iowait", "guest", "guest_nice")
    return float(sum(times) - sum(getattr(times, name, 0.0) for name in idle))


def commit(folder: Path | None = None) -> str | None:
    """Return the commit of a git checkout, with ``+`` behind it where files differ from it.

    Parameters
    ----------
    folder
        The top of the checkout; the one that holds this package by default.

    Returns
    -------
    str or None
        None where the folder is not the top of a checkout, as in an installation.
    """
    top = Path(__file__).resolve().parents[2] if folder is None else folder.resolve()
    # an environment inside someone else's checkout must not report that one
    found = _git(top, "rev-parse", "--show-toplevel")
    if found is None or Path(found).resolve() != top:
        return None
    head = _git(top, "rev-parse", "HEAD")
    if head is None:
        return None
    return head + ("+" if _git(top, "status", "--porcelain", "--untracked-files=no") else "")


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            timeout=GIT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
