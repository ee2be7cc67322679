"""One visit to a map page by headless Chromium, measured from outside the page."""

import os
import shutil
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, CDPSession, ConsoleMessage, Page, TimeoutError, sync_playwright  # noqa: A004 - the library's own name

QUIET = ("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync")
READY = "html[data-map-ready=true]"
LIMIT_MS = 60_000
DRAG_PX, DRAG_STEPS = 240, 24

WATCH = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.__violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
new MutationObserver((_, watching) => {
  if (!document.documentElement || document.documentElement.dataset.mapReady !== "true") return;
  window.__ready = performance.now();
  watching.disconnect();
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-map-ready"] });
"""

FRAMES_ON = """() => {
  window.__gaps = [];
  let last = 0;
  window.__watching = true;
  const step = (now) => {
    if (last) window.__gaps.push(now - last);
    last = now;
    if (window.__watching) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}"""

FRAMES_OFF = "() => { window.__watching = false; return window.__gaps; }"

# Ground that the layers' canvases cover together, in CSS pixels; names and dots above them do not count.
PAINTED = """() => {
  const view = document.querySelector(".leaflet-container").getBoundingClientRect();
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [view.width, view.height];
  const pen = sheet.getContext("2d");
  for (const canvas of document.querySelectorAll(".leaflet-container canvas:not(.map-overlay)")) {
    const box = canvas.getBoundingClientRect();
    if (!canvas.width || !box.width) continue;
    pen.drawImage(canvas, box.left - view.left, box.top - view.top, box.width, box.height);
  }
  const { data } = pen.getImageData(0, 0, sheet.width, sheet.height);
  let painted = 0;
  for (let place = 3; place < data.length; place += 4) if (data[place] > 0) painted += 1;
  return painted;
}"""


@dataclass(frozen=True)
class Device:
    """A screen, and how many times slower than this machine its processor is taken to be."""

    width: int
    height: int
    slow: int = 1


DESK = Device(1280, 800)
PHONE = Device(390, 844, slow=4)


@dataclass
class Visit:
    """What one visit cost. Times in milliseconds from the start of the navigation, sizes in bytes.

    gaps       milliseconds between frames while the map was dragged; empty where it was not.
    painted    CSS pixels of the view that the layers cover; None where nobody counted.
    addresses  everything asked for.
    """

    ready_ms: float
    sent: int
    heap: int
    gaps: list[float] = field(default_factory=list)
    painted: float | None = None
    addresses: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    @property
    def worst_gap(self) -> float:
        """The longest frame of the drags."""
        return max(self.gaps, default=0.0)

    @property
    def usual_gap(self) -> float:
        """95 of 100 frames of the drags were no longer."""
        return statistics.quantiles(self.gaps, n=20)[-1] if len(self.gaps) > 1 else 0.0


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium of the system, or the program named in WANGGE_CHROMIUM."""
    program = os.environ.get("WANGGE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise SystemExit("no chromium found; install the package `chromium`, or name the program in WANGGE_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-quic", *QUIET]
        )
        yield browser
        browser.close()


def visit(browser: Browser, address: str, device: Device, *, drags: int = 0, is_counted: bool = False) -> Visit:
    """Open an address with nothing cached and wait until its map is drawn; then measure, then drag it."""
    context = browser.new_context(viewport={"width": device.width, "height": device.height}, locale="zh-CN")
    context.set_default_timeout(LIMIT_MS)
    context.add_init_script(WATCH)
    page = context.new_page()
    cdp = context.new_cdp_session(page)
    own = "/".join(address.split("/")[:3]) + "/"
    found = Visit(0, 0, 0)
    sizes: list[float] = []
    listen(page, cdp, found, sizes)
    if device.slow > 1:
        cdp.send("Emulation.setCPUThrottlingRate", {"rate": device.slow})
    page.goto(address, wait_until="commit")
    try:
        page.wait_for_selector(READY, state="attached")
    except TimeoutError:
        raise SystemExit(
            f"{address} was not drawn in {LIMIT_MS / 1000:.0f} s; the browser says: {found.complaints}"
        ) from None
    found.ready_ms = page.evaluate("window.__ready")
    found.sent = int(sum(sizes))
    found.heap = heap(cdp)
    found.painted = page.evaluate(PAINTED) if is_counted else None
    if drags:
        found.gaps = drag(page, device, drags)
    found.violations = page.evaluate("window.__violations")
    found.foreign = [one for one in found.addresses if not one.startswith((own, "data:", "blob:"))]
    context.close()
    return found


def listen(page: Page, cdp: CDPSession, found: Visit, sizes: list[float]) -> None:
    """Note what the page asks for, what it complains of, and the bytes that came over the wire."""

    def finished(event: dict[str, Any]) -> None:
        sizes.append(event["encodedDataLength"])

    def said(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            found.complaints.append(message.text)

    cdp.send("Network.enable")
    cdp.on("Network.loadingFinished", finished)
    page.on("request", lambda request: found.addresses.append(request.url))
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.on("console", said)


def heap(cdp: CDPSession) -> int:
    """Bytes of JavaScript objects that are left after a forced collection."""
    for _ in range(2):
        cdp.send("HeapProfiler.collectGarbage")
    return int(cdp.send("Runtime.getHeapUsage")["usedSize"])


def drag(page: Page, device: Device, times: int) -> list[float]:
    """Pull the map about by mouse; milliseconds between the frames meanwhile."""
    middle = (device.width * 0.6, device.height * 0.5)
    page.evaluate(FRAMES_ON)
    for number in range(times):
        way = -1 if number % 2 else 1
        page.mouse.move(*middle)
        page.mouse.down()
        for step in range(1, DRAG_STEPS + 1):
            part = DRAG_PX * step / DRAG_STEPS
            page.mouse.move(middle[0] + way * part, middle[1] + way * part / 2)
        page.mouse.up()
        # what the drag set off is part of it
        page.wait_for_timeout(400)
    gaps: list[float] = page.evaluate(FRAMES_OFF)
    return gaps
