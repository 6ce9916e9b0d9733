"""Servers on loopback with defined responses."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server(ThreadingHTTPServer):
    """A service on loopback; `came` counts connections, `asked` has the requests."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.came = 0
        self.asked: list[str] = []
        self.lines: list[str] = []
        self.headers: list[Message] = []
        self.reads = True
        self.only_once = False
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def origin(self) -> str:
        """Its URL."""
        return f"http://127.0.0.1:{self.server_port}"

    def process_request(self, *args: Any) -> None:
        """Count a connection."""
        self.came += 1
        super().process_request(*args)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0)) if self.server.reads else 0
        self.server.asked.append(self.rfile.read(length).decode())
        self.server.lines.append(f"{self.command} {self.path}")
        self.server.headers.append(self.headers)
        if self.server.only_once:
            self.server.socket.close()
        self.server.answers.pop(0)(self)

    do_GET = do_PUT = do_DELETE = do_HEAD = do_POST  # noqa: N815 — the library's names

    def log_message(self, *_: Any) -> None:
        """Write no log."""


def answers(status: int = 200, content: bytes = b"{}", *, close: bool = False, **headers: str) -> Answer:
    """Responds with this status and body."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Length": str(len(content)), **named}.items():
            handler.send_header(name, value)
        if close:
            handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def goes(handler: BaseHTTPRequestHandler) -> None:
    """Reads the request and closes the connection."""
    handler.close_connection = True


def torn(handler: BaseHTTPRequestHandler) -> None:
    """Closes the connection in the middle of a response."""
    answers(content=b'{"found"', Content_Length="100")(handler)
    handler.close_connection = True


def leaves_after(answer: Answer) -> Answer:
    """Closes the connection after a response without notice, as gateways do with idle connections."""

    def both(handler: BaseHTTPRequestHandler) -> None:
        answer(handler)
        handler.close_connection = True

    return both


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """Serves until the end of the context."""
    thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.01))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
