"""The same picture made by Folium alone: everything inside the page, and the same tiles by VectorGrid.

Both are given every advantage: the page is built before the clock starts and sent compressed, tiles come
from memory, and of the files that Folium asks for only Leaflet's and the plug-in's own are loaded.
"""

import gzip
import json
import re
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import folium
from folium.plugins import VectorGridProtobuf

STATIC = Path(__file__).resolve().parents[1] / "webmap" / "static"
VECTORGRID = "leaflet.vectorgrid@1.3.0"

# lowest first, as on our page
LAYERS = ("coverage_cells", "villages", "units")

OUTSIDE = re.compile(r'\s*<(script src|link rel="stylesheet" href)="https?://[^>]*>(</script>)?')

READY = """
<script>
const shown = () => requestAnimationFrame(() => requestAnimationFrame(() => {
  document.documentElement.dataset.mapReady = "true";
}));
%s
</script>
"""

# Leaflet 1.8 and newer lack a function that VectorGrid 1.3.0 still calls.
SHIM = "<script>if (!L.DomEvent.fakeStop) L.DomEvent.fakeStop = () => true;</script>"

# Styles by class, as on our page; VectorGrid takes them as a function.
CLASSED = """{
  maxNativeZoom: 18, interactive: true, rendererFactory: L.canvas.tile,
  vectorTileLayerStyles: { %s }
}"""
STYLES = {
    "coverage_cells": """coverage_cells: (of) => ({
      fill: true, fillOpacity: 0.6, weight: 0.5, color: "#7b8794",
      fillColor: of.nearest_m < 100 ? "#ffffcc" : of.nearest_m < 150 ? "#a1dab4" : of.nearest_m < 200 ? "#41b6c4"
        : of.nearest_m < 300 ? "#2c7fb8" : "#253494" })""",
    "villages": 'villages: { fill: false, weight: 0.75, color: "#16202e" }',
    "units": 'units: { radius: 3, fill: true, fillOpacity: 1, weight: 1, color: "#ffffff", fillColor: "#0b62b0" }',
}


@dataclass
class Peer:
    """A page of the peers' server.

    build_s  what making it took.
    """

    name: str
    html: bytes
    build_s: float
    zipped: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.zipped = gzip.compress(self.html, 6)


def inline(collections: dict[str, dict[str, Any]], *, at: tuple[float, float], zoom: int) -> Peer:
    """`folium.GeoJson` with the data inside the page, drawn on canvas.

    collections  GeoJSON by layer.
    at           (lon, lat) of the middle.
    """
    began = time.perf_counter()
    chart = folium.Map(location=at[::-1], zoom_start=zoom, tiles=None, prefer_canvas=True, maxZoom=19)
    for id_ in LAYERS:
        marker = folium.CircleMarker(radius=3, weight=1, fill=True, fill_opacity=1) if id_ == "units" else None
        folium.GeoJson(collections[id_], name=id_, marker=marker).add_to(chart)
    html = page(chart, "shown();")
    return Peer("Folium, GeoJson in the page", html, time.perf_counter() - began)


def vectorgrid(*, at: tuple[float, float], zoom: int) -> Peer:
    """`folium.plugins.VectorGridProtobuf` on the tiles of our own server."""
    began = time.perf_counter()
    chart = folium.Map(location=at[::-1], zoom_start=zoom, tiles=None, prefer_canvas=True, maxZoom=19)
    grids = []
    for id_ in LAYERS:
        grid = VectorGridProtobuf(f"/tiles/{id_}/{{z}}/{{x}}/{{y}}.mvt", id_, CLASSED % STYLES[id_])
        grid.add_to(chart)
        grids.append(grid.get_name())
    # Folium writes the layers after this script, so their events are awaited once all is parsed
    waiting = f"""
    window.addEventListener("DOMContentLoaded", () => {{
      let left = {len(grids)};
      for (const grid of [{", ".join(grids)}]) grid.once("load", () => {{ left -= 1; if (!left) shown(); }});
    }});"""
    html = page(chart, waiting, scripts=("/vectorgrid.js",))
    return Peer("Folium, VectorGrid", html, time.perf_counter() - began)


def page(chart: folium.Map, ready: str, *, scripts: tuple[str, ...] = ()) -> bytes:
    """The chart's page with every outside address dropped, Leaflet local, and the ready flag at its end."""
    html = OUTSIDE.sub("", chart.get_root().render())
    vendor = json.loads((STATIC / "vendor" / "manifest.json").read_text(encoding="utf-8"))["assets"]
    links = f'<link rel="stylesheet" href="/vendor/{vendor["leaflet_css"]}">'
    for address in (f"/vendor/{vendor['leaflet_js']}", *scripts):
        links += f'<script src="{address}"></script>'
        if "leaflet_js" in vendor and address.endswith(vendor["leaflet_js"]):
            links += SHIM
    html = html.replace("</head>", f'{links}<link rel="icon" href="data:,"></head>', 1)
    return f"{html}{READY % ready}".encode()


def fetch_vectorgrid(folder: Path) -> bytes:
    """The plug-in's script, by npm into a folder of the measurement's own. Raises where there is no npm."""
    found = folder / "node_modules" / "leaflet.vectorgrid" / "dist" / "Leaflet.VectorGrid.bundled.js"
    if not found.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit(
                "npm is needed to fetch VectorGrid; install Node.js, or leave it out by --without-vectorgrid"
            )
        command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder), VECTORGRID]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - fixed arguments
    return found.read_bytes()


class Server:
    """Serves the peers' pages, Leaflet, the plug-in, and our tiles from memory."""

    def __init__(self, pages: dict[str, Peer], *, ours: str, plugin: bytes) -> None:
        self.pages = pages
        self.ours = ours
        self.plugin = plugin
        self.tiles: dict[str, tuple[int, bytes]] = {}

    def tile(self, path: str) -> tuple[int, bytes]:
        """Status and compressed bytes of a tile, asked of our server once."""
        if path not in self.tiles:
            request = urllib.request.Request(self.ours + path, headers={"Accept-Encoding": "gzip"})  # noqa: S310 - our own server
            with urllib.request.urlopen(request) as answer:  # noqa: S310 - likewise
                self.tiles[path] = answer.status, answer.read()
        return self.tiles[path]

    def answer(self, path: str) -> tuple[int, str, bytes, bool]:
        """Status, type, bytes, and whether they are compressed."""
        if path in self.pages:
            return 200, "text/html; charset=utf-8", self.pages[path].zipped, True
        if path == "/vectorgrid.js":
            return 200, "text/javascript", gzip.compress(self.plugin), True
        if path.startswith("/tiles/"):
            status, content = self.tile(path)
            return status, "application/vnd.mapbox-vector-tile", content, bool(content)
        file = (STATIC / path.lstrip("/")).resolve()
        if path.startswith("/vendor/") and STATIC in file.parents and file.is_file():
            kind = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}[file.suffix]
            return 200, kind, gzip.compress(file.read_bytes()), True
        return 404, "text/plain", b"", False


@contextmanager
def serving(server: Server) -> Iterator[str]:
    """The address of the peers' server while it runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            try:
                status, kind, content, is_zipped = server.answer(self.path.partition("?")[0])
            except urllib.error.URLError:
                status, kind, content, is_zipped = 502, "text/plain", b"", False
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            if is_zipped:
                self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_port}"
        finally:
            listening.shutdown()
            thread.join()
