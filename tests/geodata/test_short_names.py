"""Names of ten bytes, as shapefiles have them."""

from geodata.catalog import COLLECTIONS
from geodata.formats.writing.shapefile import short_names


def test_short_names_fit_and_differ():
    for about in COLLECTIONS:
        short = short_names(about.names)
        assert len({name.lower() for name in short.values()}) == len(about.names)
        assert all(len(name.encode()) <= 10 for name in short.values())
        assert all(short[name] == name for name in about.names if len(name) <= 10)


def test_a_name_that_is_short_keeps_it_and_others_are_numbered():
    assert short_names(["category_code", "category_cost", "category_c", "街镇编码"]) == {
        "category_code": "category_2",
        "category_cost": "category_3",
        "category_c": "category_c",
        "街镇编码": "街镇编",
    }
