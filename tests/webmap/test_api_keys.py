"""Keys of programs: a request with one is its owner's, within its scopes, and nobody else's."""

import logging
import re

import pytest
from sqlalchemy import delete, select, update
from two_towns import OTHER_TOWN, OWN_TOWN, ROLES

from geodata.catalog import COLLECTIONS
from geodata.db import session_on
from geodata.errors import NotFound
from geodata.models import ApiKey, Ticket, User
from geodata.queries.scope import NOTHING
from geodata.services import api_keys, permissions
from geodata.services.permissions import SCOPES
from webmap import access
from webmap.api_keys import DOORS
from webmap.errors import NotAllowed, ScopeLacking
from webmap.records import current_session

SIGNED_IN = ROLES[1:]


@pytest.fixture(autouse=True)
def no_tries_and_no_keys(world):
    for limiter in world.app.extensions["limiter"]:
        limiter.reset()
    with session_on(world.engine) as session:
        session.execute(delete(ApiKey))


@pytest.fixture
def key_of(world):
    """A function from a user and scopes to the text of a key."""

    def issue(user, *scopes, **how):
        with session_on(world.engine) as session:
            return api_keys.issue(session, user, name="a program", scopes=scopes or SCOPES, **how)[1]

    return issue


@pytest.fixture
def change(world):
    """A function that changes the keys there are."""

    def put(**values):
        with session_on(world.engine) as session:
            session.execute(update(ApiKey).values(**values))

    return put


def by(key):
    return {"Authorization": f"Bearer {key}"}


def asks(world, key, address, *, cookie=None, method="GET", **how):
    return world.ask(cookie or "visitor", method, address, headers=by(key), **how)


TICKETS = "/export/tickets.geojson"


def test_a_program_reads_by_a_key_what_its_owner_may_read(world, key_of):
    assert asks(world, key_of("admin", "read"), TICKETS).json["features"]
    assert world.get("visitor", TICKETS).status_code == 401


def test_the_other_header_does_as_well(world, key_of):
    assert world.get("visitor", TICKETS, headers={"X-API-Key": key_of("admin", "read")}).status_code == 200


def test_the_word_bearer_is_read_in_any_case(world, key_of):
    assert world.get("visitor", TICKETS, headers={"Authorization": f"bearer  {key_of('admin')}"}).status_code == 200


def test_no_cookie_comes_of_a_key_and_caches_are_told(world, key_of):
    answer = asks(world, key_of("admin", "read"), TICKETS)
    assert "Set-Cookie" not in answer.headers
    assert {"Authorization", "X-API-Key"} <= set(answer.vary)
    assert "private" in answer.headers["Cache-Control"]


# -- a key of one town never sees another's -------------------------------------------------------------


def without_the_clock(text):
    return re.sub(r'"timeStamp": *"[^"]*"', "", text)


@pytest.mark.parametrize("role", ["viewer", "officer", "unit", "town_office"])
def test_a_key_sees_the_tickets_that_its_owner_sees(world, key_of, role):
    key = key_of(role, "read", "work")
    items = "/ogc/collections/tickets/items?f=json"
    for address in (TICKETS, items, "/api/list/tickets", "/api/search?q=%E5%8D%A0%E9%81%93", "/api/tickets/counts"):
        by_key, by_cookie = asks(world, key, address), world.get(role, address)
        assert by_key.status_code == by_cookie.status_code
        assert without_the_clock(by_key.text) == without_the_clock(by_cookie.text), address
        assert world.numbers["OTHER"] not in by_key.text
    assert world.numbers["OWN"] in asks(world, key, TICKETS).text


def test_a_key_that_may_only_read_is_told_words_masked_where_work_alone_lifts_the_mask(world, key_of):
    told = {scopes: asks(world, key_of("unit", *scopes), TICKETS).text for scopes in (("read",), ("read", "work"))}
    assert "13800007003" not in told["read",]
    assert "13800007003" in told["read", "work"]


# -- scopes, for all roles and actions ------------------------------------------------------------------


@pytest.fixture
def stands(world):
    """A function that asks something as a user with a key of some scopes; None: with a password."""

    def ask(user, scopes, question):
        with world.app.test_request_context("/api/"):
            found = current_session().scalars(select(User).where(User.name == user)).one()
            access.enter_by_key(found, scopes)
            return question()

    return ask


@pytest.mark.parametrize("role", SIGNED_IN)
@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_lets_do_what_stands_under_it_and_the_role_allows(stands, role, scope):
    def granted():
        return {action for action in permissions.table() if access.may(action)}

    under = {action for action, wanted in permissions.scopes().items() if wanted == scope}
    assert stands(role, {scope}, granted) == stands(role, None, granted) & under


@pytest.mark.parametrize("role", SIGNED_IN)
def test_all_scopes_together_leave_out_what_no_key_may_do(stands, role):
    def granted():
        return {action for action in permissions.table() if access.may(action)}

    lost = stands(role, None, granted) - stands(role, SCOPES, granted)
    assert lost == {"key.own"} | ({"user.set", "webhook.set"} if role == "admin" else set())


@pytest.mark.parametrize("action", permissions.table())
def test_a_refusal_names_the_scope_that_is_lacking(stands, action):
    scope = permissions.scopes()[action]
    others = set(SCOPES) - {scope}
    with pytest.raises(ScopeLacking) as refused:
        stands("admin", others, lambda: access.demand(action))
    assert (refused.value.action, refused.value.scope) == (action, None if scope == "none" else scope)


def test_what_the_role_does_not_allow_is_not_put_on_the_key(stands):
    with pytest.raises(NotAllowed) as refused:
        stands("viewer", {"read"}, lambda: access.demand("policy.set"))
    assert not isinstance(refused.value, ScopeLacking)


def test_a_key_that_may_only_report_reports_for_its_own_town_and_reads_no_ticket(stands):
    def asked():
        return (
            access.may("ticket.report", town_code=OWN_TOWN),
            access.may("ticket.report", town_code=OTHER_TOWN),
            access.ticket_scope(),
            access.reads_words(),
        )

    assert stands("town_office", {"report"}, asked) == (True, False, NOTHING, False)


def test_without_the_scope_to_read_a_ticket_is_not_even_looked_for(world, stands):
    for name in ("OWN", "OTHER", "NOWHERE"):
        with pytest.raises(ScopeLacking, match="'read'"):
            stands("officer", {"work"}, lambda number=world.numbers[name]: access.ticket(number))


def test_with_it_a_ticket_of_another_town_is_not_there(world, stands):
    def handle(name):
        found = current_session().scalars(select(Ticket).where(Ticket.number == world.numbers[name])).one()
        access.demand("ticket.handle", ticket=found)

    with pytest.raises(NotFound):
        stands("officer", {"read", "work"}, lambda: handle("OTHER"))
    with pytest.raises(ScopeLacking, match="'read'"):
        stands("officer", {"work"}, lambda: handle("OWN"))
    stands("officer", {"read", "work"}, lambda: handle("OWN"))


@pytest.mark.parametrize(("scopes", "may"), [({"edit"}, (True, False)), ({"read", "work"}, (False, False))])
def test_records_of_areas_and_units_are_changed_with_the_scope_to_edit(stands, scopes, may):
    def asked():
        return tuple(access.may_in("meeting.set", "town", town) for town in (OWN_TOWN, OTHER_TOWN))

    assert stands("town_office", scopes, asked) == may


@pytest.mark.parametrize("scopes", [{"read"}, {"report"}, {"edit"}])
def test_a_key_without_the_scope_to_work_settles_no_address(stands, scopes):
    scope = stands("district", scopes, access.address_scope)
    assert not scope.has("units", None)
    assert not scope.has("tickets", OWN_TOWN)


# One door of each kind and which scopes open it; by hand.
OPENED_BY = [
    ("GET", TICKETS, None, {"read"}),
    ("GET", "/export/units.geojson", None, {"read"}),
    ("GET", "/tiles/towns/12/0/0.mvt", None, {"read"}),
    ("GET", "/api/list/tickets", None, {"read"}),
    ("GET", "/api/indices", None, {"read"}),
    ("GET", "/where?lon=121.405&lat=31.105", None, set(SCOPES)),
    ("GET", "/api/queue", None, {"work"}),
    ("GET", "/api/geocoding", None, {"work"}),
    ("POST", "/api/geocoding/undo", {"decision": "999999"}, {"work"}),
    ("POST", "/api/duty/check", {"town": OWN_TOWN, "kind": "block"}, {"edit"}),
]


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize(("method", "address", "form", "scopes"), OPENED_BY, ids=[one[1] for one in OPENED_BY])
def test_a_door_is_opened_by_its_scope_alone(world, key_of, method, address, form, scopes, scope):
    answer = asks(world, key_of("admin", scope), address, method=method, form=form)
    if scope in scopes:
        assert answer.status_code in {200, 204, 404, 409, 422}
    else:
        assert answer.status_code == 403
        assert next(iter(scopes)) in answer.json["detail"]
        assert answer.headers["WWW-Authenticate"] == f'Bearer error="insufficient_scope", scope="{next(iter(scopes))}"'


@pytest.mark.parametrize("collection", [one.id for one in COLLECTIONS])
def test_no_collection_is_read_without_the_scope_to_read(world, key_of, collection):
    key = key_of("admin", "report", "work", "edit")
    ways = ("/export/{}.geojson", "/api/list/{}", "/tiles/{}/12/0/0.mvt", "/ogc/collections/{}/items")
    for way in ways:
        assert asks(world, key, way.format(collection)).status_code == 403, way
    assert asks(world, key, "/ogc/collections?f=json").json["collections"] == []


# -- keys that are not good -------------------------------------------------------------------------------


def refused(answer):
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    return True


WRONG = ["", "wg_", "wg_aaaaaaaa_" + "x" * 43, "x" * 5000, "钥匙".encode().decode("latin-1"), "null", "' OR 1=1 --"]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda each: each[:12])
@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_a_wrong_key_is_refused_and_never_falls_back_to_the_cookie(world, header, wrong):
    sent = {header: f"Bearer {wrong}" if header == "Authorization" else wrong}
    for who in ("visitor", "admin"):
        for address in (TICKETS, "/where?lon=121.405&lat=31.105", "/export/units.geojson"):
            answer = world.get(who, address, headers=sent)
            assert refused(answer)
            assert "x" * 43 not in answer.text


def test_a_key_that_was_revoked_or_has_ended_is_refused_at_once(world, key_of, change):
    key = key_of("admin", "read")
    for values in ({"revoked_at": "2026-01-01"}, {"expires_at": "2026-01-01"}):
        assert asks(world, key, TICKETS).status_code == 200
        change(**values)
        assert refused(asks(world, key, TICKETS))
        assert refused(asks(world, key, TICKETS, cookie="admin"))
        change(revoked_at=None, expires_at=None)


def test_a_key_is_dead_while_its_owner_is_switched_off(world, key_of):
    key = key_of("reader", "read")
    for is_active in (True, False, True):
        with session_on(world.engine) as session:
            session.execute(update(User).where(User.name == "reader").values(is_active=is_active))
        assert asks(world, key, TICKETS).status_code == (200 if is_active else 401)


def test_a_key_does_what_its_owners_role_allows_today(world, key_of):
    key = key_of("reader", "work")
    for role, status in (("viewer", 403), ("district", 200), ("viewer", 403)):
        with session_on(world.engine) as session:
            session.execute(update(User).where(User.name == "reader").values(role=role))
        assert asks(world, key, "/api/queue").status_code == status


def test_two_keys_in_one_request_are_one_too_many(world, key_of):
    sent = by(key_of("admin", "read")) | {"X-API-Key": key_of("viewer", "read")}
    assert refused(world.get("visitor", TICKETS, headers=sent))
    key = key_of("admin", "read")
    assert world.get("visitor", TICKETS, headers=by(key) | {"X-API-Key": key}).status_code == 200


@pytest.mark.parametrize("address", ["/", "/tickets", "/keys", "/mine", "/report", "/login", "/healthz", "/apiary"])
def test_a_key_opens_no_page(world, key_of, address):
    for key in (key_of("admin"), "wg_wrong"):
        answer = asks(world, key, address, cookie="admin")
        assert refused(answer)
        assert DOORS[0] in answer.json["detail"]


def test_a_proxys_own_token_is_no_key_of_ours_on_a_page(world):
    assert asks(world, "eyJhbGciOi.J9", "/tickets", cookie="admin").status_code == 200
    assert world.get("visitor", "/", headers={"Authorization": "Basic YTpi"}).status_code == 200


def test_after_many_wrong_keys_an_address_waits_and_a_good_one_is_let_in(world, key_of):
    key = key_of("admin", "read")
    statuses = [asks(world, "wg_wrong", TICKETS).status_code for _ in range(32)]
    assert statuses == [401] * 30 + [429] * 2
    assert asks(world, "wg_wrong", TICKETS).headers["Retry-After"] == "900"
    assert asks(world, key, TICKETS).status_code == 200
    elsewhere = asks(world, "wg_wrong", TICKETS, environ_base={"REMOTE_ADDR": "127.0.0.9"})
    assert elsewhere.status_code == 401


# -- beside a cookie -------------------------------------------------------------------------------------


def test_of_a_key_and_a_cookie_the_key_counts(world, key_of):
    by_key = asks(world, key_of("town_office", "read"), TICKETS, cookie="admin")
    assert world.numbers["OWN"] in by_key.text
    assert world.numbers["OTHER"] not in by_key.text
    assert asks(world, key_of("admin", "report"), TICKETS, cookie="admin").status_code == 403


def test_the_browsers_own_session_lives_on(world, key_of):
    browser = world.app.test_client()
    browser.set_cookie("wangge", world.cookies["admin"])
    for key in (key_of("viewer", "read"), "wg_wrong"):
        assert "Set-Cookie" not in browser.get(TICKETS, headers=by(key)).headers
        assert browser.get("/webhooks").status_code == 200


UNDO = ("/api/geocoding/undo", {"decision": "999999"})


def test_without_a_key_a_form_still_needs_its_token_and_with_one_it_does_not(world, key_of, monkeypatch):
    monkeypatch.setitem(world.app.config, "WTF_CSRF_ENABLED", 1)
    address, form = UNDO
    key = key_of("admin", "work")
    assert world.ask("admin", "POST", address, form).status_code == 403
    assert asks(world, key, address, method="POST", form=form).status_code == 404
    assert asks(world, key, address, cookie="admin", method="POST", form=form).status_code == 404
    assert refused(asks(world, "wg_wrong", address, cookie="admin", method="POST", form=form))
    for proxy in ("Basic YTpi", "Bearer", "Digest x"):
        answer = world.ask("admin", "POST", "/tickets/OWN/accept", {}, headers={"Authorization": proxy})
        assert answer.status_code == 403
    assert asks(world, key, "/tickets/OWN/accept", cookie="admin", method="POST").status_code == 401


def test_a_key_in_the_address_or_the_form_counts_for_nothing_but_open311(world, key_of):
    key = key_of("admin")
    assert world.get("visitor", f"/api/indices?api_key={key}").status_code in {400, 401}
    address, form = UNDO
    assert world.ask("visitor", "POST", address, form | {"api_key": key}).status_code == 401


def test_open311_takes_its_key_as_a_parameter(world, key_of):
    key = key_of("admin")
    for address, form in ((f"/open311/v2/x?api_key={key}", None), ("/open311/v2/x", {"api_key": key})):
        assert world.ask("visitor", "POST" if form else "GET", address, form).status_code == 404
    for address, form in (("/open311/v2/x?api_key=wrong", None), ("/open311/v2/x", {"api_key": "wrong"})):
        answer = world.ask("admin", "POST" if form else "GET", address, form)
        # as that contract has it
        assert (answer.status_code, answer.mimetype) == (403, "text/xml")
    assert world.get("visitor", "/open311/v2/x?api_key=").status_code == 404


# -- the secret stays a secret ---------------------------------------------------------------------------


def test_the_key_is_in_no_log_and_no_answer(world, key_of, caplog):
    key = key_of("admin")
    secret = key[-43:]
    told = []
    with caplog.at_level(logging.DEBUG):
        for address in (TICKETS, "/tickets", "/api/nothing", f"/open311/v2/x?api_key={key}", "/where?lon=1&lat=x"):
            told.append(asks(world, key, address))
            told.append(asks(world, key[:-1] + "!", address))
    told += [world.get("admin", f"/export/{collection.id}.geojson") for collection in COLLECTIONS]
    assert all(secret[:-1] not in answer.text + str(answer.headers) for answer in told)
    assert secret[:-1] not in caplog.text


def test_the_last_use_is_kept_even_of_a_request_that_was_refused(world, key_of):
    key = key_of("viewer", "read")
    assert asks(world, key, "/api/queue").status_code == 403
    with session_on(world.engine) as session:
        assert api_keys.of_prefix(session, key[3:11]).key.last_used_at is not None
