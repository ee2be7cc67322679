"""Features of a collection: a page at a time, and one by one."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import shapely
from flask import Blueprint, Response, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from geodata.catalog import Collection
from geodata.errors import NotFound
from geodata.queries import item_state
from geodata.queries import items as queries
from geodata.queries.item_conditions import ItemFilter
from geodata.queries.items import Item
from geodata.services.feature_editing import EDITORS
from spatial.crs_uris import CRS84, NamedCrs
from webmap import item_params, params
from webmap.access import reword
from webmap.api.ogc.collections import known_crs, readable, told_of
from webmap.api.ogc.encodings import (
    GEOJSON,
    HTML,
    JSON,
    Link,
    address,
    in_language,
    link,
    negotiated,
    self_links,
    wants_page,
)
from webmap.api.selections import queryable
from webmap.maps.drawing_features import features_map
from webmap.openapi import Answer, described
from webmap.openapi.parameters import AFTER, BBOX, BBOX_CRS, CRS, DATETIME, FILTER, FORM, LANG, LIMIT, SORTBY
from webmap.openapi.shapes import PAGE, ref
from webmap.records import current_session, district
from webmap.responses import conditional

# Of a long page; more would only cover the map.
MOST_DRAWN = 500

NO_MEMBERS: Mapping[str, Any] = {}

# Counting is given up after this long; the page itself says that there is more.
COUNTED_WITHIN_MS = 1_000


def add_to(bp: Blueprint) -> None:
    """Tie the routes to the blueprint."""
    # what may be done beside reading is told by `editing`
    for path, view in (("items", items), ("items/<path:feature_id>", item)):
        bp.route(f"/collections/<collection_id>/{path}", methods=["GET"], provide_automatic_options=False)(view)


@described(
    _l("Features of a collection, a page at a time"),
    "ogc",
    {
        200: Answer(
            _l("A page of features"),
            {GEOJSON: ref("FeatureCollection"), HTML: PAGE},
            headers={"Content-Crs": _l("The coordinate system of the coordinates")},
        )
    },
    query=(FORM, LANG, LIMIT, AFTER, BBOX, BBOX_CRS, CRS, DATETIME, SORTBY, *FILTER),
    errors=(422,),
)
def items(collection_id: str) -> Response:
    """Features of a collection that lie in a box, at a time, with values, in an order; a page of them."""
    one = readable(collection_id)
    names = [each.name for each in queryable(one)]
    params.only(*item_params.ITEM_NAMES, *names)
    crs, by = item_params.crs("crs", known_crs()), item_params.orders(queryable(one))
    asked = _asked(one)
    after, told, session = item_params.mark(one, by), told_of(one), current_session()
    page = queries.page(session, one, told=told, limit=item_params.limit(), asked=asked, by=by, after=after, crs=crs)
    spoken = reword()
    found = [queries.reworded(each, one.free_text, spoken) for each in page.items]
    links = _page_links(one, None if page.next is None else item_params.mark_text(one, by, page.next))
    matched = None
    if after is None:
        is_all = page.next is None
        matched = (
            len(found) if is_all else queries.matched(session, one, told=told, asked=asked, within_ms=COUNTED_WITHIN_MS)
        )
    facts: dict[str, Any] = {
        "links": links,
        "timeStamp": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        **({} if matched is None else {"numberMatched": matched}),
        "numberReturned": len(found),
    }
    if wants_page():
        return _page(one, facts, found, crs)
    return in_crs(Response(_collection_text(facts, found), mimetype=GEOJSON), crs)


@described(
    _l("One feature"),
    "ogc",
    {
        200: Answer(
            _l("The feature"),
            {GEOJSON: ref("Feature"), HTML: PAGE},
            headers={"Content-Crs": _l("The coordinate system of the coordinates")},
        )
    },
    query=(FORM, LANG, CRS),
    errors=(422,),
)
def item(collection_id: str, feature_id: str) -> Response:
    """One feature."""
    one = readable(collection_id)
    params.only("f", "crs")
    crs = item_params.crs("crs", known_crs())
    if not wants_page():
        return conditional(feature(one, feature_id, crs=crs))
    found = _found(one, feature_id, crs)
    shown = render_template(
        "ogc_item.html",
        collection=one,
        links=_item_links(one, feature_id),
        feature=_shown(one, found),
        crs=crs,
        title=in_language(one.title_zh, one.title_en),
        picture=_picture(one, [found], crs),
    )
    return in_crs(Response(shown), crs)


def feature(one: Collection, key: str, *, crs: NamedCrs, notes: Sequence[str] = ()) -> Response:
    """The answer with one feature as it is now. One that can be changed has an ETag: that of its record, in any CRS.

    notes   sentences on what became of a change, for the member `warnings`.

    Raises NotFound.
    """
    found = _found(one, key, crs)
    more: dict[str, Any] = {"links": _item_links(one, key), **({"warnings": list(notes)} if notes else {})}
    answer = in_crs(Response(_feature_text(found, more), mimetype=GEOJSON), crs)
    if one.id in EDITORS:
        answer.set_etag(item_state.state(current_session(), one, key) or "")
    return answer


def _found(one: Collection, key: str, crs: NamedCrs) -> Item:
    found = queries.item(current_session(), one, key, told=told_of(one), crs=crs)
    if found is None:
        raise NotFound("feature", key[:100])
    return queries.reworded(found, one.free_text, reword())


def _item_links(one: Collection, key: str) -> list[Link]:
    where = {"collection_id": one.id, "feature_id": key}
    title = in_language(one.title_zh, one.title_en)
    return [
        *self_links("item", mimetype=GEOJSON, **where, **params.kept("crs")),
        link("collection", address("collection", collection_id=one.id), JSON, title),
    ]


def in_crs(response: Response, crs: NamedCrs) -> Response:
    """The answer, which says in which CRS its coordinates are."""
    response.headers["Content-Crs"] = f"<{crs.uri}>"
    return negotiated(response)


def _asked(one: Collection) -> ItemFilter:
    zone = ZoneInfo(district().timezone)
    return ItemFilter(
        box=item_params.box(known_crs()),
        times=item_params.times("datetime", zone),
        equals=item_params.equals(queryable(one)),
        condition=item_params.condition(queryable(one), known_crs()),
    )


def _page_links(one: Collection, mark: str | None) -> list[Link]:
    """Links of a page, with all that was asked; the next one begins behind the mark."""
    names = [*item_params.ITEM_NAMES[1:], *(each.name for each in one.properties)]
    asked = {"collection_id": one.id, **params.kept(*names)}
    found = self_links("items", mimetype=GEOJSON, **asked)
    found.append(
        link("collection", address("collection", collection_id=one.id), JSON, in_language(one.title_zh, one.title_en))
    )
    if mark is not None:
        form, kind = ("html", HTML) if wants_page() else ("json", GEOJSON)
        found.append(link("next", address("items", **(asked | {"after": mark, "f": form})), kind, str(_("Next page"))))
    return found


def _collection_text(facts: dict[str, Any], found: Iterable[Item]) -> bytes:
    """The page as GeoJSON; features are text already."""
    head = json.dumps({"type": "FeatureCollection", **facts}, ensure_ascii=False)
    features = ",\n".join(_feature_text(each) for each in found)
    return f'{head[:-1]},"features":[\n{features}\n]}}\n'.encode()


def _feature_text(one: Item, members: Mapping[str, Any] = NO_MEMBERS) -> str:
    more = f",{json.dumps(members, ensure_ascii=False)[1:-1]}" if members else ""
    key = json.dumps(one.key, ensure_ascii=False)
    return f'{{"type":"Feature","id":{key},"geometry":{one.geometry or "null"},"properties":{one.properties}{more}}}'


def _page(one: Collection, facts: dict[str, Any], found: list[Item], crs: NamedCrs) -> Response:
    shown = render_template(
        "ogc_items.html",
        collection=one,
        title=in_language(one.title_zh, one.title_en),
        facts=facts,
        links=facts["links"],
        features=[_shown(one, each) for each in found],
        picture=_picture(one, found, crs),
        most_drawn=MOST_DRAWN,
        crs=crs,
    )
    return in_crs(Response(shown), crs)


def _picture(one: Collection, found: Sequence[Item], crs: NamedCrs) -> Markup | None:
    """Where features lie, the first ones of a long page; None without a place, or where that is told otherwise."""
    if crs != CRS84:
        return None
    told = [each.geometry for each in found[:MOST_DRAWN] if each.geometry is not None]
    title = str(_("Map of these features: %(name)s", name=in_language(one.title_zh, one.title_en)))
    shapes = [shapely.from_geojson(each) for each in told]
    return features_map(current_session(), shapes, title=title, metre_srid=district().metre_srid)


def _shown(one: Collection, found: Item) -> dict[str, Any]:
    """A feature as a page shows it: where it is, its place in a few words, its properties by their headings."""
    properties = json.loads(found.properties)
    place = None if found.geometry is None else json.loads(found.geometry)
    return {
        "key": found.key,
        "href": address("item", collection_id=one.id, feature_id=found.key, f="html"),
        "place": place,
        "properties": [
            (in_language(each.title_zh, each.title_en), each, properties[each.name]) for each in one.properties
        ],
    }
