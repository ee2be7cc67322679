"""The one thing this project adds to a Folium map: vector tiles drawn on canvas by our own modules."""

from branca.element import MacroElement
from folium.template import Template

from webmap import files

MODULE = "map.js"
CONFIG_ID = "map-config"


class TileCanvas(MacroElement):
    """Hands the Leaflet map to the page's module, with the configuration from the page's JSON block.

    Nothing but constants may stand here. Branca renders each element, and then compiles what came out
    as a template once more: a name such as `{{ … }}` would run on the server. So the configuration,
    which holds names of kinds and layers, never passes through Folium; the page's own template
    writes it.
    """

    _template = Template("""
        {% macro script(this, kwargs) %}
            import({{ this.module | tojson }}).then(
                (page) => page.mount(
                    {{ this._parent.get_name() }},
                    JSON.parse(document.getElementById({{ this.config_id | tojson }}).textContent)
                ),
                () => { document.documentElement.dataset.mapReady = "failed"; }
            );
        {% endmacro %}
    """)

    def __init__(self, module: str = MODULE) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca's own gap
        self._name = "TileCanvas"
        self.module = files.address(f"js/{module}")
        self.config_id = CONFIG_ID
