"""The application on a port of this machine, for clients that speak HTTP."""

import logging
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from werkzeug.serving import make_server

__all__ = ["make_server", "serving_apart", "whole"]

ROOT = Path(__file__).parents[1]

# a line for every request would bury what a failing test has to say
logging.getLogger("werkzeug").setLevel(logging.WARNING)


def whole(app):
    """The application with each answer made before it is sent.

    The development server forgets to close an answer that a client stops reading, which leaves files open.
    """

    def answer(environ, start_response):
        pieces = app(environ, start_response)
        try:
            return [b"".join(pieces)]
        finally:
            if hasattr(pieces, "close"):
                pieces.close()

    return answer


@contextmanager
def serving_apart(engine, folder):
    """Its address while a process of its own serves it on the database of an engine.

    GDAL in this process holds the interpreter while it waits for an answer, so that a thread could not give it one.
    """
    database = engine.url.render_as_string(hide_password=False)
    program = [sys.executable, str(Path(__file__).with_name("serve_apart.py")), database, str(folder)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "tests")))}
    with subprocess.Popen(program, env=environment, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - ours
        try:
            port = server.stdout.readline().strip()
            assert port.isdigit(), "the server did not start; what it said is above"
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
