"""The pictures of the guides, made from the made-up district.

    python docs/pictures.py [--only NAME …] [--data FOLDER]

Builds the made-up district (always the same from its seed; deadlines and dates follow the day), serves it,
and photographs it in Chinese and English into docs/pictures/<language>/<name>.webp, with few enough colours
that all pictures together stay small. Needs Chromium. With --data the district stays for the next time.
"""

import argparse
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from shapely import MultiPoint, Point
from shapely.geometry import shape

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LANGUAGES = {"zh": "zh-CN", "en": "en-US"}
DESK, PHONE, SHEET = (1024, 640), (390, 760), (1024, 1000)
COLOURS = 48
READY = "html[data-map-ready=true]"
STAGE = ".poster-stage"


@dataclass(frozen=True)
class Ground:
    """Where things are in the district, asked of the server once. Features are GeoJSON, places in degrees.

    middle       of all responsibility points, where most happens.
    point, unit  a responsibility point with a holder near there, the unit that holds it.
    town         the town whose office the demo's `town` works for.
    lonely       the active unit that stands farthest from all others.
    bare         a place without a unit nearby, not far from the lonely one.
    """

    base: str
    middle: Point
    point: dict[str, Any]
    unit: dict[str, Any]
    town: dict[str, Any]
    lonely: dict[str, Any]
    bare: Point

    @property
    def at(self) -> str:
        """The point's longitude and latitude, as addresses have them."""
        lon, lat = self.point["geometry"]["coordinates"]
        return f"{lon:.6f},{lat:.6f}"

    @property
    def report(self) -> str:
        """The report page at the point."""
        lon, lat = self.at.split(",")
        return f"/report?lon={lon}&lat={lat}"

    def trial(self, zoom: int) -> str:
        """The part of an address that closes the lonely unit and opens one on bare ground, both in view."""
        seen = view(MultiPoint([place(self.lonely), self.bare]).centroid, zoom)
        return f"{seen}&closed={self.lonely['id']}&open={self.bare.x:.5f},{self.bare.y:.5f}"

    def around(self, degrees: float) -> str:
        """Corners of a bent field about the middle, as the address has them."""
        corners = ((-1, -0.7), (0.2, -0.9), (1, -0.2), (0.8, 0.8), (-0.4, 0.9))
        return ";".join(f"{self.middle.x + degrees * x:.5f},{self.middle.y + degrees * y:.5f}" for x, y in corners)


def view(at: Point, zoom: int) -> str:
    """The part of an address that shows a place in the middle."""
    return f"view={zoom}/{at.y:.5f}/{at.x:.5f}"


def place(feature: dict[str, Any]) -> Point:
    """Where a feature is: a point, or the middle of a polygon."""
    return shape(feature["geometry"]).centroid


@dataclass(frozen=True)
class Picture:
    """What to photograph: who is signed in, on which screen, at which address, after doing what.

    part  the element to show alone; None for the whole screen.
    """

    name: str
    who: str | None
    size: tuple[int, int]
    path: Callable[[Ground], str]
    act: Callable[[Page, Ground], None] = lambda _page, _ground: None
    part: str | None = None


def search(page: Page, ground: Ground) -> None:
    """Type the first characters of a unit's name."""
    page.fill("#place", str(ground.unit["properties"]["name"])[:2])
    page.wait_for_selector("#place-list [role=option]")


def open_ticket(page: Page, _ground: Ground) -> None:
    """From the list to the first ticket on it."""
    page.click("table.list tbody a")
    page.wait_for_selector(".steps")


def next_step(page: Page, ground: Ground) -> None:
    """The first ticket on the list, where it says what can be done next."""
    open_ticket(page, ground)
    page.evaluate("() => { scrollTo(0, document.querySelector('.next-steps').getBoundingClientRect().top - 64); }")


def fill_report(page: Page, _ground: Ground) -> None:
    """What an officer would type."""
    page.click(".kind >> nth=3")
    page.fill(
        "#title",
        "占道堆放" if page.evaluate("document.documentElement.lang").startswith("zh") else "Goods on the pavement",
    )


def chip(number: int) -> Callable[[Page, Ground], None]:
    """Open the drawer of a chip, counted from the left."""

    def act(page: Page, _ground: Ground) -> None:
        page.click(f"#chips .chip >> nth={number}")
        page.wait_for_selector("#drawer:not([hidden])")

    return act


def open_fold(selector: str) -> Callable[[Page, Ground], None]:
    """Open a folded part of the panel."""

    def act(page: Page, _ground: Ground) -> None:
        page.click(f"{selector} > summary")

    return act


def pull_up(page: Page, _ground: Ground) -> None:
    """The sheet of a phone one stop up."""
    page.click("#grip")


OPEN = "state=new,work,check"

PICTURES = (
    Picture("officer-map", "officer", PHONE, lambda _: "/"),
    Picture("officer-search", "officer", PHONE, lambda _: "/", search),
    Picture("officer-card", "officer", PHONE, lambda g: f"/#{view(place(g.point), 16)}&at={g.at}"),
    Picture("officer-report", "officer", PHONE, lambda g: g.report, fill_report),
    Picture("officer-list", "officer", PHONE, lambda g: f"/#{view(g.middle, 14)}&{OPEN}&due=late,soon", pull_up),
    Picture("officer-ticket", "officer", PHONE, lambda _: "/tickets?state=work&due=soon,late", next_step),
    Picture("officer-mine", "officer", PHONE, lambda _: "/mine"),
    Picture("visitor-map", None, DESK, lambda g: f"/#{view(place(g.point), 15)}&at={g.at}"),
    Picture("town-map", "town", DESK, lambda g: f"/#{view(place(g.town), 14)}&{OPEN}&area={g.town['id']}"),
    Picture("town-filter", "town", DESK, lambda g: f"/#{view(g.middle, 14)}&{OPEN}&due=late,soon", chip(2)),
    Picture("town-time", "town", DESK, lambda g: f"/#{view(g.middle, 14)}&{OPEN}", chip(5)),
    Picture("town-draw", "town", DESK, lambda g: f"/#{view(g.middle, 14)}&{OPEN}&within={g.around(0.01)}"),
    Picture("town-queue", "town", DESK, lambda _: "/queue"),
    Picture("town-assign", "town", DESK, lambda _: "/assign"),
    Picture("town-indices", "town", DESK, lambda _: "/indices"),
    Picture("town-list", "town", DESK, lambda _: f"/tickets?{OPEN}&due=late,soon"),
    Picture("town-ticket", "town", (1024, 860), lambda g: f"/tickets?state=work&area={g.town['id']}", open_ticket),
    Picture(
        "town-poster", "town", SHEET, lambda g: f"/poster/{g.point['properties']['town_code']}?size=A4", part=STAGE
    ),
    Picture("cooperation-glance", "town", DESK, lambda _: "/cooperation"),
    Picture("cooperation-duty", "town", DESK, lambda _: "/duty"),
    Picture("cooperation-projects", "town", DESK, lambda g: f"/projects?area={g.town['id']}"),
    Picture("cooperation-demand", "town", (1024, 760), lambda _: "/demands/D001"),
    Picture("cooperation-meetings", "town", PHONE, lambda _: "/meetings"),
    Picture("cooperation-figures", "district", DESK, lambda _: "/district"),
    Picture("planner-addresses", "planner", DESK, lambda _: "/geocoding"),
    Picture("district-compare", "district", DESK, lambda _: "/dashboard"),
    Picture("district-layers", "district", DESK, lambda _: "/", open_fold("#layers-box")),
    Picture("district-coverage", "district", DESK, lambda _: "/coverage"),
    Picture("district-trial", "district", DESK, lambda g: f"/coverage#{g.trial(15)}"),
    Picture("district-poster", "district", SHEET, lambda g: f"/poster/{str(g.town['id'])[:6]}?size=A3", part=STAGE),
)


@contextmanager
def demo(folder: Path) -> Iterator[str]:
    """The address of the made-up district while it is served."""
    run = [sys.executable, "-P", "-m", "webmap.cli"]
    subprocess.run([*run, "demo", "--no-serve", "--data", str(folder)], cwd=ROOT, check=True, stdout=sys.stderr)  # noqa: S603 - our own program
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serve = [*run, "serve", "--data", str(folder), "--port", str(port)]
    server = subprocess.Popen(serve, cwd=ROOT, stderr=subprocess.DEVNULL)  # noqa: S603 - our own program
    base = f"http://127.0.0.1:{port}"
    try:
        while server.poll() is None:
            try:
                urllib.request.urlopen(f"{base}/readyz").close()  # noqa: S310 - our own server
                break
            except OSError:
                time.sleep(0.3)
        yield base
    finally:
        server.terminate()
        server.wait(30)


def town_of(browser: Browser, base: str) -> str:
    """Name of the town whose office the demo's `town` works for."""
    context = browser.new_context()
    sign_in(context, base, "town")
    page = context.new_page()
    page.goto(f"{base}/assign")
    name = page.locator(".title .quiet").inner_text().strip()
    context.close()
    return name


def survey(base: str, *, town_name: str) -> Ground:
    """Find places with something to tell."""

    def features(collection: str) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{base}/export/{collection}.geojson") as answer:  # noqa: S310 - our own server
            found: list[dict[str, Any]] = json.load(answer)["features"]
            return found

    town = next(one for one in features("towns") if one["properties"]["name"] == town_name)
    held = [one for one in features("points") if one["properties"]["holder_code"]]
    middle = MultiPoint([place(one) for one in held]).centroid
    point = min(held, key=lambda one: place(one).distance(middle))
    units = [one for one in features("units") if one["geometry"] and one["properties"]["is_active"]]
    holder = next(one for one in units if one["id"] == point["properties"]["holder_code"])
    lonely = max(units, key=lambda one: min(place(one).distance(place(other)) for other in units if other is not one))
    bare = min(
        (shape(gap["geometry"]).representative_point() for gap in features("gaps")[:12]),
        key=lambda one: one.distance(place(lonely)),
    )
    return Ground(base, middle, point, holder, town, lonely, bare)


def sign_in(context: BrowserContext, base: str, who: str) -> None:
    """As the demo's people do."""
    page = context.new_page()
    page.goto(f"{base}/login")
    page.fill("#name", who)
    page.fill("#password", f"{who}-demo")
    page.click("main button")
    page.wait_for_url(f"{base}/*")
    page.close()


def photograph(browser: Browser, ground: Ground, picture: Picture, locale: str) -> bytes:
    """The picture as a WebP without loss, of few colours."""
    width, height = picture.size
    context = browser.new_context(viewport={"width": width, "height": height}, locale=locale, has_touch=width < 700)
    context.set_default_timeout(30_000)
    if picture.who:
        sign_in(context, ground.base, picture.who)
    page = context.new_page()
    page.goto(ground.base + picture.path(ground))
    settle(page)
    picture.act(page, ground)
    settle(page)
    shot = page.locator(picture.part).screenshot() if picture.part else page.screenshot()
    whole = Image.open(io.BytesIO(shot)).convert("RGB")
    context.close()
    few = whole.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.convert("RGB").save(out, "WEBP", lossless=True, quality=100, method=6)
    return out.getvalue()


def settle(page: Page) -> None:
    """Wait until nothing is on its way, and until the map, where there is one, is drawn."""
    page.wait_for_load_state("networkidle")
    if page.locator(".leaflet-container").count():
        page.wait_for_selector(READY, state="attached")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium of the system, or the program named in WANGGE_CHROMIUM."""
    known = map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))
    program = os.environ.get("WANGGE_CHROMIUM") or next(filter(None, known), None)
    if program is None:
        raise SystemExit("no chromium found; install the package `chromium`, or name the program in WANGGE_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def main() -> None:
    """Read the arguments and make the pictures."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--only", nargs="+", metavar="NAME", help="these pictures alone")
    reader.add_argument("--data", type=Path, help="folder for the district, kept for the next time")
    given = reader.parse_args()
    wanted = [picture for picture in PICTURES if not given.only or picture.name in given.only]
    with tempfile.TemporaryDirectory(prefix="wangge-pictures-") as made:
        folder = given.data or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        # the database may run as another user, who must reach its own folder
        folder.chmod(0o711)
        with demo(folder) as base, chromium() as browser:
            ground = survey(base, town_name=town_of(browser, base))
            for short, locale in LANGUAGES.items():
                (HERE / "pictures" / short).mkdir(parents=True, exist_ok=True)
                for picture in wanted:
                    content = photograph(browser, ground, picture, locale)
                    (HERE / "pictures" / short / f"{picture.name}.webp").write_bytes(content)
                    sys.stderr.write(f"{short}/{picture.name}: {len(content) / 1000:.0f} kB\n")


if __name__ == "__main__":
    main()
