"""The description of the API: complete, valid, and told as its links say."""

import json
import re

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from webmap.openapi.document import MEDIA_TYPE, is_door

BOTH = ["/openapi.json", "/ogc/api"]


@pytest.fixture(params=BOTH)
def told(request, client):
    return json.loads(client.get(request.param).text)


def test_it_is_valid_openapi(told):
    assert list(OpenAPIV30SpecValidator(told).iter_errors()) == []
    assert told["openapi"].startswith("3.0.")


def test_every_door_is_described_and_nothing_else(app, client):
    known = {
        (re.sub(r"<(?:\w+(?:\([^)]*\))?:)?\w+>", "{}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if is_door(rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    paths = client.get("/openapi.json").get_json(force=True)["paths"]
    described = {
        (re.sub(r"\{\w+\}", "{}", path), method)
        for path, item in paths.items()
        for method in set(item) - {"parameters"}
    }
    assert described == known


def operations(told):
    for path, item in told["paths"].items():
        for method in set(item) - {"parameters"}:
            yield path, method, item[method], [*item.get("parameters", []), *item[method]["parameters"]]


def test_every_operation_says_what_it_does_and_with_what(told):
    names = [one["operationId"] for _path, _method, one, _known in operations(told)]
    assert len(names) == len(set(names))
    tags = {tag["name"] for tag in told["tags"]}
    for path, _method, one, known in operations(told):
        assert one["summary"], path
        assert one["description"], path
        assert not path.endswith("/") or path == "/", path
        assert set(one["tags"]) <= tags
        assert {param["name"] for param in known if param["in"] == "path"} == set(re.findall(r"\{(\w+)\}", path))
        assert len({(param["name"], param["in"]) for param in known}) == len(known), path
        assert all(param["schema"] and (param["in"] == "path" or param["description"]) for param in known)
        assert {"200", "201", "204"} & set(one["responses"])


def test_a11_every_status_and_every_problem_is_listed(told):
    assert {"bearer", "key", "session"} <= set(told["components"]["securitySchemes"])
    for _path, _method, one, _known in operations(told):
        assert {"400", "401", "403", "404", "500", "503"} <= set(one["responses"])
        assert one["security"]
    for problem in told["components"]["responses"].values():
        assert set(problem["content"]) == {"application/problem+json"}


def test_it_leads_nowhere_else_and_leaves_nothing_out(told):
    refs = re.findall(r'"\$ref": "([^"]+)"', json.dumps(told))
    parts = {f"#/components/{kind}/{name}" for kind in ("schemas", "responses") for name in told["components"][kind]}
    assert set(refs) == parts
    for one in refs:
        at = told
        assert one.startswith("#/")
        for part in one[2:].split("/"):
            at = at[part]
    hosts = set(re.findall(r"https?://([^/\"]+)", json.dumps(told)))
    assert hosts <= {"localhost", "www.apache.org"}


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("limit", {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 100}),
        ("bbox", {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}),
        ("datetime", {"type": "string"}),
    ],
)
def test_a5_to_a7_parameters_are_described_as_the_standard_has_them(client, name, facts):
    paths = client.get("/ogc/api").get_json(force=True)["paths"]
    (found,) = [one for one in paths["/collections/{collectionId}/items"]["get"]["parameters"] if one["name"] == name]
    assert found["schema"] == facts
    assert (found["style"], found["explode"], found["required"]) == ("form", False, False)


def test_the_ogc_document_is_written_from_its_own_door(client):
    told = client.get("/ogc/api").get_json(force=True)
    assert told["servers"] == [{"url": "http://localhost/ogc"}]
    assert {"/", "/conformance", "/collections", "/collections/{collectionId}"} <= set(told["paths"])


def test_a1_links_to_the_description_give_what_they_say(client):
    links = client.get("/ogc/?f=json").json["links"]
    described = [one for one in links if one["rel"] in {"service-desc", "service-doc"}]
    assert {one["rel"] for one in described} == {"service-desc", "service-doc"}
    for one in described:
        answer = client.get(one["href"], headers={"Accept": one["type"]})
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].replace("; charset=utf-8", "") == one["type"]


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        (None, MEDIA_TYPE),
        ("*/*", MEDIA_TYPE),
        ("application/json", "application/json"),
        (MEDIA_TYPE, MEDIA_TYPE),
        ("text/html", "text/html; charset=utf-8"),
    ],
)
@pytest.mark.parametrize("path", BOTH)
def test_the_description_is_told_under_the_name_that_is_accepted(client, path, accept, mimetype):
    answer = client.get(path, headers={"Accept": accept} if accept else {})
    assert answer.headers["Content-Type"] == mimetype


@pytest.mark.parametrize("path", BOTH)
def test_it_can_be_read_without_any_network(client, path):
    page = client.get(path, headers={"Accept": "text/html", "Accept-Language": "zh"}).text
    assert "collections/{collectionId}/items" in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//(?!localhost)', page)


def test_it_speaks_both_languages(client):
    told = {
        lang: client.get(f"/openapi.json?lang={lang}").get_json(force=True)["paths"]["/ogc/collections"]["get"][
            "summary"
        ]
        for lang in ("zh_Hans", "en")
    }
    assert told["en"] == "The collections that whoever asks may read"
    assert told["zh_Hans"] != told["en"]
