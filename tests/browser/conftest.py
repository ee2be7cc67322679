"""A real browser on a real server on a real PostGIS, with everything the page does written down."""

import json
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import browsers
import pytest
from makers import add_areas, add_unit
from pictures import photo_bytes
from playwright.sync_api import Error
from reporting import FORM_READY, PHONE, gps
from servers import make_server, whole

from geodata.db import session_on
from geodata.services.grids import make_grid
from geodata.services.users import add_user
from geodata.settings import Settings
from webmap.app import create_app

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "test-results" / "screens"
DESK = {"width": 1280, "height": 800}

READY = "html[data-map-ready=true]"


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Chromium of the system."""
    return {**browser_type_launch_args, "executable_path": browsers.chromium(), "args": list(browsers.ARGUMENTS)}


@dataclass
class Site:
    """A running server, and how to look at what it stores."""

    url: str
    engine: object
    signed_in: dict[str, list] = field(default_factory=dict)

    def records(self):
        """A session that commits."""
        return session_on(self.engine)


@pytest.fixture(scope="session")
def serve(data_root, clone, made_up):
    """A function from an engine to a site that runs until the tests end; servers stop before databases do."""
    running = []

    def start(engine):
        # tests of pages that stand elsewhere have servers of their own
        folder = Path(tempfile.mkdtemp(prefix="site", dir=data_root))
        app = create_app(Settings(data_dir=folder), engine=engine)
        server = make_server("127.0.0.1", 0, whole(app), threaded=True)
        # an answer under way is waited for, so that no connection is left behind
        server.daemon_threads = False
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        running.append((server, thread, engine))
        return Site(f"http://127.0.0.1:{server.server_port}", engine)

    yield start
    for server, thread, engine in running:
        server.shutdown()
        thread.join()
        server.server_close()
        engine.dispose()


@pytest.fixture(scope="session")
def site(serve, made_up):
    """The small made-up district."""
    return serve(made_up(pool_size=12))


@dataclass
class Visit:
    """A page and all that it did: what it asked for, what it complained of, what the policy blocked."""

    page: object
    site: Site
    requests: list = field(default_factory=list)
    complaints: list = field(default_factory=list)

    def open(self, path="/", *, wait=True):
        """Go to a path; the map's page is waited for until it is drawn."""
        self.page.goto(self.site.url + path)
        if wait and urlsplit(path).path == "/":
            self.page.wait_for_selector(READY)
        return self.page

    @property
    def foreign(self):
        """Addresses asked for that are not this server's."""
        return [url for url in self.requests if not url.startswith((self.site.url + "/", "data:", "blob:"))]

    @property
    def violations(self):
        """What the content security policy blocked."""
        return self.page.evaluate("window.__violations || []")

    def blameless(self):
        """Nothing asked of others, nothing complained of, nothing blocked."""
        return (self.foreign, self.complaints, self.violations) == ([], [], [])


WATCH = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.__violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});
"""


@pytest.fixture
def visit(browser, site):
    """A function that opens a browser window of its own: `visit("officer", size=PHONE, lang="en")`."""
    opened = []

    def start(name=None, *, size=DESK, lang="zh-CN", at=None, **options):
        where = at or site
        context = browser.new_context(viewport=size, locale=lang, has_touch=size["width"] < 700, **options)
        opened.append(context)
        context.set_default_timeout(15_000)
        context.add_init_script(WATCH)
        if name:
            context.add_cookies(cookies_of(context, where, name))
        page = context.new_page()
        made = Visit(page, where)
        page.on("request", lambda request: made.requests.append(request.url))
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        page.on("console", lambda said: said.type in {"error", "warning"} and made.complaints.append(said.text))
        return made

    yield start
    for context in opened:
        context.close()


def cookies_of(context, site, name):
    """The cookies of somebody of the demo, signed in once per site."""
    if name not in site.signed_in:
        page = context.new_page()
        page.goto(site.url + "/login")
        page.fill("#name", name)
        page.fill("#password", f"{name}-demo")
        page.click("main button")
        page.wait_for_url(site.url + "/*")
        site.signed_in[name] = [cookie for cookie in context.cookies() if cookie["name"] != "lang"]
        page.close()
    return site.signed_in[name]


@pytest.fixture(scope="session")
def axe():
    """The source of axe-core, from the files installed for development."""
    folder = ROOT / "webmap" / "static" / "vendor-dev"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return (folder / manifest["assets"]["axe"]).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def picture(request):
    """A function that keeps a picture of a page for people to look at (never committed), where they ask for pictures.

    `is_looked_at` is for a test that looks itself at what is returned.
    """
    PICTURES.mkdir(parents=True, exist_ok=True)
    is_asked = request.config.getoption("--pictures")

    def take(page, name, *, is_looked_at=False, **how):
        if not (is_asked or is_looked_at):
            return None
        path = PICTURES / f"{name}.png"
        for is_last in (False, False, True):
            try:
                return page.screenshot(path=path, **how)
            except Error as error:
                # what Chromium answers when no frame came in time, as on a busy machine: nothing the page can help
                if is_last or "Unable to capture screenshot" not in str(error):
                    raise
        return None

    return take


@pytest.fixture(scope="session")
def street(serve, clone):
    """A site with two towns, cells, a unit and people."""
    where = serve(clone())
    with where.records() as session:
        add_areas(session)
        add_unit(session, "MARKET", 0.51, 0.5, kind="market", town_code="310112101000", name="集市")
        make_grid(session, size_m=100)
        for role in ("officer", "district"):
            add_user(session, role, password=f"{role}-demo", role=role)
    return where


@pytest.fixture
def empty(street):
    """The same site with no ticket in it."""
    with street.records() as session:
        # history is only ever added to; a test may begin anew all the same
        session.connection().exec_driver_sql("SET LOCAL session_replication_role = replica")
        names = "photo, ticket_follow, request_key, assignment, stage_clock, ticket_event, ticket"
        session.connection().exec_driver_sql(f"TRUNCATE {names} CASCADE")
    return street


@pytest.fixture
def report(visit, empty):
    """A function that opens the form of a report for the officer."""

    def start(path="/report", *, size=PHONE, name="officer", **options):
        seen = visit(name, at=empty, size=size, **{**gps(), **options})
        page = seen.open(path)
        page.wait_for_selector(FORM_READY)
        return seen, page

    return start


@pytest.fixture
def photo(tmp_path):
    """A photo as a phone has it."""
    path = tmp_path / "IMG_0001.jpg"
    path.write_bytes(photo_bytes("firebrick", size=(2400, 1800)))
    return path
