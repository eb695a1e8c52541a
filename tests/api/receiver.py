"""A system of the organisation's own: takes calls on this machine, and checks each as Standard Webhooks says."""

from __future__ import annotations

import contextlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


class Receiver:
    """Listens on a free port; answers with the next of `answers`, the last one for ever."""

    def __init__(self, *answers: int) -> None:
        self.answers = list(answers or (204,))
        self.never_ends = False  # sends another byte of its head every twentieth of a second
        self.headers: dict[str, str] = {}
        self.calls: list[tuple[dict[str, str], str]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.calls.append((dict(self.headers), body))
                if receiver.never_ends:
                    with contextlib.suppress(OSError):  # until the caller hangs up
                        while not time.sleep(0.05):
                            self.wfile.write(b"H")
                    return
                status = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
                self.send_response(status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                return None

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/coachportal?from=portal"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def verified(self, secret: str) -> list[dict[str, Any]]:
        """What was said, each call checked against this secret. Raises WebhookVerificationError."""
        return [Webhook(secret).verify(body, headers) for headers, body in self.calls]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
