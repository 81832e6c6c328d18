"""A process that records until it is killed, or until no file may grow any more.

Usage: recording_script.py FOLDER [LARGEST_FILE_BYTES]
"""

import itertools
import logging
import resource
import signal
import sys
import time
from pathlib import Path

from realtime.events.publisher import Publisher
from realtime.recording.recording import Recording
from tests.realtime.events.event_makers import HELLO, telemetry
from tests.realtime.recording.session_makers import CAMERA, MANIFEST, STARTED, pictures


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    recording = Recording(Path(sys.argv[1]), video=True)
    recording.begin(MANIFEST, [(CAMERA, STARTED)], {})
    if len(sys.argv) > 2:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
    frames = pictures(3000)
    with Publisher(HELLO, [recording]) as publisher:
        for number in itertools.count():
            publisher.publish(telemetry(time_s=float(number)))
            recording.saw(0, frames[number % len(frames)] if number < len(frames) else frames[-1])
            print(number, time.monotonic(), flush=True)  # noqa: T201 - told to the test
            if recording.failure is not None:
                break
            time.sleep(0.01)
        for _ in range(100):
            publisher.publish(telemetry())
    print("lives on", flush=True)  # noqa: T201


main()
