"""The one register of what a map can show, in the order it is drawn; titles and limits are the catalogue's.

To add a layer: publish the collection in `geodata/catalog.py`, then add one line to LAYERS.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from geodata import catalog
from webmap.maps import styles
from webmap.maps.styles import KindOfUnit, Style, StyleClass

Classes = Callable[[Sequence[KindOfUnit]], tuple[StyleClass, ...]]

# The deepest zoom that has tiles of its own; nearer ones are drawn larger from it.
DEEPEST_TILES = 18


@dataclass(frozen=True)
class MapLayer:
    """One collection as a layer.

    classes        from the kinds of unit to the looks; `by` names the property that tells them apart.
    is_on          shown when the page opens.
    from_zoom      not drawn below it (the catalogue's own limit counts as well).
    label_zooms    first and last zoom at which features carry their name.
    can_select     a feature can be outlined, so its outline is kept apart.
    overlaps       features may lie over one another, so each is filled by itself.
    crowd          more points than this in one view are gathered into clusters until the zoom is near.
    sample         number of the class that stands for the layer where only one look has room.
    """

    collection: str
    classes: Classes
    by: str | None = None
    is_on: bool = True
    from_zoom: int = 0
    label_zooms: tuple[int, int] | None = None
    can_select: bool = False
    overlaps: bool = False
    crowd: int = 200
    sample: int = 0


def _plain(title: Callable[[], str], style: Style) -> Classes:
    return lambda _kinds: (StyleClass(title(), style),)


def _held(held: Callable[[], str], style: Style, unheld: Style) -> Classes:
    # tiles leave out a property that is null, so the missing value is the unheld
    return lambda _kinds: (StyleClass(_("nobody responsible"), unheld, (None,)), StyleClass(held(), style))


def _tickets(_kinds: Sequence[KindOfUnit]) -> tuple[StyleClass, ...]:
    return tuple(StyleClass(title, style, states) for title, style, states in ticket_groups())


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


LAYERS: tuple[MapLayer, ...] = (
    MapLayer("districts", _plain(lambda: _("district border"), styles.DISTRICT)),
    MapLayer(
        "blocks",
        _held(lambda: _("with a holder"), styles.BLOCK, styles.BLOCK_UNHELD),
        by="holder_code",
        is_on=False,
        can_select=True,
        overlaps=True,
        sample=1,
    ),
    MapLayer("gaps", _plain(lambda: _("no unit within reach"), styles.GAP), overlaps=True),
    MapLayer("grid_cells", _plain(lambda: _("cell border"), styles.CELL), from_zoom=14),
    MapLayer(
        "villages",
        _plain(lambda: _("village border"), styles.VILLAGE),
        from_zoom=11,
        label_zooms=(14, 22),
        can_select=True,
    ),
    MapLayer(
        "duty_grids",
        _plain(lambda: _("duty grid border"), styles.DUTY_GRID),
        is_on=False,
        from_zoom=12,
        can_select=True,
        overlaps=True,
    ),
    MapLayer("towns", _plain(lambda: _("town border"), styles.TOWN), label_zooms=(0, 13), can_select=True),
    MapLayer("units", styles.unit_kinds, by="kind", crowd=600),
    MapLayer(
        "points",
        _held(lambda: _("with a holder"), styles.POINT, styles.POINT_UNHELD),
        by="holder_code",
        is_on=False,
        from_zoom=12,
        sample=1,
    ),
    MapLayer("tickets", _tickets, by="state", crowd=30, sample=2),
)


def layers_for(
    *,
    may: Callable[[str], bool],
    kinds: Sequence[KindOfUnit],
    version: Callable[[catalog.Collection], str],
    lang: str,
) -> list[dict[str, Any]]:
    """The layers somebody may see, as plain values for the page, lowest first."""
    return [
        _as_json(layer, collection, kinds=kinds, version=version(collection), lang=lang)
        for layer in LAYERS
        if may((collection := catalog.collection(layer.collection)).read)
    ]


def _as_json(
    layer: MapLayer, collection: catalog.Collection, *, kinds: Sequence[KindOfUnit], version: str, lang: str
) -> dict[str, Any]:
    is_point = collection.shape == "Point"
    suffix = f"?v={version}" if version else ""
    return {
        "id": collection.id,
        "title": collection.title_en if lang == "en" else collection.title_zh,
        "shape": "point" if is_point else "area",
        "url": f"/tiles/{collection.id}/{{z}}/{{x}}/{{y}}.mvt{suffix}",
        "key": collection.key,
        "by": layer.by,
        "isOn": layer.is_on,
        # points below the collection's own zoom come as counts, areas not at all
        "fromZoom": layer.from_zoom if is_point else max(layer.from_zoom, collection.min_zoom),
        "labelZooms": list(layer.label_zooms) if layer.label_zooms else None,
        "canSelect": layer.can_select,
        "overlaps": layer.overlaps,
        "crowd": layer.crowd,
        "sample": layer.sample,
        "classes": [one.as_json() for one in layer.classes(kinds)],
    }
