"""Feeds as tests fill and read them."""

import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit
from xml.etree.ElementTree import fromstring

from makers import add_areas, add_unit, at, spot

from geodata.models import Demand, GridCell, Pledge, Project, ProjectEvent
from geodata.services.tickets import Position, open_ticket

ATOM, GEORSS = "{http://www.w3.org/2005/Atom}", "{http://www.georss.org/georss}"


TOWN, VILLAGE, CELL = "310112101000", "310112101001", "310112101001001"


BEGUN = datetime(2026, 3, 1, 1, tzinfo=UTC)


TAG = re.compile(r"tag:[a-z0-9.-]+,\d{4}:[\w%./-]+", re.ASCII)


def project(session, code, *, area=TOWN, level="town", name=None, when=BEGUN):
    """A joint project of an area, told at a moment."""
    made = Project(code=code, name=name or f"项目{code}", joint="governance", level=level, area_code=area)
    session.add(made)
    session.flush()
    event = {"project_id": made.id, "actor": "somebody"}
    session.add(ProjectEvent(seq=1, at=when, action="propose", to_stage="proposed", **event))
    return made


def fill(session):
    """A ticket in each town, the western one closed, and of each kind of record one in the western town."""
    add_areas(session)
    ring = "121.40 31.10, 121.401 31.10, 121.401 31.12, 121.40 31.10"
    cell = {"code": CELL, "town_code": TOWN, "village_code": VILLAGE}
    session.add(GridCell(geom=f"SRID=4326;MULTIPOLYGON((({ring})))", **cell))
    session.flush()
    unit = add_unit(session, "U1", 0.6, 0.5, town_code=TOWN, village_code=VILLAGE)
    for east, name in ((0.9, "西边"), (3.5, "东边")):
        made = open_ticket(
            session,
            category="0501",
            title=f"{name}占道",
            actor="somebody",
            position=Position(*at(east, 0.5), "wgs84"),
            address="东川路1号",
            assign_now=False,
        )
        made.reported_at = BEGUN + timedelta(days=1)
        if east < 2:
            made.state, made.closed_at = "closed", BEGUN + timedelta(days=3)
    held = project(session, "J1")
    session.add(
        ProjectEvent(
            project_id=held.id,
            seq=2,
            at=BEGUN + timedelta(days=2),
            action="agree",
            from_stage="proposed",
            to_stage="agreed",
            actor="somebody",
        )
    )
    session.add(
        Demand(
            code="D1",
            name="义诊",
            kind_code="free_clinic",
            level="village",
            area_code=VILLAGE,
            posted_by="somebody",
            posted_at=BEGUN + timedelta(days=4),
            geom=spot(0.5, 0.5),
        )
    )
    for code, begins in (("L1", date(2026, 3, 6)), ("L2", date(2999, 1, 1)), ("L3", date(1900, 1, 1))):
        session.add(Pledge(code=code, unit_id=unit.id, name="门前三包", valid_from=begins))


def checked_atom(answer):
    """The feed by RFC 4287: elements that must be there, once; dates; names that no two entries share."""
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = fromstring(answer.data)  # noqa: S314 - our own document, without a DTD
    assert root.tag == f"{ATOM}feed"
    for one in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (found,) = one.findall(ATOM + name)
            assert found.text
        assert datetime.strptime(one.findtext(f"{ATOM}updated"), "%Y-%m-%dT%H:%M:%S%z")
        assert TAG.fullmatch(one.findtext(f"{ATOM}id"))
        rels = [link.get("rel") for link in one.findall(f"{ATOM}link")]
        assert rels.count("alternate") == 1
        assert all(urlsplit(link.get("href")).scheme in {"http", "https"} for link in one.findall(f"{ATOM}link"))
    assert root.find(f"{ATOM}author/{ATOM}name").text
    assert [link.get("rel") for link in root.findall(f"{ATOM}link")].count("self") == 1
    entries = root.findall(f"{ATOM}entry")
    names = [one.findtext(f"{ATOM}id") for one in entries]
    assert len(names) == len(set(names))
    times = [one.findtext(f"{ATOM}updated") for one in entries]
    assert times == sorted(times, reverse=True)
    assert not entries or root.findtext(f"{ATOM}updated") == times[0]
    return root


def titles(root):
    """Titles of the entries of a feed."""
    return [one.findtext(f"{ATOM}title") for one in root.findall(f"{ATOM}entry")]


# -- an address of one's own -----------------------------------------------------------------------------


def made_address(browser, level="town", code=TOWN):
    """The path of a new address of somebody's own."""
    answer = browser.post("/subscribe", data={"level": level, "code": code})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    whole = re.search(r'<code id="address">([^<]+)</code>', answer.text)[1].replace("&amp;", "&")
    return whole.removeprefix("http://localhost")
