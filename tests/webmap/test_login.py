import pytest
from geodata.services.users import add_user, change_password

GOOD = {"name": "anna", "password": "correct horse battery"}


@pytest.fixture
def anna(records):
    with records() as session:
        add_user(session, GOOD["name"], password=GOOD["password"], role="town_office")


@pytest.fixture
def browser(app):
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


def test_signing_in_leads_to_the_map(browser, anna):
    answer = browser.post("/login", data=GOOD)
    assert (answer.status_code, answer.location) == (302, "/")
    assert browser.get("/export/tickets.geojson").status_code == 200


def test_signing_out_ends_it(browser, anna):
    browser.post("/login", data=GOOD)
    assert browser.post("/logout").status_code == 302
    assert browser.get("/export/tickets.geojson").status_code == 401


def test_a_copied_cookie_is_dead_after_a_new_password(browser, anna, records):
    browser.post("/login", data=GOOD)
    with records() as session:
        change_password(session, "anna", password="another long password")
    assert browser.get("/export/tickets.geojson").status_code == 401


@pytest.mark.parametrize("data", [{**GOOD, "password": "wrong"}, {**GOOD, "name": "nobody"}, {}], ids=str)
def test_wrong_names_and_wrong_passwords_get_the_same_words(browser, anna, data):
    answer = browser.post("/login", data=data)
    assert answer.status_code == 401
    assert "密码" in answer.text


def test_the_password_is_never_written_back(browser, anna):
    assert "s3cr3t-try" not in browser.post("/login", data={**GOOD, "password": "s3cr3t-try"}).text


def test_the_sixth_wrong_try_has_to_wait_and_others_do_not(browser, anna):
    wrong = {**GOOD, "password": "wrong"}
    assert [browser.post("/login", data=wrong).status_code for _ in range(6)] == [401] * 5 + [429]
    assert browser.post("/login", data={"name": "other", "password": "x"}).status_code == 401
    elsewhere = browser.post("/login", data=GOOD, environ_base={"REMOTE_ADDR": "127.0.0.9"})
    assert elsewhere.status_code == 302


def test_a_form_without_its_token_is_refused(app, anna):
    answer = app.test_client().post("/login", data=GOOD)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example", "https:evil", "javascript:alert(1)", "/ /x"]
)
def test_no_other_host_is_ever_the_next_page(browser, anna, target):
    assert browser.post("/login", data={**GOOD, "next": target}).location == "/"


def test_the_next_page_on_this_server_is_kept(browser, anna):
    assert browser.post("/login", data={**GOOD, "next": "/tickets?page=2"}).location == "/tickets?page=2"


def test_the_cookie_is_kept_from_scripts_and_other_sites(browser, anna):
    cookie = next(c for c in browser.post("/login", data=GOOD).headers.getlist("Set-Cookie") if c.startswith("wangge="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
