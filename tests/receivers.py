"""Another system on this machine that takes messages, as a webhook's own would; and nobody else is asked."""

import socket
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Got(NamedTuple):
    """One request that came in."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """What came in, and how it is answered: `answers` are used up one by one, then it is `status`."""

    def __init__(self):
        self.got = []
        self.status = 200
        self.answers = []
        self.headers = {}
        self.content = b"ok"
        self.port = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def hosts(self):
        return f"127.0.0.1:{self.port}"


@contextmanager
def receiver():
    """A receiver on a free port of 127.0.0.1."""
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.got.append(Got(self.path, dict(self.headers.items()), body))
            self.send_response(made.answers.pop(0) if made.answers else made.status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(made.content)

        def do_GET(self):
            made.got.append(Got(self.path, dict(self.headers.items()), b""))
            self.send_error(405)

        def log_message(self, *_what):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def listener(answer):
    """A port at which every connection is given to `answer`, a function of the socket; yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        stop = threading.Event()

        def serve():
            while not stop.is_set():
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection, suppress(OSError):
                    answer(connection, stop)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            stop.set()
            # a last visitor, so that who waits for one looks up
            with socket.create_connection(server.getsockname(), timeout=5):
                pass
            thread.join(5)
