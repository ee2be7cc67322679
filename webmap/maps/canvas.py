"""The one thing this project adds to a Folium map: vector tiles drawn on canvas by our own modules."""

from typing import Any

from branca.element import MacroElement
from folium.template import Template

MODULE = "/static/js/map.js"


class TileCanvas(MacroElement):
    """Hands the Leaflet map and a JSON configuration to the page's module.

    The configuration is the only data in the page. It stands in a JSON block, where `tojson` leaves
    no character that HTML or a template literal could read; a module does the rest.
    """

    _template = Template("""
        {% macro html(this, kwargs) %}
            <script type="application/json" id="map-config">{{ this.config | tojson }}</script>
        {% endmacro %}
        {% macro script(this, kwargs) %}
            import({{ this.module | tojson }}).then(
                (page) => page.mount(
                    {{ this._parent.get_name() }},
                    JSON.parse(document.getElementById("map-config").textContent)
                ),
                () => { document.documentElement.dataset.mapReady = "failed"; }
            );
        {% endmacro %}
    """)

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca's own gap
        self._name = "TileCanvas"
        self.config = config
        self.module = MODULE
