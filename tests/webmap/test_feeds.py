"""Feeds: what is new on a piece of ground, as Atom and RSS, told to each as far as they may read it."""

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from xml.etree.ElementTree import fromstring

import pytest
from feed_reading import (
    ATOM,
    BEGUN,
    CELL,
    GEORSS,
    TAG,
    TOWN,
    VILLAGE,
    checked_atom,
    fill,
    made_address,
    project,
    titles,
)
from sqlalchemy import text, update
from two_towns import CANARIES, OTHER_TOWN, OWN_TOWN, ROLES

from geodata.db import session_on
from geodata.models import GridCell, Project, Ticket
from geodata.queries import feeds as queries
from geodata.queries.scope import ALL, NOTHING, Scope
from geodata.services import api_keys
from geodata.services.users import add_user
from webmap.api.feed_documents import tag

HOSTILE = "a]]>b<script>alert(1)</script>&\ufffe\x0b𠮷"


FILLED_BY = {"app": fill}


def checked_rss(answer):
    """The feed by RSS 2.0: elements that must be there, once; dates of RFC 822; guids that no two items share."""
    assert answer.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    root = fromstring(answer.data)  # noqa: S314 - our own document, without a DTD
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    (channel,) = list(root)
    for name in ("title", "link", "description", "language", "lastBuildDate"):
        (found,) = channel.findall(name)
        assert found.text
    items = channel.findall("item")
    for item in items:
        (guid,) = item.findall("guid")
        assert guid.get("isPermaLink") == "false"
        assert TAG.fullmatch(guid.text)
        assert parsedate_to_datetime(item.findtext("pubDate")).tzinfo
        assert item.findtext("title")
        assert urlsplit(item.findtext("link")).scheme == "http"
    guids = [item.findtext("guid") for item in items]
    assert len(guids) == len(set(guids))
    return channel


def read(browser, level="town", code=TOWN, **how):
    return checked_atom(browser.get(f"/feeds/{level}/{code}.atom?lang=en", **how))


OPEN = ["New pledge: 门前三包", "New demand: 义诊", "agreed: 项目J1", "New project: 项目J1"]


CLOSED, REPORTED = "Closed: 西边占道", "New ticket: 西边占道"


def test_a_visitor_hears_what_is_public(client):
    assert titles(read(client)) == OPEN


def test_who_sees_tickets_hears_of_them_too(signed_in):
    found = titles(read(signed_in("planner")))
    assert found == [OPEN[0], OPEN[1], CLOSED, OPEN[2], REPORTED, OPEN[3]]


@pytest.mark.parametrize(
    ("level", "code", "expected"),
    [
        pytest.param("village", VILLAGE, [OPEN[0], OPEN[1], CLOSED, REPORTED], id="village"),
        pytest.param("cell", CELL, [], id="cell without anything"),
        pytest.param("town", "310112102000", ["New ticket: 东边占道"], id="the other town"),
    ],
)
def test_an_area_has_what_lies_in_it(signed_in, level, code, expected):
    assert titles(read(signed_in("planner"), level, code)) == expected


def test_a_cell_has_tickets_from_since_it_is_there(signed_in, records):
    with records() as session:
        session.execute(update(Ticket).where(Ticket.town_code == TOWN).values(cell_code=CELL))
    browser = signed_in("planner")
    assert titles(read(browser, "cell", CELL)) == [CLOSED, REPORTED]
    with records() as session:
        session.execute(update(GridCell).values(valid_from=date(2026, 3, 10)))
    assert titles(read(browser, "cell", CELL)) == []


def test_the_district_has_everything(signed_in):
    assert len(titles(read(signed_in("planner"), "district", "310112"))) == 7


def test_both_forms_tell_the_same(client):
    atom = read(client)
    rss = checked_rss(client.get(f"/feeds/town/{TOWN}.rss?lang=en"))
    assert [one.findtext("title") for one in rss.findall("item")] == titles(atom)
    assert [one.findtext("guid") for one in rss.findall("item")] == [
        one.findtext(f"{ATOM}id") for one in atom.findall(f"{ATOM}entry")
    ]


def test_what_has_a_place_says_where_latitude_first(client):
    for root, path in (
        (read(client), f"{ATOM}entry/{GEORSS}point"),
        (checked_rss(client.get(f"/feeds/town/{TOWN}.rss")), f"item/{GEORSS}point"),
    ):
        assert root.findall(path)[1].text == "31.105000 121.405000"


def test_entries_lead_to_pages_that_are_there(signed_in):
    browser = signed_in("planner")
    for link in read(browser).findall(f".//{ATOM}link[@rel='alternate']"):
        assert browser.get(link.get("href")).status_code == 200


def test_it_speaks_the_language_that_is_asked_for(client):
    root = checked_atom(client.get(f"/feeds/town/{TOWN}.atom?lang=zh_Hans"))
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "zh-Hans"
    assert root.findtext(f"{ATOM}title") == "西镇的动态"
    assert titles(root)[0] == "新承诺：门前三包"


def test_names_never_change(client):
    first = [one.text for one in read(client).iter(f"{ATOM}id")]
    assert first[1:3] == ["tag:localhost,2026:pledge/L1/new", "tag:localhost,2026:demand/D1/new"]
    assert [one.text for one in read(client, base_url="http://localhost:8443").iter(f"{ATOM}id")] == first


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("grid.example.cn", "tag:grid.example.cn,2026:a/b%2Fc"),
        ("GRID", "tag:grid,2026:a/b%2Fc"),
        ("[", "tag:localhost,2026:a/b%2Fc"),
        ("a b", "tag:localhost,2026:a/b%2Fc"),
    ],
)
def test_a_name_stands_under_the_host_that_gave_it(host, expected):
    assert tag(host, ("a", "b/c")) == expected


def test_at_most_fifty_are_told_and_they_are_the_newest(client, records):
    with records() as session:
        for n in range(60):
            project(session, f"N{n:02}", when=BEGUN + timedelta(days=30, hours=n))
    found = titles(read(client))
    assert (len(found), found[0], found[-1]) == (50, "New project: 项目N59", "New project: 项目N10")


def test_a_feed_without_anything_is_whole_all_the_same(client):
    # the day from which the cell is good begins before that of UTC
    assert read(client, "cell", CELL).findtext(f"{ATOM}updated").startswith("1899-12-31T")
    checked_rss(client.get(f"/feeds/cell/{CELL}.rss"))


# -- what hostile text becomes ---------------------------------------------------------------------------


def test_hostile_names_stay_text(client, records):
    with records() as session:
        project(session, "J-<9>&", name=HOSTILE, when=BEGUN + timedelta(days=90))
    (first, *_), rss = titles(read(client)), checked_rss(client.get(f"/feeds/town/{TOWN}.rss?lang=en"))
    assert first == "New project: a]]>b<script>alert(1)</script>&𠮷"
    item = rss.find("item")
    assert item.findtext("title") == "New project: a]]＞b＜script＞alert(1)＜/script＞&𠮷"
    assert item.findtext("description").endswith("J-&lt;9&gt;&amp;")
    assert item.findtext("guid") == "tag:localhost,2026:project/J-%3C9%3E%26/1"


def test_the_name_of_a_town_is_text_too(client, records):
    with records() as session:
        session.execute(text("UPDATE area SET name = :name WHERE code = :code"), {"name": HOSTILE, "code": TOWN})
    assert "<script>" in read(client).findtext(f"{ATOM}title")
    assert "<script>" not in checked_rss(client.get(f"/feeds/town/{TOWN}.rss")).findtext("title")
    assert "<script>alert" not in client.get(f"/subscribe?level=town&code={TOWN}").text


# -- what is not there -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "status"),
    [
        pytest.param("town/nowhere.atom", 404, id="no such code"),
        pytest.param(f"village/{TOWN}.atom", 404, id="a code of another level"),
        pytest.param(f"street/{TOWN}.atom", 404, id="no such level"),
        pytest.param(f"town/{TOWN}.json", 404, id="no such form"),
        pytest.param(f"town/{TOWN}.atom?limit=9", 400, id="a parameter it has not"),
        pytest.param(f"town/{TOWN}.atom?token=AAAA.AAAA", 404, id="a token that nobody made"),
        pytest.param(f"town/{TOWN}.atom?token=%1b", 400, id="no token at all"),
    ],
)
def test_what_is_not_there_is_told_as_a_problem(client, address, status):
    answer = client.get(f"/feeds/{address}")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


# -- readers that ask again ------------------------------------------------------------------------------


def test_what_is_known_is_not_sent_again(client):
    first = client.get(f"/feeds/town/{TOWN}.atom")
    assert first.headers["Cache-Control"] == "private, max-age=300"
    assert {"Authorization", "Cookie", "Accept-Language"} <= set(first.headers["Vary"].split(", "))
    for header, value in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        again = client.get(f"/feeds/town/{TOWN}.atom", headers={header: first.headers[value]})
        assert (again.status_code, again.data) == (304, b"")


def test_something_new_is_sent(client, records):
    first = client.get(f"/feeds/town/{TOWN}.atom")
    with records() as session:
        project(session, "J2", when=datetime.now(UTC))
    known = {"If-None-Match": first.headers["ETag"], "If-Modified-Since": first.headers["Last-Modified"]}
    for header, value in known.items():
        again = client.get(f"/feeds/town/{TOWN}.atom", headers={header: value})
        assert again.status_code == 200
        # who has what was stored this minute cannot know yet that it has all of it
        assert "Last-Modified" not in again.headers


def test_a_changed_word_changes_the_name_of_the_content(client, records):
    first = client.get(f"/feeds/town/{TOWN}.atom").headers["ETag"]
    with records() as session:
        session.execute(update(Project).values(name="改了名"))
    assert client.get(f"/feeds/town/{TOWN}.atom", headers={"If-None-Match": first}).status_code == 200


# -- by a key --------------------------------------------------------------------------------------------


def key_of(records, *scopes):
    with records() as session:
        add_user(session, "planner", password="a long password", role="planner")
        return api_keys.issue(session, "planner", name="reader", scopes=scopes)[1]


def test_a_reader_that_sends_headers_may_use_a_key(client, records):
    key = key_of(records, "read")
    assert len(titles(read(client, headers={"Authorization": f"Bearer {key}"}))) == 6
    assert len(titles(read(client))) == 4


def test_a_key_without_reading_hears_nothing(client, records):
    key = key_of(records, "report")
    refused = client.get(f"/feeds/town/{TOWN}.atom", headers={"X-API-Key": key})
    assert refused.status_code == 403
    assert "insufficient_scope" in refused.headers["WWW-Authenticate"]


def test_a_key_and_a_token_are_one_too_many(client, signed_in, records):
    path = made_address(signed_in("officer"))
    assert client.get(path, headers={"X-API-Key": key_of(records, "read")}).status_code == 401


@pytest.mark.parametrize("name", ["key", "api_key"])
def test_a_key_in_the_address_is_refused(client, records, name):
    assert client.get(f"/feeds/town/{TOWN}.atom?{name}={key_of(records, 'read')}").status_code == 400


# -- who is told what ------------------------------------------------------------------------------------

# By hand: entries of tickets in the feed of one's own town, of the other, and of the district.
TOLD = {
    "visitor": (0, 0, 0),
    "viewer": (1, 0, 1),
    "officer": (1, 0, 1),
    "unit": (1, 0, 1),
    "town_office": (1, 0, 1),
    "planner": (1, 1, 3),
    "district": (1, 1, 3),
    "admin": (1, 1, 3),
}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_hears_of_the_tickets_it_sees(world, role):
    counts = tuple(
        world.get(role, f"/feeds/{ground}.atom").text.count("<id>tag:localhost,2026:ticket/")
        for ground in (f"town/{OWN_TOWN}", f"town/{OTHER_TOWN}", "district/310112")
    )
    assert counts == TOLD[role]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("form", ["atom", "rss"])
def test_words_are_masked_for_those_who_do_not_read_them(world, role, form):
    said = world.get(role, f"/feeds/town/{OWN_TOWN}.{form}").text
    shown = {name for name, canary in CANARIES.items() if canary in said}
    assert shown == ({"ticket.title", "ticket.address"} if TOLD[role][0] and role != "viewer" else set())
    assert ("meeting/" in said) == (role != "visitor")


# -- on pages --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        ("/where?lon=121.405&lat=31.105", f"village/{VILLAGE}"),
        ("/where?lon=121.405&lat=31.105", f"town/{TOWN}"),
        (f"/poster/{TOWN}", f"town/{TOWN}"),
        (f"/duty?town={TOWN}", f"town/{TOWN}"),
        ("/duty", "district/310112"),
        ("/district", "district/310112"),
        (f"/subscribe?level=cell&code={CELL}", f"cell/{CELL}"),
    ],
)
def test_a_page_about_an_area_offers_its_feed(client, page, feed):
    said = client.get(page, headers={"Accept": "text/html"}).text
    head, _, body = said.partition("</head>")
    found = re.findall(r'<link rel="alternate" type="application/atom\+xml"[^>]* href="([^"]+)"', head)
    assert any(href.startswith(f"/feeds/{feed}.atom") for href in found)
    assert all(client.get(href.replace("&amp;", "&")).status_code == 200 for href in found)
    assert "/subscribe?" in body


# -- at speed --------------------------------------------------------------------------------------------


# Of 20,000 tickets of five towns, one of which has few; v3 is a village with few in a town with many.
MANY = text("""
    INSERT INTO ticket (number, source, category_code, title, state, reported_at, closed_at, town_code, village_code,
                        cell_code, reported_by)
    SELECT 'T' || i, 'x', '0501', '占道', 'closed', now() - i * INTERVAL '1 minute', now() - i * INTERVAL '50 seconds',
           CASE WHEN i > 19980 THEN 't5' ELSE 't' || i % 5 END,
           CASE WHEN i > 19990 THEN 'v3' ELSE 'v' || i % 200 + 9 END,
           'c' || i % 2000, CASE WHEN i % 1000 = 0 THEN 'somebody' END
      FROM generate_series(1, 20000) AS i""")


@pytest.fixture(scope="module")
def many(clone):
    """A session that only reads."""
    engine = clone()
    with session_on(engine) as session:
        session.execute(MANY)
        session.execute(text("ANALYZE ticket"))
    with session_on(engine) as session:
        yield session


def rows_read(node):
    """Rows of tickets that a plan has looked at."""
    own = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    is_scan = node.get("Relation Name") == "ticket"
    return is_scan * own * node["Actual Loops"] + sum(rows_read(one) for one in node.get("Plans", ()))


@pytest.mark.parametrize("level", ["district", "town", "village", "cell"])
@pytest.mark.parametrize(
    "scope",
    [
        pytest.param(ALL, id="all"),
        pytest.param(NOTHING, id="nothing"),
        pytest.param(Scope(towns=("t1",)), id="a town"),
        pytest.param(Scope(towns=("t5",)), id="a town with few"),
        pytest.param(Scope(towns=("t5",), reporter="somebody"), id="a town and own reports"),
        pytest.param(Scope(towns=("t1",), villages=("v3",)), id="a village with few"),
        pytest.param(Scope(towns=("t1",), unit_id=7), id="a unit without any"),
        pytest.param(Scope(towns=("t1",), duty_grids=(7,), reporter="somebody"), id="duty grids"),
    ],
)
def test_no_feed_reads_many_tickets_to_find_a_few(many, level, scope):
    for code in {"district": ["310112"], "town": ["t1", "t5"], "village": ["v3", "v9"], "cell": ["c3"]}[level]:
        told = {"since": date(1900, 1, 1), "zone": "Asia/Shanghai", "with_meetings": True, "most": 50}
        bound = told | queries.values(level, code, scope)
        asked = text(f"EXPLAIN (ANALYZE, FORMAT JSON) {queries.statement(level, code, scope)}")
        ((plan,),) = many.scalars(asked, bound)
        assert rows_read(plan["Plan"]) <= 1000


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        pytest.param(ALL, 100, id="all"),
        pytest.param(NOTHING, 0, id="nothing"),
        pytest.param(Scope(towns=("t5",)), 40, id="a town with few"),
        pytest.param(Scope(towns=("t5",), reporter="somebody"), 78, id="a town and own reports"),
        pytest.param(Scope(towns=("t1",), villages=("v3",)), 20, id="a village with few"),
        pytest.param(Scope(towns=("t4",), duty_grids=(7,), reporter="somebody"), 40, id="own reports"),
    ],
)
def test_every_way_finds_the_same_as_the_scope_does(many, scope, expected):
    found = queries.news(
        many,
        "district",
        "310112",
        since=date(1900, 1, 1),
        zone="Asia/Shanghai",
        scope=scope,
        with_meetings=True,
        most=100,
    )
    plain = text(f"""
        SELECT number, what
          FROM ticket AS i, LATERAL (VALUES ('reported', reported_at), ('closed', closed_at)) AS n (what, at)
         WHERE {scope.clause()}
         ORDER BY n.at DESC, i.number DESC
         LIMIT 100""")
    assert [(one.code, one.what) for one in found] == [tuple(row) for row in many.execute(plain, scope.values())]
    assert len(found) == expected
