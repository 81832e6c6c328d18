"""Which cameras this machine has."""

import errno
import os
import platform
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2

from realtime.sources.opencv import quiet_opencv

SYS_ROOT: Final = Path("/sys/class/video4linux")
DEV_ROOT: Final = Path("/dev")
PROC_ROOT: Final = Path("/proc")

_PROBED: Final = 8
_VIDIOC_QUERYCAP: Final = 0x80685600
_CAPABILITY: Final = struct.Struct("=16s32s32sIII12x")
_VIDEO_CAPTURE: Final = 0x1 | 0x1000  # single-planar, multi-planar
_DEVICE_CAPS: Final = 0x8000_0000


@dataclass(frozen=True, slots=True)
class CameraEntry:
    """One camera as ``fes-live cameras`` lists it.

    Attributes
    ----------
    index
        What ``--camera`` takes.
    name
        As the driver calls it.
    path
        Device file, or empty where the system has none.
    usable
        Whether it can be opened.
    why
        Why it is not usable; empty if it is.
    """

    index: int
    name: str
    path: str
    usable: bool
    why: str = ""


def list_cameras(sys_root: Path = SYS_ROOT, dev_root: Path = DEV_ROOT) -> tuple[CameraEntry, ...]:
    """Return the cameras in the order of their index; empty where there is none.

    On Linux the kernel's list is read and no camera is switched on. Elsewhere the first eight
    indices are opened in turn.
    """
    if platform.system() == "Linux":
        found = (_linux_entry(folder, dev_root) for folder in sys_root.glob("video*"))
        entries = [entry for entry in found if entry is not None]
        return tuple(sorted(entries, key=lambda entry: entry.index))
    return tuple(entry for index in range(_PROBED) if (entry := _probe(index)))


def _linux_entry(folder: Path, dev_root: Path) -> CameraEntry | None:
    number = folder.name.removeprefix("video")
    if not number.isdigit():
        return None
    name_file = folder / "name"
    name = name_file.read_text().strip() if name_file.is_file() else folder.name
    path = dev_root / folder.name
    why = _why_unusable(path)
    return CameraEntry(int(number), name, str(path), not why, why)


def _why_unusable(path: Path) -> str:
    import fcntl  # noqa: PLC0415 - Linux only

    try:
        handle = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        return _explain(error)
    try:
        reply = fcntl.ioctl(handle, _VIDIOC_QUERYCAP, bytes(_CAPABILITY.size))
    except OSError:
        return "not a video device"
    finally:
        os.close(handle)
    return "" if takes_pictures(reply) else "no camera: it gives metadata or output only"


def _explain(error: OSError) -> str:
    if error.errno == errno.EACCES:
        return "no permission: add yourself to the group 'video'"
    if error.errno == errno.EBUSY:
        return "in use by another program"
    if error.errno == errno.ENOENT:
        return "its device file is missing (in a container: pass the device through)"
    return (error.strerror or "cannot be opened").lower()


def takes_pictures(reply: bytes) -> bool:
    """Tell from the kernel's ``struct v4l2_capability`` (104 bytes) whether a device captures."""
    _, _, _, _, whole, own = _CAPABILITY.unpack(reply)
    return bool((own if whole & _DEVICE_CAPS else whole) & _VIDEO_CAPTURE)


def _probe(index: int) -> CameraEntry | None:
    with quiet_opencv():
        capture = cv2.VideoCapture(index)
        opened = capture.isOpened()
        capture.release()
    return CameraEntry(index, f"camera {index}", "", True) if opened else None


def users_of(device: Path, proc_root: Path = PROC_ROOT) -> str:
    """Return who else has a device file open, in words; empty where that cannot be seen.

    Only the user's own processes can be seen, and only on Linux.
    """
    for process in sorted(proc_root.glob("[0-9]*")):
        if process.name != str(os.getpid()) and _has_open(process, device):
            return f"in use by process {process.name} ({_called(process)}); end that first"
    return ""


def _has_open(process: Path, device: Path) -> bool:
    try:
        return any(str(link.readlink()) == str(device) for link in (process / "fd").iterdir())
    except OSError:  # another user's, or it has just ended
        return False


def _called(process: Path) -> str:
    try:
        return (process / "comm").read_text(errors="replace").strip()
    except OSError:
        return "unknown"
