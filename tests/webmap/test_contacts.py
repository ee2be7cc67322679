"""Phones and other numbers reach those who work with them, and no viewer by any address there is."""

import json
import re
from urllib.parse import quote

import pytest
from addresses import address_of, tile_here
from makers import at
from two_towns import CANARIES, DISTRICT, OWN_TOWN

from geodata.catalog import COLLECTIONS
from geodata.masking import mask
from geodata.models import Base
from geodata.services.sheets import SHEETS

CONTACT_COLUMN = re.compile(r"phone|contact|liaison|mail|wechat|qq")


def pages_with_words(world):
    """Addresses of every route that is read, with all that makes them tell more."""
    found = [
        "/units?kind=market",
        "/units/U1",
        "/units/U2",
        "/tickets?sort=due",
        "/export/tickets.geojson",
        "/tickets/OWN",
        "/tickets/OTHER",
        f"/network?level=town&area={OWN_TOWN}",
    ]
    lon, lat = at(0.5, 0.5)
    found += [f"/where?lon={lon}&lat={lat}&category=0501", "/poster/310112101001", f"/poster/{DISTRICT}?size=A4"]
    found += [f"/export/sheets/{kind}.csv" for kind in SHEETS]
    for collection in COLLECTIONS:
        found += [f"/export/{collection.id}.geojson", f"/api/list/{collection.id}?limit=200"]
        found += ["/tiles/{id}/{z}/{x}/{y}.mvt".format(id=collection.id, **tile_here(z)) for z in (12, 15)]
    words = ["占道", "请打", "东川路", "一队", "单位U1", *CANARIES.values()]
    words += [*(value[:length] for value in CANARIES.values() for length in (3, 5, 7, 9))]
    found += [f"/api/search?q={quote(word)}" for word in words]
    for rule in world.app.url_map.iter_rules():
        if "GET" in rule.methods:
            found += [address_of(rule.rule, other=other) for other in (False, True)]
    # a PDF is its page, which is among them, packed so that nothing could be found in it
    return [each for each in dict.fromkeys(found) if not each.partition("?")[0].endswith(".pdf")]


def told_to(world, role):
    """All that a role can read, by address."""
    told = {}
    for address in pages_with_words(world):
        page = world.get(role, address, headers={"Accept": "text/html"})
        told[address, "text/html"] = page
        # what is no page to who asks for one is the same to all
        if page.mimetype in {"text/html", "application/problem+json"} or page.status_code >= 300:
            told[address, "application/json"] = world.get(role, address, headers={"Accept": "application/json"})
    return told


def canaries_in(answer, address):
    """Canaries that an answer holds, less what it only says again of the question."""
    body = answer.data.decode("utf-8", errors="replace")
    query = json.loads(body)["query"] if address.startswith("/api/search") and answer.status_code == 200 else None
    if query:
        body = body.replace(json.dumps(query, ensure_ascii=False), "")
    return [name for name, canary in CANARIES.items() if canary in body]


@pytest.mark.parametrize("role", ["visitor", "viewer", "reader"])
def test_no_viewer_reads_a_contact_or_a_number_anywhere(world, role):
    found = {key: canaries for key, answer in told_to(world, role).items() if (canaries := canaries_in(answer, key[0]))}
    assert found == {}


@pytest.mark.parametrize("word", [value for name, value in CANARIES.items() if name.startswith("ticket.")])
def test_no_viewer_can_guess_a_number_by_searching_for_it(world, word):
    """Nothing is found by signs that are not shown: else the number could be read out, one digit after the other."""
    shown = {mask(value) for value in CANARIES.values()}
    for length in range(3, len(word) + 1):
        for start in range(len(word) - length + 1):
            asked = word[start : start + length].strip()
            hits = world.get("reader", f"/api/search?q={quote(asked)}").get_json()["hits"]
            if any(hit["kind"] == "ticket" for hit in hits):
                assert any(asked in value for value in shown), asked
    assert world.get("admin", f"/api/search?q={quote(CANARIES['ticket.title'])}").get_json()["hits"]


def test_those_who_work_with_them_read_them_all(world):
    found = {name for key, answer in told_to(world, "admin").items() for name in canaries_in(answer, key[0])}
    assert found == set(CANARIES)


def test_a_unit_reads_what_people_wrote_to_it_but_no_contacts_of_others(world):
    found = {name for key, answer in told_to(world, "unit").items() for name in canaries_in(answer, key[0])}
    assert found == {name for name in CANARIES if name.startswith(("ticket", "whistle_call"))}


def test_every_column_of_a_contact_has_its_canary():
    columns = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if CONTACT_COLUMN.search(column.name)
    }
    assert columns <= set(CANARIES)
