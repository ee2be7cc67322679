"""Whatever the description of the API allows, and what it does not: the answers are those that it tells of.

The suite sends a few examples to each operation. Many more: `pytest -m slow tests/webmap/test_schemathesis.py`.
"""

import json

import pytest
import schemathesis
from addresses import tile_here
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup
from two_towns import OWN_TOWN

from geodata.db import session_on
from geodata.services import api_keys
from geodata.services.permissions import SCOPES

load_all_checks()
CHECKED = CHECKS.get_by_names(
    ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
)
ROLES = ("admin", "town_office")
TAGS = ("ogc", "v1", "open311", "export", "tiles", "pages")

# What often stands for a part of a path, so that not all that is sent is about nothing.
REAL = {
    "number": ("OWN", "OTHER", "NOWHERE"),
    "photoId": (1, 2),
    "collectionId": ("tickets", "towns", "units", "villages", "grid_cells", "coverage_cells"),
    "featureId": ("OWN", "U1", OWN_TOWN),
    "collectionIds": ("towns,villages",),
    "kind": ("memberships",),
    **{name: (int(value),) for name, value in tile_here(12).items()},
}
SENT = {
    "POST /api/v1/tickets": (
        {"category": "0501", "lon": 121.405, "lat": 31.105},
        {"category": "0102", "handled": True},
    ),
    "POST /api/v1/tickets/{number}/moves": ({"action": "accept"}, {"action": "note", "reason": "x"}),
    "POST /api/v1/tickets/{number}/assignment": ({}, {"unit": "U1", "reason": "x"}),
    "POST /api/v1/assignments": ({"town": OWN_TOWN}, {"dry_run": True}),
}


@pytest.fixture(scope="module")
def keys(world):
    with session_on(world.engine) as session:
        return {role: api_keys.issue(session, role, name="tests", scopes=SCOPES)[1] for role in ROLES}


@pytest.fixture(scope="module")
def schema(world):
    return schemathesis.openapi.from_wsgi("/openapi.json", world.app)


@pytest.fixture(autouse=True)
def errors_are_answered(world, monkeypatch):
    monkeypatch.setattr(world.app, "testing", value=False)
    # a server's own time limit: what takes longer is an answer that is not told of
    monkeypatch.setitem(world.app.config, "RATELIMIT_ENABLED", value=False)


def by(key):
    # in a process nobody unpacks what is sent packed
    return {"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"}


def told_wrongly(world, schema, headers, tag, count):
    """What was answered otherwise than it is described, of `count` requests to each operation under a tag."""
    found = {}
    for operation in (each.ok() for each in schema.get_all_operations()):
        if operation.definition.raw["tags"] != [tag]:
            continue
        for mode in GenerationMode:
            told = ask(world, operation, headers, count, mode)
            if told:
                found[operation.label, mode.value] = told
    return found


def ask(world, operation, headers, count, mode):
    """The first failure of an operation in words; None where there is none."""

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), real=st.data())
    def one(case, real):
        for name, values in REAL.items():
            if name in (case.path_parameters or {}) and real.draw(st.integers(0, 3)):
                value = real.draw(st.sampled_from(values))
                case.path_parameters[name] = world.numbers.get(value, value)
        if operation.label in SENT and isinstance(case.body, dict) and real.draw(st.booleans()):
            sent = real.draw(st.sampled_from(SENT[operation.label]))
            case.body |= {"facts": json.dumps(sent)} if "facts" in case.body else sent
        # who asks is said once
        case.cookies.clear()
        case.headers.pop("X-API-Key", None)
        case.call_and_validate(headers=headers, checks=CHECKED)

    try:
        one()
    except FailureGroup as error:
        return str(error)[:1500]
    return None


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("tag", TAGS)
def test_answers_are_as_they_are_described(world, schema, keys, tag, role):
    assert told_wrongly(world, schema, by(keys[role]), tag, count=2) == {}


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("tag", TAGS)
def test_however_much_is_asked_answers_are_as_they_are_described(world, schema, keys, tag, role):
    found = told_wrongly(world, schema, by(keys[role]), tag, count=100)
    assert found == {}, "\n\n".join(f"{name}: {told}" for name, told in found.items())
