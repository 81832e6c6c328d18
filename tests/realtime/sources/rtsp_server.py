"""The least of RTSP (RFC 2326) that serves one MPEG transport stream over one TCP connection."""

import socket
import struct
import threading
from io import BufferedRWPair
from types import TracebackType
from typing import Self

_SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=t\r\nt=0 0\r\nm=video 0 RTP/AVP 33\r\na=control:t\r\n"
_PACKET = 7 * 188


class RtspServer:
    """Answers every client with the same stream, again and again, until it leaves."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.transports: list[str] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def _accept(self) -> None:
        try:
            while True:
                client, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()
        except OSError:
            return

    def _serve(self, client: socket.socket) -> None:
        try:
            with client, client.makefile("rwb") as pipe:
                while self._answer(pipe) != "PLAY":
                    pass
                while True:
                    self._send(pipe)
        except OSError:
            return

    def _answer(self, pipe: BufferedRWPair) -> str:
        lines = []
        while line := pipe.readline().decode().strip():
            lines.append(line)
        if not lines:
            raise ConnectionError("the client left")
        method = lines[0].split()[0]
        headers = dict(line.split(": ", 1) for line in lines[1:])
        extra, body = "", ""
        if method == "DESCRIBE":
            extra, body = "Content-Type: application/sdp\r\n", _SDP
        elif method == "SETUP":
            self.transports.append(headers["Transport"])
            extra = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n"
        pipe.write(
            f"RTSP/1.0 200 OK\r\nCSeq: {headers['CSeq']}\r\n{extra}"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        pipe.flush()
        return method

    def _send(self, pipe: BufferedRWPair) -> None:
        for sequence, start in enumerate(range(0, len(self._content), _PACKET)):
            part = self._content[start : start + _PACKET]
            header = struct.pack(">BBHII", 0x80, 33, sequence & 0xFFFF, sequence * 300, 1)
            pipe.write(b"$\0" + struct.pack(">H", len(header + part)) + header + part)
        pipe.flush()
