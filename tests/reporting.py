"""What the tests of reports in a browser have in common: a place to stand, what is waited for, what is counted."""

import json

from accessibility import RULES
from makers import at
from pictures import photo_bytes
from sqlalchemy import func, select

from geodata.models import Ticket
from geodata.services.photos import add_photos, clean_photos
from geodata.services.tickets import Position, open_ticket

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
LON, LAT = at(0.5, 0.5)
FORM_READY = "html[data-report-ready=true]"
HOSTILE = '<img src=x onerror="window.__pwned=1"></script><script>window.__pwned=2</script>${7*7}`{{ 7 * 7 }}'


def gps(accuracy=8, lon=LON, lat=LAT):
    place = {"longitude": lon, "latitude": lat, "accuracy": accuracy}
    return {"geolocation": place, "permissions": ["geolocation"]}


def count(site, model=Ticket):
    with site.records() as session:
        return session.scalar(select(func.count()).select_from(model))


def until(page, condition):
    """Wait for what only a promise tells."""
    page.evaluate(
        f"""async () => {{
          const holds = {condition};
          while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
        }}"""
    )


def kept_offline(page):
    """Wait until the page has been put away for when there is no network."""
    until(
        page,
        """async () => {
          for (const name of await caches.keys()) if (await (await caches.open(name)).match("/report")) return true;
          return false;
        }""",
    )


def axe_violations(page, axe):
    page.evaluate(axe)
    return json.loads(page.evaluate(RULES))


def an_open_ticket(site, title="集市门口摆摊", metres=20):
    with site.records() as session:
        place = Position(LON, LAT + metres / 111_000, "wgs84")
        made = open_ticket(session, category="0501", title=title, actor="a", position=place)
        add_photos(session, made, clean_photos([("report", photo_bytes("teal"))]), actor="a", seq=1)
        return made.number


def choose(page, kind="0501"):
    page.locator(f".kind:has(input[value='{kind}'])").click()
