"""OGC API: the published collections as features, for GIS programs and for people."""

from flask import Blueprint

from webmap.api.ogc import collections, definition, items, landing

bp = Blueprint("ogc", __name__, url_prefix="/ogc")

for part in (landing, definition, collections, items):
    part.add_to(bp)
