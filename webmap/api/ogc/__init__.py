"""OGC API: the published collections as features, for GIS programs and for people."""

from flask import Blueprint

from webmap.api.ogc import collections, definition, editing, items, landing, tile_matrix_sets, tilesets

bp = Blueprint("ogc", __name__, url_prefix="/ogc")

for part in (landing, definition, collections, items, editing, tile_matrix_sets, tilesets):
    part.add_to(bp)
