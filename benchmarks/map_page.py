"""The map page under load, against Folium's own ways on the same data in the same run.

    python benchmarks/map_page.py                      a table, about ten minutes
    python benchmarks/map_page.py --write              and into docs/benchmarks.md
    python benchmarks/map_page.py --keep FOLDER        leave the two districts there for the next run

Two made-up districts on private servers: 40,000 cells, 500 villages (84,000 vertices) and 5,000 units,
all in view at zoom 12; and 1,000,000 cells on the same ground. The application is started by
`wangge serve`. Each round visits every page once, with nothing cached in the browser and everything in
the servers; figures are medians. Before any of them counts, the features that the pages fetched are
counted, and so is the ground that they painted. Needs Chromium, and npm for VectorGrid.
"""

import argparse
import gzip
import http.client
import json
import random
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import mapbox_vector_tile
from figures import write
from folium_peers import LAYERS, Peer, Server, fetch_vectorgrid, inline, serving, vectorgrid
from map_browser import DESK, PHONE, Device, Visit, chromium, visit
from map_report import Goal, high, report
from playwright.sync_api import Browser
from scratch_district import SIDE_M, SOUTH, WEST, Scratch, folder_for, scratch, to_degrees
from shapely.geometry import shape

ROOT = Path(__file__).resolve().parents[1]
ZOOM = 12
# CSS pixels that the district's ground takes at that zoom: 156,543 m a pixel at zoom 0, on the equator
GROUND_PX = (SIDE_M / (156_543.034 * 0.8558 / 2**ZOOM)) ** 2
KEY = "code"
CARDS = 200


@dataclass(frozen=True)
class Case:
    """One page on one device, visited once a round."""

    name: str
    address: str
    device: Device
    drags: int = 0
    build_s: float | None = None


@contextmanager
def application(folder: Path) -> Iterator[str]:
    """The address of `wangge serve` on a data folder while it runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-P", "-m", "webmap.cli", "serve", "--data", str(folder), "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)  # noqa: S603 - our own program
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/readyz").close()  # noqa: S310 - our own server
                break
            except OSError:
                if server.poll() is not None:
                    break
                time.sleep(0.2)
        else:
            server.terminate()
            server.wait(30)
        if server.poll() is not None:
            raise SystemExit(f"the application did not start on {folder}; try: wangge serve --data {folder}")
        yield address
    finally:
        server.terminate()
        server.wait(30)


def ours(address: str, district: Scratch) -> str:
    """Our map with the three layers on and the district in its middle."""
    lon, lat = district.middle
    return f"{address}/#view={ZOOM}/{lat:.5f}/{lon:.5f}&on={','.join(LAYERS)}"


def fetch(address: str) -> bytes:
    """What our server answers, uncompressed."""
    with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own server
        content: bytes = answer.read()
        return gzip.decompress(content) if answer.headers.get("Content-Encoding") == "gzip" else content


def warm(visits: list[Visit]) -> None:
    """Ask for the tiles of these visits again, often enough that each process of the server has them."""
    tiles = {address for one in visits for address in one.addresses if "/tiles/" in address}
    for _ in range(6):
        for address in tiles:
            fetch(address)


def count(found: Visit) -> dict[str, int]:
    """Features in the tiles that a page fetched, by layer.

    A feature that its neighbours' tiles hold as well is known by its key, or else counts where its
    first corner lies; squares stand for the cells they say.
    """
    seen: dict[str, set[str]] = {id_: set() for id_ in LAYERS}
    nameless = dict.fromkeys(LAYERS, 0)
    for address in {one for one in found.addresses if "/tiles/" in one}:
        content = fetch(address)
        layers = mapbox_vector_tile.decode(content, default_options={"y_coord_down": True}) if content else {}
        for id_, layer in layers.items():
            for feature in layer["features"]:
                facts = feature["properties"]
                if KEY in facts:
                    seen[id_].add(str(facts[KEY]))
                elif is_own(feature["geometry"], layer["extent"]):
                    nameless[id_] += int(facts.get("count", 1))
    return {id_: len(seen[id_]) + nameless[id_] for id_ in LAYERS}


def is_own(geometry: dict[str, Any], extent: int) -> bool:
    """Whether a feature's first corner lies in the tile itself, not in what it borrows from its neighbours."""
    west, north, _, _ = shape(geometry).bounds
    return bool(0 <= west < extent and 0 <= north < extent)


def check(name: str, found: Visit, district: Scratch) -> None:
    """Stop unless a page fetched every feature and painted the whole ground."""
    wanted = {"coverage_cells": district.cells, "villages": district.villages, "units": district.units}
    if "/tiles/" in "".join(found.addresses):
        counted = count(found)
        # where squares stand beside cells, a cell across the edge of two tiles may count in both
        if any(
            abs(counted[id_] - many) > (0.01 * many if id_ == "coverage_cells" else 0) for id_, many in wanted.items()
        ):
            raise SystemExit(f"{name}: fetched {counted} instead of {wanted}")
    share = (found.painted or 0) / GROUND_PX
    # borders stand a little over the rim; tiles of the same layer may overlap by a pixel
    if not 0.97 < share < 1.06:
        raise SystemExit(f"{name}: painted {share:.1%} of the ground")
    say(f"{name}: every feature is there, {share:.1%} of the ground is painted")


def run(browser: Browser, cases: list[Case], rounds: int) -> dict[Case, list[Visit]]:
    """Every case once a round, in turn, so that a busy moment of the machine falls on all alike."""
    found: dict[Case, list[Visit]] = {case: [] for case in cases}
    for number in range(1, rounds + 1):
        for case in cases:
            one = visit(browser, case.address, case.device, drags=case.drags)
            found[case].append(one)
            for sentence in one.complaints:
                say(f"  the browser complains: {sentence}")
            cost = f"{one.ready_ms:,.0f} ms, {one.sent / 1e6:.2f} MB, {one.heap / 1e6:.1f} MB heap"
            say(f"round {number}: {case.name}: {cost}")
    return found


def cards(address: str) -> list[float]:
    """Milliseconds that the answer about a place takes, over one connection, at seeded places."""
    chance = random.Random(6)  # noqa: S311 - the same places each time
    server = http.client.HTTPConnection(urlsplit(address).netloc)
    taken = []
    for number in range(CARDS + 20):
        lon, lat = to_degrees(WEST + chance.random() * SIDE_M, SOUTH + chance.random() * SIDE_M)
        began = time.perf_counter()
        server.request("GET", f"/where?lon={lon:.7f}&lat={lat:.7f}", headers={"Accept": "application/json"})
        answer = server.getresponse()
        body = json.loads(answer.read())
        if number >= 20:
            taken.append((time.perf_counter() - began) * 1000)
        if answer.status != 200 or not body["is_inside"] or not body["units"]:
            raise SystemExit(f"the answer about {lon}, {lat} is wrong: {answer.status} {body}")
    server.close()
    return taken


def line(case: Case, visits: list[Visit]) -> list[str]:
    """A row of the table."""
    one = statistics.median
    frames = [one(v.usual_gap for v in visits), max(v.worst_gap for v in visits)] if case.drags else None
    return [
        case.name,
        f"{one(v.ready_ms for v in visits):,.0f}",
        f"{one(v.sent for v in visits) / 1e6:.2f}",
        f"{one(v.heap for v in visits) / 1e6:.1f}",
        f"{frames[0]:.0f}" if frames else "–",
        f"{frames[1]:.0f}" if frames else "–",
        "–" if case.build_s is None else f"{case.build_s:.2f}",
    ]


def goals(found: dict[Case, list[Visit]], cases: dict[str, Case], times: dict[str, list[float]]) -> list[Goal]:
    """What was promised, with what came of it."""
    one = statistics.median

    def of(name: str) -> list[Visit]:
        return found[cases[name]]

    made = []
    for name, ready, megabytes in (("desk", 2500, 0.6), ("million", 2000, 0.4)):
        if name not in cases:
            continue
        made.append(Goal(name, "ready", "ms", ready, one(v.ready_ms for v in of(name))))
        made.append(Goal(name, "sent", "MB", megabytes, one(v.sent for v in of(name)) / 1e6))
    made.append(Goal("desk", "heap", "MB", 25, one(v.heap for v in of("desk")) / 1e6))
    made.append(Goal("desk", "longest frame of a drag", "ms", 100, max(v.worst_gap for v in of("desk"))))
    made.append(Goal("phone", "ready", "ms", 4500, one(v.ready_ms for v in of("phone"))))
    made += [Goal(name, "card, 95 of 100", "ms", 150, high(taken)) for name, taken in times.items()]
    every = [v for name in ("desk", "phone", "million") if name in cases for v in of(name)]
    made.append(Goal("all", "requests to other hosts", "", 0, sum(len(v.foreign) for v in every)))
    made.append(Goal("all", "complaints of the browser", "", 0, sum(len(v.complaints) for v in every)))
    made.append(Goal("all", "violations of the policy", "", 0, sum(len(v.violations) for v in every)))
    return made


def say(sentence: str) -> None:
    """One line for whoever waits."""
    sys.stderr.write(sentence + "\n")


def peers(address: str, district: Scratch, folder: Path, *, is_plugin_wanted: bool) -> tuple[dict[str, Peer], bytes]:
    """Folium's pages by path, and the plug-in's script."""
    collections: dict[str, dict[str, Any]] = {
        id_: json.loads(fetch(f"{address}/export/{id_}.geojson")) for id_ in LAYERS
    }
    say("building Folium's pages")
    made = {"/inline": inline(collections, at=district.middle, zoom=ZOOM)}
    if not is_plugin_wanted:
        return made, b""
    made["/vectorgrid"] = vectorgrid(at=district.middle, zoom=ZOOM)
    return made, fetch_vectorgrid(folder)


def measure(folder: Path, *, rounds: int, is_plugin_wanted: bool, is_million_wanted: bool) -> str:
    """The whole run; returns the section of the document."""
    with ExitStack() as stack:
        small = stack.enter_context(scratch(folder / "cells-40000", cell_m=100))
        at_small = stack.enter_context(application(small.folder))
        browser = stack.enter_context(chromium())
        pages, plugin = peers(at_small, small, folder, is_plugin_wanted=is_plugin_wanted)
        at_peers = stack.enter_context(serving(Server(pages, ours=at_small, plugin=plugin)))
        cases = {
            "desk": Case("wangge", ours(at_small, small), DESK, drags=3),
            "phone": Case("wangge, phone", ours(at_small, small), PHONE),
        }
        for path, peer in pages.items():
            cases[path] = Case(peer.name, at_peers + path, DESK, drags=3, build_s=peer.build_s)
            cases[path + "-phone"] = Case(f"{peer.name}, phone", at_peers + path, PHONE)
        for name in ("desk", *pages):
            first = visit(browser, cases[name].address, DESK, is_counted=True)
            check(cases[name].name, first, small)
            warm([first] if name == "desk" else [])
        warm([visit(browser, cases["phone"].address, PHONE)])
        places, cold = {"desk": at_small}, None
        if is_million_wanted:
            large = stack.enter_context(scratch(folder / "cells-1000000", cell_m=20))
            places["million"] = stack.enter_context(application(large.folder))
            cases["million"] = Case("wangge, 1,000,000 cells", ours(places["million"], large), DESK, drags=3)
            first = visit(browser, cases["million"].address, DESK, is_counted=True)
            cold = first.ready_ms
            check(cases["million"].name, first, large)
            warm([first])
        found = run(browser, list(cases.values()), rounds)
        times = {name: cards(address) for name, address in places.items()}
    order = ["desk", *pages, "phone", *(f"{path}-phone" for path in pages), *list(places)[1:]]
    rows = [line(cases[name], found[cases[name]]) for name in order]
    return report(rows, goals(found, cases, times), times, rounds=rounds, cold=cold)


def main() -> None:
    """Read the arguments, measure, tell."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--rounds", type=int, default=5, help="visits of each page (at least 3)")
    reader.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    reader.add_argument("--keep", type=Path, help="folder for the two districts, kept for the next run")
    reader.add_argument("--without-vectorgrid", action="store_true", help="leave out what needs npm")
    reader.add_argument("--without-million", action="store_true", help="leave out the 1,000,000 cells")
    given = reader.parse_args()
    with folder_for(given.keep) as folder:
        section = measure(
            folder,
            rounds=max(3, given.rounds),
            is_plugin_wanted=not given.without_vectorgrid,
            is_million_wanted=not given.without_million,
        )
    sys.stdout.write(section)
    if given.write:
        write(section)


if __name__ == "__main__":
    main()
