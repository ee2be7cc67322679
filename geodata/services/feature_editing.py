"""Which collections can be changed feature by feature, and by whom that is done."""

from collections.abc import Mapping

from geodata.services.area_changes import TOWNS, VILLAGES
from geodata.services.cell_changes import CELLS
from geodata.services.duty_features import BLOCKS, POINTS
from geodata.services.feature_drafts import Editor

EDITORS: Mapping[str, Editor] = {
    "towns": TOWNS,
    "villages": VILLAGES,
    "grid_cells": CELLS,
    "blocks": BLOCKS,
    "points": POINTS,
}
