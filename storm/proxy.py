"""A thin wall in front of the S3 server: it passes every byte on, or answers 503 as an overloaded store does."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Self

ERROR = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate</Message></Error>"
REFUSAL = (
    b"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\n"
    b"Content-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(ERROR), ERROR)
)
PIECE_BYTES = 64 * 1024
READ_AT_MOST_S = 2.0


class Proxy:
    """Listens on a free port of the own machine; `refusing` is the fault."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._server = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.refusing = False

    @property
    def port(self) -> int:
        return int(self._server.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()
        self._cut()

    def refuse(self) -> None:
        """From now on answer 503; what is under way breaks off."""
        self.refusing = True
        self._cut()

    def heal(self) -> None:
        self.refusing = False

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self.refusing:
                self._refuse(client)
            else:
                self._pass_on(client)
        client.close()

    def _refuse(self, client: socket.socket) -> None:
        """Read what comes, so that the answer is not lost in a reset, and say no."""
        client.settimeout(READ_AT_MOST_S)
        client.recv(PIECE_BYTES)
        client.sendall(REFUSAL)
        client.shutdown(socket.SHUT_WR)
        while client.recv(PIECE_BYTES):
            pass

    def _pass_on(self, client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self._to_port)) as there:
            self._keep(client, there)
            back = threading.Thread(target=_copy, args=(there, client), daemon=True)
            back.start()
            _copy(client, there)
            back.join()
            with self._lock:
                self._open -= {client, there}

    def _keep(self, *ends: socket.socket) -> None:
        with self._lock:
            self._open |= set(ends)

    def _cut(self) -> None:
        with self._lock:
            ends, self._open = self._open, set()
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(PIECE_BYTES):
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
