"""OGC API Features Part 4: features added, replaced, updated and removed, each against the version that was read."""

import json
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import lazy_gettext as _l

from geodata import catalog
from geodata.catalog import Collection
from geodata.errors import NotFound
from geodata.queries import item_state, items
from geodata.services.feature_drafts import Editor
from geodata.services.feature_editing import EDITORS
from spatial.crs_uris import NamedCrs
from webmap import item_params, params
from webmap.access import actor, demand, demand_in, may, may_in
from webmap.api.ogc.bodies import FEATURES, MERGE_PATCH, Document, content_crs, merged, sent
from webmap.api.ogc.collections import known_crs, readable, told_of
from webmap.api.ogc.encodings import GEOJSON, address
from webmap.api.ogc.items import feature
from webmap.bodies import sent_object
from webmap.errors import VersionNeeded, VersionPassed
from webmap.idempotency import act_once
from webmap.openapi import Answer, Body, described
from webmap.openapi.operations import Param
from webmap.openapi.parameters import CRS, LANG
from webmap.openapi.shapes import AN_OBJECT, TEXT, ref
from webmap.records import current_session

READ = ("GET", "HEAD", "OPTIONS")
CHANGE = ("PUT", "PATCH", "DELETE")

IF_MATCH = Param("If-Match", TEXT, _l("The ETag of the feature as you have read it"), where="header", is_required=True)
CONTENT_CRS = Param("Content-Crs", TEXT, _l("The coordinate system of the body; CRS84 if left out"), where="header")
A_FEATURE = Body(dict.fromkeys(FEATURES, ref("Feature")))
STORED = Answer(
    _l("The feature as it is stored"),
    {GEOJSON: ref("Feature")},
    {"ETag": _l("The version of the record"), "Content-Crs": _l("The coordinate system of the coordinates")},
)
ERRORS = (405, 409, 412, 413, 415, 422, 428)


def add_to(bp: Blueprint) -> None:
    """Tie the routes to the blueprint."""
    for path, allowed in (("items", items_allowed), ("items/<path:feature_id>", item_allowed)):
        route = bp.route(f"/collections/<collection_id>/{path}", methods=["OPTIONS"], provide_automatic_options=False)
        route(allowed)
    of_items = f"/collections/<any({', '.join(EDITORS)}):collection_id>/items"
    for method, rest, view in (
        ("POST", "", add),
        ("PUT", "/<path:feature_id>", replace),
        ("PATCH", "/<path:feature_id>", update),
        ("DELETE", "/<path:feature_id>", remove),
    ):
        bp.route(f"{of_items}{rest}", methods=[method], provide_automatic_options=False)(view)


def items_allowed(collection_id: str) -> Response:
    """What whoever asks may do with the features of a collection together."""
    editor = EDITORS.get(readable(collection_id).id)
    return _allow(*READ, *(("POST",) if editor is not None and may(editor.action) else ()))


def item_allowed(collection_id: str, feature_id: str) -> Response:
    """What whoever asks may do with one feature. Raises NotFound."""
    one, editor, session = readable(collection_id), EDITORS.get(collection_id), current_session()
    if items.item(session, one, feature_id, told=told_of(one)) is None:
        raise NotFound("feature", feature_id[:100])
    can_change = editor is not None and may_in(editor.action, "town", editor.town_of(session, feature_id) or "")
    return _allow(*READ, *(CHANGE if can_change else ()))


@described(
    _l("A new feature"),
    "ogc",
    {201: STORED},
    query=(CONTENT_CRS, CRS, LANG),
    body=A_FEATURE,
    errors=ERRORS,
    is_open=False,
    method="POST",
)
def add(collection_id: str) -> Response:
    """Add a feature: 201 with where it is. Its `id` says nothing; `code` does where codes are the office's own."""
    one, editor, crs = _of(collection_id)
    demand(editor.action)
    return act_once(lambda: _added(one, editor, crs))


@described(
    _l("Another feature in the place of one"),
    "ogc",
    {200: STORED},
    query=(IF_MATCH, CONTENT_CRS, CRS, LANG),
    body=A_FEATURE,
    errors=ERRORS,
    is_open=False,
    method="PUT",
)
def replace(collection_id: str, feature_id: str) -> Response:
    """Have a feature be another one, in all that can be set."""
    one, editor, crs = _of(collection_id)
    _hold(one, editor, feature_id)
    return _changed(one, editor, feature_id, sent_object(FEATURES), crs)


@described(
    _l("Some of a feature otherwise"),
    "ogc",
    {200: STORED},
    query=(IF_MATCH, CONTENT_CRS, CRS, LANG),
    body=Body({MERGE_PATCH: AN_OBJECT}),
    errors=ERRORS,
    is_open=False,
    method="PATCH",
)
def update(collection_id: str, feature_id: str) -> Response:
    """Change what a merge patch names; null takes away."""
    one, editor, crs = _of(collection_id)
    _hold(one, editor, feature_id)
    patch = sent_object([MERGE_PATCH])
    found = merged(_as_sent(one, editor, feature_id, content_crs(known_crs())), patch)
    # what a patch takes away is none, which is not to be silent about it
    found = {"geometry": None, **found}
    return _changed(one, editor, feature_id, found, crs)


@described(
    _l("A feature removed"),
    "ogc",
    {204: Answer(_l("It is removed"))},
    query=(IF_MATCH, LANG),
    errors=ERRORS,
    is_open=False,
    method="DELETE",
)
def remove(collection_id: str, feature_id: str) -> Response:
    """Remove a feature, unless others hang on it."""
    one, editor, _crs = _of(collection_id)
    _hold(one, editor, feature_id)
    editor.remove(current_session(), feature_id, actor=actor())
    return Response(status=HTTPStatus.NO_CONTENT)


def _of(collection_id: str) -> tuple[Collection, Editor, NamedCrs]:
    """The collection, how its features are changed, and the CRS of the answer. Raises UnknownCrs, BadParameter."""
    params.only("crs")
    return catalog.collection(collection_id), EDITORS[collection_id], item_params.crs("crs", known_crs())


def _hold(one: Collection, editor: Editor, key: str) -> None:
    """Hold a feature that whoever asks may change and has read as it is.

    Raises SignInNeeded, NotAllowed, NotFound, VersionNeeded where no version is told, VersionPassed.
    """
    session = current_session()
    demand(editor.action)
    editor.hold(session, key)
    state, is_told = item_state.state(session, one, key), "If-Match" in request.headers
    if state is None:
        raise VersionPassed(key) if is_told else NotFound("feature", key[:100])
    demand_in(editor.action, "town", editor.town_of(session, key) or "")
    if not is_told:
        raise VersionNeeded
    if not (request.if_match.star_tag or request.if_match.is_strong(state)):
        raise VersionPassed(key)
    if request.if_none_match.star_tag or request.if_none_match.contains_weak(state):
        raise VersionPassed(key)


def _added(one: Collection, editor: Editor, crs: NamedCrs) -> Response:
    session = current_session()
    told = sent(sent_object(FEATURES), one, editor, crs=content_crs(known_crs()))
    demand_in(editor.action, "town", editor.town_for(session, told.draft) or "")
    done = editor.add(session, told.draft, actor=actor())
    answer = feature(one, done.code, crs=crs, notes=(*told.notes, *done.notes))
    answer.status_code = HTTPStatus.CREATED
    answer.headers["Location"] = address("item", collection_id=one.id, feature_id=done.code)
    return answer


def _changed(one: Collection, editor: Editor, key: str, found: Document, crs: NamedCrs) -> Response:
    told = sent(found, one, editor, crs=content_crs(known_crs()), key=key)
    done = editor.change(current_session(), key, told.draft, actor=actor())
    return feature(one, key, crs=crs, notes=(*told.notes, *done.notes))


def _as_sent(one: Collection, editor: Editor, key: str, crs: NamedCrs) -> Document:
    """A feature as it would be sent to have it be what it is: what can be set of it, in the CRS of the body."""
    found = items.item(current_session(), one, key, told=told_of(one), crs=crs)
    if found is None:
        raise NotFound("feature", key[:100])
    properties: dict[str, Any] = json.loads(found.properties)
    return {
        "type": "Feature",
        "geometry": None if found.geometry is None else json.loads(found.geometry),
        "properties": {name: properties[name] for name in editor.settable},
    }


def _allow(*methods: str) -> Response:
    answer = Response(status=HTTPStatus.OK)
    answer.allow.update(methods)
    if "POST" in methods:
        answer.headers["Accept-Post"] = ", ".join(FEATURES)
    if "PATCH" in methods:
        answer.headers["Accept-Patch"] = MERGE_PATCH
    return answer
