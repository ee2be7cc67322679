"""Serve the application on a database, on a port that is told in a line; run by `servers.serving_apart`."""

import sys
from pathlib import Path

from servers import make_server, whole

from geodata.settings import Settings
from webmap.app import create_app

if __name__ == "__main__":
    database, folder = sys.argv[1:]
    app = create_app(Settings(data_dir=Path(folder), database_url=database))
    server = make_server("127.0.0.1", 0, whole(app), threaded=True)
    print(server.server_port, flush=True)  # noqa: T201 - whoever started this waits for it
    server.serve_forever()
