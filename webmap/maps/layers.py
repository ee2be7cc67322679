"""The one register of what a map can show, in the order it is drawn; titles and limits are the catalogue's.

To add a layer: publish the collection in `geodata/catalog.py`, then add one line to LAYERS.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from flask_babel import gettext as _

from geodata import catalog
from webmap.maps import styles
from webmap.maps.styles import Break, KindOfUnit, Style, StyleClass


class District(NamedTuple):
    """What a district's own data say about looks: its kinds of unit, and the breaks of its measures by collection."""

    kinds: Sequence[KindOfUnit] = ()
    breaks: Mapping[str, Sequence[Break]] = {}


Classes = Callable[[District], tuple[StyleClass, ...]]
Group = Literal["work", "grid", "resource", "coverage", "base"]

# The deepest zoom that has tiles of its own; nearer ones are drawn larger from it.
DEEPEST_TILES = 18

# Where nobody has counted yet: shares in fifths, and metres that a person walks.
SHARES = tuple(Break(low / 5, (low + 1) / 5, None) for low in range(5))
METRES = tuple(Break(low, high, None) for low, high in ((0, 200), (200, 400), (400, 600), (600, 1000), (1000, None)))


# Most have registered, so the lower half is one step; units per km² as they lie in towns and at their edges.
RATES = tuple(Break(low, high, None) for low, high in ((0, 0.5), (0.5, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, None)))
DENSITIES = tuple(Break(low, high, None) for low, high in ((0.0005, 2), (2, 5), (5, 10), (10, 20), (20, None)))


@dataclass(frozen=True)
class MapLayer:
    """One collection as a layer.

    classes        from the district to the looks; `by` names the property that tells them apart.
    marks          a second look laid around a point, told apart by `marked_by`: something of its own to say.
    group          the part of the list of layers where it stands.
    is_on          shown when the page opens.
    from_zoom      not drawn below it (the catalogue's own limit counts as well).
    label_zooms    first and last zoom at which features carry their name.
    can_select     a feature can be outlined, so its outline is kept apart.
    overlaps       features may lie over one another, so each is filled by itself.
    is_frame       its lines are drawn over everything that is not a point.
    is_listed      what is in view stands in the list beside the map.
    crowd          more points than this in one view are gathered into clusters until the zoom is near.
    sample         number of the class that stands for the layer where only one look has room.
    """

    collection: str
    classes: Classes
    group: Group
    by: str | None = None
    marks: Classes | None = None
    marked_by: str | None = None
    is_on: bool = True
    from_zoom: int = 0
    label_zooms: tuple[int, int] | None = None
    can_select: bool = False
    overlaps: bool = False
    is_frame: bool = False
    is_listed: bool = True
    crowd: int = 200
    sample: int = 0


def _plain(title: Callable[[], str], style: Style) -> Classes:
    return lambda _district: (StyleClass(title(), style),)


def _held(held: Callable[[], str], style: Style, unheld: Style) -> Classes:
    # tiles leave out a property that is null, so the missing value is the unheld
    return lambda _district: (StyleClass(_("nobody responsible"), unheld, (None,)), StyleClass(held(), style))


def _tickets(_district: District) -> tuple[StyleClass, ...]:
    return tuple(StyleClass(title, style, states) for title, style, states in ticket_groups())


def _deadlines(_district: District) -> tuple[StyleClass, ...]:
    return (
        StyleClass(_("overdue"), styles.TICKET_LATE, ("late",)),
        StyleClass(_("due within 24 hours"), styles.TICKET_SOON, ("soon",)),
    )


def _units(district: District) -> tuple[StyleClass, ...]:
    return styles.unit_kinds(district.kinds)


def _projects(_district: District) -> tuple[StyleClass, ...]:
    return styles.joints(joints())


def _demands(_district: District) -> tuple[StyleClass, ...]:
    return (
        StyleClass(_("unmet"), styles.DEMAND_UNMET, ("open",)),
        StyleClass(_("a project is under way"), styles.DEMAND_MATCHED, ("matched",)),
        StyleClass(_("met or withdrawn"), styles.DEMAND_OVER, ("met", "withdrawn")),
    )


def _meetings(_district: District) -> tuple[StyleClass, ...]:
    return (
        StyleClass(_("to be held"), styles.MEETING_AHEAD, ("planned",)),
        StyleClass(_("held"), styles.MEETING_HELD, ("held",)),
        StyleClass(_("called off"), styles.MEETING_OFF, ("cancelled",)),
    )


def _calls(_district: District) -> tuple[StyleClass, ...]:
    return (
        StyleClass(_("called together"), styles.CALL_RUNNING, ("called",)),
        StyleClass(_("on the spot"), styles.CALL_MET, ("met",)),
        StyleClass(_("finished or called off"), styles.CALL_OVER, ("closed", "cancelled")),
    )


def _rates(_district: District) -> tuple[StyleClass, ...]:
    return styles.measured(RATES, _percent, _("no rate"))


def _densities(_district: District) -> tuple[StyleClass, ...]:
    lowest = DENSITIES[0].low
    return (
        StyleClass(_("no unit"), styles.NO_UNIT, low=0, high=lowest),
        *styles.measured(DENSITIES, _per_km2, _("no boundary")),
    )


def _shares(collection: str) -> Classes:
    def classes(district: District) -> tuple[StyleClass, ...]:
        return styles.measured(district.breaks.get(collection) or SHARES, _percent, _("no data"))

    return classes


def _metres(district: District) -> tuple[StyleClass, ...]:
    return styles.measured(district.breaks.get("coverage_cells") or METRES, _distance, _("no data"))


def _roads(_district: District) -> tuple[StyleClass, ...]:
    path = ("path", "footway", "cycleway", "pedestrian", "steps", "track", "bridleway", "service")
    main = ("primary", "secondary", "primary_link", "secondary_link")
    highway = ("motorway", "trunk", "motorway_link", "trunk_link")
    return (
        StyleClass(_("path"), styles.PATH, path),
        StyleClass(_("street"), styles.STREET),
        StyleClass(_("main road"), styles.MAIN_ROAD, main),
        StyleClass(_("express road"), styles.HIGHWAY, highway),
    )


def ticket_groups() -> tuple[tuple[str, Style, tuple[str, ...]], ...]:
    """The states of a ticket in the four groups that a reader tells apart: title, look, states."""
    return (
        (_("closed"), styles.TICKET_CLOSED, ("closed", "cancelled", "merged")),
        (_("being checked"), styles.TICKET_CHECK, ("done", "checking")),
        (
            _("being handled"),
            styles.TICKET_WORK,
            ("dispatched", "accepted", "handling", "waiting", "returned", "reopened"),
        ),
        (_("new"), styles.TICKET_NEW, ("draft", "reported", "verifying", "filed")),
    )


def joints() -> tuple[tuple[str, str], ...]:
    """The six joints of the projects: code and title, in the trade's order."""
    return (
        ("party_building", _("joint party building")),
        ("governance", _("joint governance")),
        ("civility", _("joint civility")),
        ("welfare", _("joint welfare")),
        ("culture", _("joint culture")),
        ("talent", _("joint staffing")),
    )


def group_titles() -> dict[Group, str]:
    """The groups of layers, in the order of the list."""
    return {
        "work": _("Work"),
        "resource": _("Units and resources"),
        "grid": _("Grid"),
        "coverage": _("Coverage"),
        "base": _("Base map"),
    }


def _percent(one: Break) -> str:
    return f"{100 * (one.low or 0):.0f}–{100 * (1 if one.high is None else one.high):.0f} %"


def _distance(one: Break) -> str:
    if one.high is None:
        return str(_("%(low)s m and more", low=f"{one.low or 0:,.0f}"))
    return f"{one.low or 0:,.0f}–{one.high:,.0f} m"


def _per_km2(one: Break) -> str:
    if one.high is None:
        return str(_("%(low)s per km² and more", low=f"{one.low or 0:,.0f}"))
    return str(_("%(low)s–%(high)s per km²", low=f"{one.low or 0:,.0f}", high=f"{one.high:,.0f}"))


LAYERS: tuple[MapLayer, ...] = (
    MapLayer("districts", _plain(lambda: _("district border"), styles.DISTRICT), "grid", is_frame=True),
    MapLayer("green", _plain(lambda: _("green"), styles.GREEN), "base", is_listed=False),
    MapLayer("water", _plain(lambda: _("water"), styles.WATER), "base", is_listed=False),
    MapLayer("waterways", _plain(lambda: _("watercourse"), styles.WATERWAY), "base", label_zooms=(15, 22)),
    MapLayer("buildings", _plain(lambda: _("building"), styles.BUILDING), "base", is_listed=False),
    MapLayer("rails", _plain(lambda: _("railway"), styles.RAIL), "base"),
    MapLayer("roads", _roads, "base", by="kind", label_zooms=(15, 22), sample=2),
    MapLayer("coverage_cells", _metres, "coverage", by="nearest_m", is_on=False, is_listed=False, sample=2),
    MapLayer(
        "coverage_villages",
        _shares("coverage_villages"),
        "coverage",
        by="share",
        is_on=False,
        can_select=True,
        sample=3,
    ),
    MapLayer(
        "coverage_towns", _shares("coverage_towns"), "coverage", by="share", is_on=False, can_select=True, sample=3
    ),
    MapLayer("unit_density", _densities, "coverage", by="units_per_km2", is_on=False, can_select=True, sample=4),
    MapLayer("registrations", _rates, "resource", by="rate", is_on=False, can_select=True, sample=3),
    MapLayer("registrations_of_towns", _rates, "resource", by="rate", is_on=False, can_select=True, sample=3),
    MapLayer(
        "blocks",
        _held(lambda: _("with a holder"), styles.BLOCK, styles.BLOCK_UNHELD),
        "grid",
        by="holder_code",
        is_on=False,
        can_select=True,
        overlaps=True,
        sample=1,
    ),
    MapLayer("gaps", _plain(lambda: _("no unit within reach"), styles.GAP), "coverage", can_select=True, overlaps=True),
    MapLayer("grid_cells", _plain(lambda: _("cell border"), styles.CELL), "grid", from_zoom=14),
    MapLayer(
        "villages",
        _plain(lambda: _("village border"), styles.VILLAGE),
        "grid",
        from_zoom=11,
        label_zooms=(14, 22),
        can_select=True,
    ),
    MapLayer(
        "duty_grids",
        _plain(lambda: _("duty grid border"), styles.DUTY_GRID),
        "grid",
        is_on=False,
        from_zoom=12,
        can_select=True,
        overlaps=True,
    ),
    MapLayer(
        "regions",
        _plain(lambda: _("region border"), styles.REGION),
        "grid",
        is_on=False,
        can_select=True,
        overlaps=True,
    ),
    MapLayer(
        "duty_teams",
        _plain(lambda: _("ground of a service team"), styles.TEAM),
        "grid",
        is_on=False,
        can_select=True,
        overlaps=True,
    ),
    MapLayer("towns", _plain(lambda: _("town border"), styles.TOWN), "grid", label_zooms=(0, 13), can_select=True),
    MapLayer("resources", _plain(lambda: _("shared resource"), styles.RESOURCE), "resource", is_on=False),
    MapLayer("pledges", _plain(lambda: _("pledge"), styles.PLEDGE), "resource", is_on=False),
    MapLayer("demands", _demands, "work", by="state", is_on=False),
    MapLayer("meetings", _meetings, "work", by="state", is_on=False),
    MapLayer("whistle_calls", _calls, "work", by="state", is_on=False),
    MapLayer("projects", _projects, "work", by="joint", is_on=False, sample=1),
    MapLayer(
        "points",
        _held(lambda: _("with a holder"), styles.POINT, styles.POINT_UNHELD),
        "grid",
        by="holder_code",
        is_on=False,
        from_zoom=12,
        sample=1,
    ),
    MapLayer("units", _units, "resource", by="kind", crowd=600),
    MapLayer("tickets", _tickets, "work", by="state", marks=_deadlines, marked_by="deadline", crowd=30, sample=2),
)


def layers_for(
    *,
    may: Callable[[str], bool],
    kinds: Sequence[KindOfUnit],
    version: Callable[[catalog.Collection], str],
    lang: str,
    breaks: Mapping[str, Sequence[Break]] | None = None,
    layers: Sequence[MapLayer] = LAYERS,
) -> list[dict[str, Any]]:
    """The layers somebody may see, as plain values for the page, lowest first.

    breaks  of the measures by collection, with counts; those left out are cut at round values.
    layers  those of the page, where it does not show them all.
    """
    district = District(kinds, breaks or {})
    return [
        _as_json(layer, collection, district=district, version=version(collection), lang=lang)
        for layer in layers
        if may((collection := catalog.collection(layer.collection)).read)
    ]


SHAPES = {"Point": "point", "MultiLineString": "line", "MultiPolygon": "area"}


def _as_json(
    layer: MapLayer, collection: catalog.Collection, *, district: District, version: str, lang: str
) -> dict[str, Any]:
    shape = SHAPES[collection.shape]
    suffix = f"?v={version}" if version else ""
    return {
        "id": collection.id,
        "title": collection.title_en if lang == "en" else collection.title_zh,
        "group": layer.group,
        "shape": shape,
        "url": f"/tiles/{collection.id}/{{z}}/{{x}}/{{y}}.mvt{suffix}",
        "version": version,
        "isJoint": bool(collection.tables),
        "key": collection.key,
        "by": layer.by,
        "markedBy": layer.marked_by,
        "isOn": layer.is_on,
        # points below the collection's own zoom come as counts, areas not at all
        "fromZoom": layer.from_zoom if shape == "point" else max(layer.from_zoom, collection.min_zoom),
        "labelZooms": list(layer.label_zooms) if layer.label_zooms else None,
        "canSelect": layer.can_select,
        "overlaps": layer.overlaps,
        "isFrame": layer.is_frame,
        "isListed": layer.is_listed,
        "crowd": layer.crowd,
        "sample": layer.sample,
        "classes": [one.as_json() for one in layer.classes(district)],
        "marks": [one.as_json() for one in layer.marks(district)] if layer.marks else [],
    }
