import pytest
from makers import add_areas

from webmap.access import ACTIONS, EVERYBODY


def test_the_process_says_that_it_lives(client):
    assert client.get("/healthz").get_json() == {"status": "ok"}


def test_it_is_ready_when_the_database_answers(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["checks"]["database"]) == (200, "ok")


def test_it_is_not_ready_when_the_database_is_away(client, fresh_engine, cluster):
    fresh_engine.dispose()
    cluster.drop_database(fresh_engine.url.database)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["checks"]["database"]) == (503, "away")
    assert client.get("/healthz").status_code == 200


def test_a_database_that_is_away_is_503_with_a_time_to_come_back(client, fresh_engine, cluster):
    fresh_engine.dispose()
    cluster.drop_database(fresh_engine.url.database)
    answer = client.get("/where?lon=121&lat=31", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


@pytest.mark.parametrize(
    "path", ["/", "/units", "/coverage", "/login", "/healthz", "/nothing", "/export/towns.geojson"]
)
def test_every_answer_carries_the_protecting_headers(client, records, path):
    with records() as session:
        add_areas(session)
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'self'" in policy
    assert "Access-Control-Allow-Origin" not in headers


def test_parts_of_a_page_carry_no_policies_of_a_page(client, records):
    with records() as session:
        add_areas(session)
    for path in ("/static/js/map.js", "/static/css/map.css", "/tiles/towns/11/1714/837.mvt"):
        with client.get(path) as answer:
            assert answer.status_code == 200, path
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "Content-Security-Policy" not in answer.headers
    # an image can be opened as a page of its own
    with client.get("/static/icons/icon.svg") as image:
        assert "Content-Security-Policy" in image.headers


def test_the_nonce_is_new_each_time(client):
    one, two = (client.get("/login").headers["Content-Security-Policy"] for _ in range(2))
    assert one != two


@pytest.mark.parametrize(
    ("accept", "mimetype"), [("text/html", "text/html"), ("application/json", "application/problem+json")]
)
def test_an_error_has_one_shape_for_people_and_one_for_programs(client, accept, mimetype):
    answer = client.get("/nothing", headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (404, mimetype)


@pytest.mark.parametrize(
    ("sent", "lang"),
    [
        ({}, "zh-Hans"),
        ({"headers": {"Accept-Language": "en-GB,en;q=0.9"}}, "en"),
        ({"headers": {"Accept-Language": "zh-CN"}}, "zh-Hans"),
        ({"query_string": {"lang": "en"}}, "en"),
        ({"query_string": {"lang": "xx"}, "headers": {"Accept-Language": "zh"}}, "zh-Hans"),
    ],
    ids=["district's own", "browser", "browser in Chinese", "asked for", "unknown"],
)
def test_the_page_speaks_the_readers_language(client, sent, lang):
    assert f'lang="{lang}"' in client.get("/login", **sent).text


def test_a_chosen_language_is_remembered(client):
    client.get("/login?lang=en")
    assert 'lang="en"' in client.get("/login").text


def test_no_error_tells_how_the_program_is_made(client):
    for path in ("/nothing", "/units/../../etc/passwd", "/tickets/'--", "/units/%00"):
        text = client.get(path).text
        assert "Traceback" not in text
        assert "SELECT" not in text


def test_every_action_names_known_roles():
    for roles in ACTIONS.values():
        assert roles <= EVERYBODY


def test_a_form_larger_than_any_of_ours_is_refused(client):
    assert client.post("/login", data={"name": "x" * 3_000_000}).status_code in {403, 413}
