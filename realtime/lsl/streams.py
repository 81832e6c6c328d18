"""The streams that are published, as the Lab Streaming Layer describes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from engines.errors import UsageError
from engines.manifest import Manifest
from realtime.types import RATE_HZ

if TYPE_CHECKING:
    import pylsl

MARKERS: Final = "fes events"
SCORES: Final = "fes scores"
FACE: Final = "face"
"""Channel that says which face a sample is of."""


class Outlet(Protocol):
    """A stream on the network."""

    def push_sample(self, x: list[str] | list[float], timestamp: float) -> object:
        """Send a sample with its time on the LSL clock, s; nobody is waited for."""
        ...

    def have_consumers(self) -> bool:
        """Tell whether anybody listens."""
        ...


@dataclass(frozen=True, slots=True)
class Described:
    """What a stream's description says.

    Attributes
    ----------
    manifest
        Of the model.
    sources
        Names of the sources that it is about, by their numbers.
    """

    manifest: Manifest
    sources: Sequence[str]


def require_pylsl() -> None:
    """Raise ``UsageError`` unless ``pylsl`` and its library are there."""
    try:
        import pylsl  # noqa: F401, PLC0415 - an extra
    # without its library the package raises a RuntimeError
    except (ImportError, OSError, RuntimeError) as error:
        why = str(error).strip().splitlines()
        raise UsageError(
            f"--lsl needs the package pylsl and its library ({why[0] if why else 'not found'}): "
            "install fes[lsl]"
        ) from error


def lsl_clock_s() -> float:
    """Return the present moment on the LSL clock, s."""
    import pylsl  # noqa: PLC0415

    return float(pylsl.local_clock())


def open_markers(described: Described) -> Outlet:
    """Open the outlet of events: one channel of texts, at any time."""
    import pylsl  # noqa: PLC0415

    identity = _text(f"{MARKERS}: {', '.join(described.sources)}")
    info = pylsl.StreamInfo(MARKERS, "Markers", 1, pylsl.IRREGULAR_RATE, pylsl.cf_string, identity)
    _describe(info, described, range(len(described.sources)))
    channel = info.desc().append_child("channels").append_child("channel")
    channel.append_child_value("label", "event").append_child_value("type", "Marker")
    channel.append_child_value("format", "JSON")
    outlet: Outlet = pylsl.StreamOutlet(info)
    return outlet


def open_scores(described: Described, source: int, channels: Sequence[str], many: bool) -> Outlet:
    """Open the outlet of one source's scores.

    Parameters
    ----------
    described
        The run.
    source
        Number of the source.
    channels
        Names of the channels.
    many
        True where several faces may have a sample each at one tick: then no rate is promised.
    """
    import pylsl  # noqa: PLC0415

    name = f"{SCORES} {source}"
    rate_hz = pylsl.IRREGULAR_RATE if many else float(RATE_HZ)
    identity = _text(f"{name}: {described.sources[source]}")
    info = pylsl.StreamInfo(name, "Scores", len(channels), rate_hz, pylsl.cf_float32, identity)
    _describe(info, described, [source])
    listed = info.desc().append_child("channels")
    for label in channels:
        channel = listed.append_child("channel")
        channel.append_child_value("label", label)
        channel.append_child_value("unit", "track" if label == FACE else "probability")
        channel.append_child_value("type", "Track" if label == FACE else "Score")
    outlet: Outlet = pylsl.StreamOutlet(info)
    return outlet


def _describe(info: "pylsl.StreamInfo", described: Described, sources: Sequence[int]) -> None:
    """Say in a stream's description what made it; the names are those of LSL's own schema."""
    manifest = described.manifest
    made = info.desc().append_child("acquisition")
    made.append_child_value("manufacturer", "fes")
    made.append_child_value("model", _text(manifest.name))
    made.append_child_value("model_version", _text(manifest.version))
    made.append_child_value("method", _text(manifest.method))
    listed = info.desc().append_child("sources")
    for number in sources:
        source = listed.append_child("source")
        source.append_child_value("number", str(number))
        source.append_child_value("name", _text(described.sources[number]))


def _text(text: str) -> str:
    """Return a text that is valid UTF-8: the name of a file need not be."""
    return text.encode("utf-8", "replace").decode()
