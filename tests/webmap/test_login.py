import pytest

from geodata.services.users import add_user, change_password
from webmap.access import RENEWED_AFTER_S

GOOD = {"name": "anna", "password": "correct horse battery"}


@pytest.fixture
def anna(records):
    with records() as session:
        add_user(session, GOOD["name"], password=GOOD["password"], role="town_office")


@pytest.fixture
def visitor(app):
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


def test_signing_in_leads_to_the_map(visitor, anna):
    answer = visitor.post("/login", data=GOOD)
    assert (answer.status_code, answer.location) == (302, "/")
    assert visitor.get("/export/tickets.geojson").status_code == 200


def test_signing_out_ends_it(visitor, anna):
    visitor.post("/login", data=GOOD)
    assert visitor.post("/logout").status_code == 302
    assert visitor.get("/export/tickets.geojson").status_code == 401


def test_files_are_the_same_for_whoever_asks_and_pages_are_not(visitor, anna):
    visitor.post("/login", data=GOOD)
    file, page = (visitor.get(path, buffered=True) for path in ("/static/css/forms.css", "/tickets"))
    assert (file.status_code, "Cookie" in file.vary, "Set-Cookie" in file.headers) == (200, False, False)
    assert (page.status_code, "Cookie" in page.vary) == (200, True)


def test_a_copied_cookie_is_dead_after_a_new_password(visitor, anna, records):
    visitor.post("/login", data=GOOD)
    with records() as session:
        change_password(session, "anna", password="another long password")
    assert visitor.get("/export/tickets.geojson").status_code == 401


@pytest.mark.parametrize("data", [{**GOOD, "password": "wrong"}, {**GOOD, "name": "nobody"}, {}], ids=str)
def test_wrong_names_and_wrong_passwords_get_the_same_words(visitor, anna, data):
    answer = visitor.post("/login", data=data)
    assert answer.status_code == 401
    assert "密码" in answer.text


def test_the_password_is_never_written_back(visitor, anna):
    assert "s3cr3t-try" not in visitor.post("/login", data={**GOOD, "password": "s3cr3t-try"}).text


def test_the_sixth_wrong_try_has_to_wait_and_others_do_not(visitor, anna):
    wrong = {**GOOD, "password": "wrong"}
    assert [visitor.post("/login", data=wrong).status_code for _ in range(6)] == [401] * 5 + [429]
    assert visitor.post("/login", data={"name": "other", "password": "x"}).status_code == 401
    elsewhere = visitor.post("/login", data=GOOD, environ_base={"REMOTE_ADDR": "127.0.0.9"})
    assert elsewhere.status_code == 302


def test_a_form_without_its_token_is_refused(app, anna):
    answer = app.test_client().post("/login", data=GOOD)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example", "https:evil", "javascript:alert(1)", "/ /x"]
)
def test_no_other_host_is_ever_the_next_page(visitor, anna, target):
    assert visitor.post("/login", data={**GOOD, "next": target}).location == "/"


def test_the_next_page_on_this_server_is_kept(visitor, anna):
    assert visitor.post("/login", data={**GOOD, "next": "/tickets?page=2"}).location == "/tickets?page=2"


def test_the_cookie_is_kept_from_scripts_and_other_sites(visitor, anna):
    cookie = next(c for c in visitor.post("/login", data=GOOD).headers.getlist("Set-Cookie") if c.startswith("wangge="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def cookies_in(answer):
    return [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("wangge=")]


def test_an_answer_still_under_way_does_not_undo_signing_out(visitor, anna):
    visitor.post("/login", data=GOOD)
    late = visitor.get("/api/tickets/counts")
    assert late.status_code == 200
    assert cookies_in(late) == []


def test_a_session_in_use_is_renewed_now_and_then(visitor, anna):
    visitor.post("/login", data=GOOD)
    with visitor.session_transaction() as kept:
        kept["renewed"] -= RENEWED_AFTER_S + 1
    assert len(cookies_in(visitor.get("/api/tickets/counts"))) == 1
    assert cookies_in(visitor.get("/api/tickets/counts")) == []
