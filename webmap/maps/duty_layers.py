"""What the maps of the pages about responsible ground show."""

from dataclasses import replace

from webmap.maps.layers import LAYERS, MapLayer

# What the legend explains; borders and the base map explain themselves.
EXPLAINED = ("blocks", "regions", "points")
_ALSO = frozenset({"districts", "towns", "villages", "grid_cells"})


def duty_layers() -> list[MapLayer]:
    """Blocks, regions and points, all on, above the ground and its borders."""
    found = []
    for layer in LAYERS:
        if layer.collection in EXPLAINED:
            found.append(replace(layer, is_on=True, label_zooms=(13, 22) if layer.collection == "blocks" else None))
        elif layer.group == "base" or layer.collection in _ALSO:
            found.append(replace(layer, label_zooms=(16, 22)) if layer.collection == "villages" else layer)
    return found
