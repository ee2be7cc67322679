"""A Folium map as the parts of a page of ours: every asset local, every script and style with its nonce."""

import re
from dataclasses import dataclass
from typing import Any

import folium
from branca.element import CssLink, Figure, JavascriptLink
from markupsafe import Markup

from webmap.maps import assets
from webmap.maps.canvas import MODULE, TileCanvas

MAP_ID = "district"
NEAREST_ZOOM = 19
# A district fills its frame within this part of a zoom; the buttons still go by whole ones.
ZOOM_STEP = 0.25

# Folium's viewport forbids zooming, which people with poor sight need; the page has its own.
VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')
INLINE = re.compile(r"<(style|script)>")


@dataclass(frozen=True)
class MapParts:
    """What a page template places: in the head, in the map's region, and at the end of the body."""

    head: Markup
    body: Markup
    script: Markup


class MapFigure(Figure):
    """A Folium figure that asks no other host for anything: an unknown asset raises MissingAsset."""

    def parts(self, nonce: str) -> MapParts:
        """The rendered parts; the nonce is set by kind of element before any data is joined in."""
        for child in self._children.values():
            child.render()
        header = self.header._children  # noqa: SLF001 - branca offers no other way to its own header
        head = [self._head(name, element, nonce) for name, element in header.items()]
        return MapParts(
            head=Markup("\n".join(part for part in head if part)),  # noqa: S704 - constants of Folium and addresses of ours
            body=Markup(self.html.render()),  # noqa: S704 - one empty element
            script=Markup(self.script.render()),  # noqa: S704 - numbers, and the names of the elements above
        )

    def _head(self, name: str, element: Any, nonce: str) -> str:  # noqa: ANN401 - branca's elements share no type
        if name == "meta_http":
            return ""
        if isinstance(element, JavascriptLink | CssLink):
            address = assets.folium_url(name)
            if address is None:
                return ""
            element.url = address
            return str(element.render())
        return INLINE.sub(rf'<\1 nonce="{nonce}">', VIEWPORT.sub("", str(element.render())))


def map_parts(nonce: str, module: str = MODULE) -> MapParts:
    """The parts of a page with one map, which draws what the page's JSON block `map-config` lists.

    module  name of the script (`map.js`) whose `mount` is handed the map and the configuration.
    """
    figure = MapFigure()
    chart = folium.Map(
        tiles=None,
        # zoom, scale and attribution are placed by the page's own module, with words of its language
        zoom_control=False,
        control_scale=False,
        # Leaflet's own spelling: Folium drops max_zoom where there are no tiles
        maxZoom=NEAREST_ZOOM,
        zoomSnap=ZOOM_STEP,
        attributionControl=False,
        fadeAnimation=False,
    )
    # a fixed name, so that the same page is the same bytes
    chart._id = MAP_ID  # noqa: SLF001 - branca offers no other way to name an element
    figure.add_child(chart)
    chart.add_child(TileCanvas(module))
    return figure.parts(nonce)
