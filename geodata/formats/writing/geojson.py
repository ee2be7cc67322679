"""GeoJSON (RFC 7946) as one collection, and as a sequence of features (RFC 8142)."""

from collections.abc import Iterable

from geodata.formats.writing.layer import Layer, Pieces, Writer
from geodata.queries.features import feature_collection, in_blocks

# What RFC 8142 puts before each text of a sequence.
RECORD_SEPARATOR = b"\x1e"


def collection(features: Iterable[bytes], layer: Layer) -> Pieces:
    """One FeatureCollection; in another CRS than WGS 84 it names that CRS."""
    return feature_collection(features, srid=layer.srid)


def sequence(features: Iterable[bytes], _layer: Layer) -> Pieces:
    """A feature after the other, each readable without the rest."""
    return in_blocks(RECORD_SEPARATOR + feature + b"\n" for feature in features)


GEOJSON = Writer(
    "geojson", ".geojson", "application/geo+json", "GeoJSON", "GeoJSON", rows="features", pieces=collection
)
GEOJSONSEQ = Writer(
    "geojsonseq",
    ".geojsons",
    "application/geo+json-seq",
    "GeoJSON 序列",
    "GeoJSON sequence",
    rows="features",
    pieces=sequence,
    takes_crs=False,
)
