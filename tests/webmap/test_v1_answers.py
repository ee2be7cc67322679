"""Every answer of the API is of exactly the shape that its description tells, for whoever asks."""

import json

import pytest
from openapi_schema_validator import OAS30Validator
from programs import V1
from two_towns import CANARIES, OTHER_TOWN, ROLES

HERE = {"category": "0501", "lon": 121.405, "lat": 31.115}

# In their order: what is done with a ticket stands behind what was told of it before.
ASKED = [
    ("GET", "/tickets", "/tickets?limit=1", None),
    ("GET", "/tickets/{number}", "/tickets/OWN", None),
    ("GET", "/tickets/{number}/events", "/tickets/OWN/events", None),
    ("GET", "/tickets/{number}/photos", "/tickets/OWN/photos", None),
    ("GET", "/tickets/{number}/candidates", "/tickets/OWN/candidates", None),
    ("GET", "/where", "/where?lon=121.405&lat=31.105&category=0501", None),
    ("POST", "/geocode", "/geocode", {"addresses": ["单位U1", "东川路1号", "西镇"]}),
    ("GET", "/coverage", "/coverage?radius=500", None),
    ("GET", "/coverage/gaps", "/coverage/gaps?radius=500&limit=2", None),
    ("GET", "/coverage/trial", "/coverage/trial?radius=500&closed=U1&open=121.41,31.11", None),
    ("POST", "/siting", "/siting", {"count": 2, "radius_m": 500}),
    ("GET", "/categories", "/categories", None),
    ("GET", "/units", "/units?limit=1", None),
    ("GET", "/indices", "/indices?level=unit&period=2026", None),
    ("GET", "/me", "/me", None),
    ("POST", "/tickets", "/tickets", HERE | {"title": "电话13800007003"}),
    ("POST", "/tickets/{number}/comments", "/tickets/OWN/comments", {"text": "说明"}),
    ("POST", "/tickets/{number}/moves", "/tickets/OWN/moves", {"action": "note", "reason": "x"}),
    ("POST", "/tickets/{number}/moves", "/tickets/OWN/moves", {"action": "ask_extend", "reason": "x", "amount": 2}),
    ("POST", "/tickets/{number}/assignment", "/tickets/OWN/assignment", {"dry_run": True}),
    ("POST", "/tickets/{number}/assignment", "/tickets/OWN/assignment", {"unit": "U2", "reason": "x"}),
    ("POST", "/tickets/{number}/assignment", "/tickets/OWN/assignment", {}),
    ("POST", "/assignments", "/assignments", {"dry_run": True}),
    ("POST", "/tickets/{number}/moves", "/tickets/OWN/moves", {"action": "return", "reason": "x"}),
]

# Bytes, of which no schema says more.
PICTURES = {"/tickets/{number}/photos/{photoId}.jpg", "/tickets/{number}/photos/{photoId}-small.jpg"}


@pytest.fixture(scope="module")
def described(world):
    """The description, in which objects have the members that it names and no others."""
    told = json.loads(world.get("visitor", "/openapi.json").text)
    return _closed(told)


def _closed(part):
    if isinstance(part, list):
        return [_closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    found = {name: _closed(one) for name, one in part.items()}
    return (
        {"additionalProperties": False, **found} if found.get("type") == "object" and "properties" in found else found
    )


def wrong(described, method, path, answer):
    """What is wrong with an answer by its description, in words."""
    told = described["paths"][f"{V1}{path}"][method.lower()]["responses"][str(answer.status_code)]
    if "$ref" in told:
        told = described["components"]["responses"][told["$ref"].rpartition("/")[2]]
    schema = told["content"][answer.mimetype]["schema"]
    whole = {"allOf": [schema], "components": described["components"]}
    checker = OAS30Validator(whole, format_checker=OAS30Validator.FORMAT_CHECKER)
    return [f"{one.json_path}: {one.message}"[:300] for one in checker.iter_errors(answer.json)]


def test_all_operations_are_asked(described):
    known = {
        (method.upper(), path.removeprefix(V1))
        for path, item in described["paths"].items()
        if path.startswith(f"{V1}/")
        for method in set(item) - {"parameters"}
    }
    assert {(method, path) for method, path, _address, _body in ASKED} == {
        one for one in known if one[1] not in PICTURES
    }


@pytest.mark.parametrize("role", ROLES)
def test_every_answer_has_exactly_the_shape_that_is_told(world, described, role):
    good = set()
    for method, path, address, body in ASKED:
        answer = world.ask(role, method, f"{V1}{address}", body)
        assert wrong(described, method, path, answer) == [], (method, address, answer.status_code)
        if answer.status_code < 300:
            good.add((method, path))
    # whoever assigns is told everything, but for what they may not do
    if role in {"town_office", "district", "admin"}:
        assert good == {(method, path) for method, path, _address, _body in ASKED}


def test_the_check_finds_what_is_not_as_told(world, described):
    answer = world.get("admin", f"{V1}/me")
    told = json.loads(json.dumps(described))
    told["components"]["schemas"]["Me"]["properties"]["name"] = {"type": "integer"}
    del told["components"]["schemas"]["Me"]["properties"]["role"]
    assert len(wrong(told, "GET", "/me", answer)) == 2


@pytest.mark.parametrize("address", sorted({address for method, _path, address, _body in ASKED if method == "GET"}))
def test_s26_no_answer_to_a_viewer_has_numbers_of_people(world, address):
    for role in ("viewer", "reader"):
        text = world.get(role, f"{V1}{address}").text
        assert not [number for number in CANARIES.values() if number in text]


@pytest.mark.parametrize("role", ["viewer", "officer", "unit", "town_office"])
def test_no_list_names_another_towns_ticket(world, role):
    for address in ("/tickets", f"/tickets?area={OTHER_TOWN}", "/where?lon=121.435&lat=31.105", "/tickets?unit=U2"):
        assert world.numbers["OTHER"] not in world.get(role, f"{V1}{address}").text
