"""The face mesh's graph from the mediapipe wheel, run by hand.

What the wheel's own ``FaceMesh`` does with this graph, at less of a processor's time: it has a
class made for every result, and threads that hand every frame to each other.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from realtime.faces.wire import LandmarkList

GRAPH: Final = "mediapipe/modules/face_landmark/face_landmark_front_cpu.binarypb"
"""Detects faces where it follows none and asks 0.5 of the confidence of both; in the wheel."""

_IMAGES, _FACES = "image", "multi_face_landmarks"
_STEP_US: Final = 33_333
"""The graph orders frames by time, of which it wants nothing but that it grows."""


class _Packet(Protocol):
    def at(self, timestamp: int) -> "_Packet": ...


class _Graph(Protocol):
    def add_packet_to_input_stream(self, stream: str, packet: _Packet) -> None: ...
    def wait_until_idle(self) -> None: ...
    def close(self) -> None: ...


class MeshGraph:
    """Faces of one picture after the other, each as MediaPipe's list of 478 landmarks.

    Lids and lips are refined by the attention model.

    Parameters
    ----------
    max_faces
        Most faces to follow at a time.

    Raises
    ------
    ImportError, OSError, RuntimeError, ValueError
        If the installed mediapipe does not have this graph, or not as it is known here.
    """

    def __init__(self, max_faces: int) -> None:
        # the package takes over a second to import, which --help needs not wait for
        from mediapipe import ImageFormat  # noqa: PLC0415
        from mediapipe.python import packet_creator, packet_getter  # noqa: PLC0415

        self._graph, self._found = _started(max_faces)
        self._packed = packet_creator.create_image_frame
        self._unpacked = packet_getter.get_proto_list
        self._rgb = ImageFormat.SRGB
        self._time_us = 0

    def process(self, image: NDArray[np.uint8]) -> Sequence[LandmarkList]:
        """Return the faces of the next picture.

        Parameters
        ----------
        image
            uint8 RGB (H, W, 3), contiguous; one that cannot be written to is not copied.

        Raises
        ------
        RuntimeError
            If the graph fails.
        """
        self._found.clear()
        self._time_us += _STEP_US
        packet: _Packet = self._packed(data=image, image_format=self._rgb)
        self._graph.add_packet_to_input_stream(_IMAGES, packet.at(self._time_us))
        self._graph.wait_until_idle()
        lists: list[LandmarkList] = self._unpacked(self._found[0]) if self._found else []
        return lists

    def close(self) -> None:
        """Free the model."""
        self._graph.close()


def _started(max_faces: int) -> tuple[_Graph, list[_Packet]]:
    """Return the running graph, and the list that its next result is put in."""
    import mediapipe  # noqa: PLC0415
    from mediapipe.framework import calculator_pb2  # noqa: PLC0415
    from mediapipe.python import packet_creator, resource_util  # noqa: PLC0415

    root = Path(mediapipe.__file__).parents[1]
    resource_util.set_resource_dir(str(root))
    config = calculator_pb2.CalculatorGraphConfig.FromString((root / GRAPH).read_bytes())
    # it runs in the thread that waits for it: nothing in it could go on beside anything else
    config.executor.add().type = "ApplicationThreadExecutor"
    graph = mediapipe.CalculatorGraph(graph_config=config)
    found: list[_Packet] = []
    graph.observe_output_stream(_FACES, lambda _stream, packet: found.append(packet))
    graph.start_run(
        {
            "num_faces": packet_creator.create_int(max_faces),
            "with_attention": packet_creator.create_bool(True),
            "use_prev_landmarks": packet_creator.create_bool(True),
        }
    )
    return graph, found
