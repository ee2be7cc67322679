"""Parts written out and read again are the same parts, for every form that the grammar knows."""

from hypothesis import example, given
from hypothesis import strategies as st

from geodata.geocode.address import ParsedAddress
from geodata.geocode.parse import Dictionary, Named, parse_address
from geodata.geocode.writing import write_address

KNOWN = Dictionary(
    [Named("990101101000", "柳湾镇"), Named("990101103000", "青石街道")],
    [Named("990101103202", "白杨村民委员会", "990101103000")],
    ["和平路", "一号路", "中和路", "沁园南路"],
    district="云水区",
)

# Known and unknown names, with numerals, directions and joining words inside them.
ROADS = st.sampled_from(
    ["和平路", "一号路", "中和路", "沁园南路", "星海路", "东山公路", "滨江大道", "江东支路", "先锋街", "杨林北一路"]
)
PLACES = st.sampled_from(["海欣家园", "万乐中心", "银河花苑小区", "七星广场", "临江服务区"])
VILLAGES = st.sampled_from(["洋桥村", "海桥村", "蔷薇村"])
NUMBERS = st.integers(1, 99_999).map(str)
HOUSES = st.integers(1, 9_999).map(str)
WINDS = st.sampled_from(["N", "S", "E", "W", "NE", "NW", "SE", "SW"])
METRES = st.integers(0, 3_000).map(float)


def maybe(values):
    return st.none() | values


@st.composite
def areas(draw):
    town = draw(maybe(st.sampled_from([("990101101000", "柳湾镇"), ("990101103000", "青石街道")])))
    return {
        "city": draw(maybe(st.just("上海市"))),
        "district": draw(maybe(st.just("云水区"))),
        "town_code": town and town[0],
        "town_name": town and town[1],
    }


@st.composite
def doors(draw):
    lane = draw(maybe(HOUSES))
    number = draw(HOUSES if lane is None else maybe(HOUSES))
    suffix = draw(maybe(st.sampled_from(["甲", "乙", "-65", "-1", "之70-71", "、5", ",5"]))) if number else None
    building, inside = (
        draw(maybe(st.sampled_from(["2号楼", "C座", "3幢"]))),
        draw(maybe(st.sampled_from(["101室", "3层"]))),
    )
    road, cross = draw(st.lists(ROADS, min_size=2, max_size=2, unique=True))
    return {
        "road": road,
        "cross_road": draw(st.none() | st.just(cross)) if not (building or inside) else None,
        "lane": lane,
        "sublane": draw(maybe(HOUSES)) if lane and number else None,
        "number": number,
        "suffix": suffix,
        # behind a lane without a number, 2号楼 is the number
        "building": building if number else None,
        "inside": inside if number else None,
    }


@st.composite
def crossings(draw):
    road, cross = draw(st.lists(ROADS, min_size=2, max_size=2, unique=True))
    metres = draw(maybe(METRES))
    wind = draw(WINDS if metres is not None else maybe(WINDS))
    return {"road": road, "cross_road": cross, "direction": wind, "offset_m": metres}


@st.composite
def stretches(draw):
    road, cross, to = draw(st.lists(ROADS, min_size=3, max_size=3, unique=True))
    return {"road": draw(maybe(st.just(road))), "cross_road": cross, "to_road": to}


@st.composite
def posts(draw):
    beyond = draw(maybe(METRES))
    return {
        "road": draw(st.sampled_from(["沿海高速", "东山公路", "外环高架"])),
        "side": draw(maybe(st.sampled_from(["N", "S", "E", "W", "inner", "outer"]))),
        "km_post": draw(st.integers(0, 20_000)) / 10.0,
        "offset_m": beyond,
    }


@st.composite
def villages(draw):
    group, homestead = draw(maybe(HOUSES)), draw(maybe(st.sampled_from(["沈家宅", "石家队沈家宅"])))
    number = draw(maybe(HOUSES))
    inside = draw(maybe(st.sampled_from(["101室", "3层", "底层"]))) if number else None
    own = {"group": group, "homestead": homestead, "lane": draw(maybe(HOUSES)), "number": number, "inside": inside}
    return {"place": draw(VILLAGES), **own}


@st.composite
def places(draw):
    metres = draw(maybe(METRES))
    return {
        "road": draw(maybe(ROADS)),
        "place": draw(PLACES),
        "direction": draw(WINDS) if metres is not None else None,
        "offset_m": metres,
    }


@st.composite
def addresses(draw):
    street = draw(st.one_of(doors(), crossings(), stretches(), posts(), villages(), places()))
    return ParsedAddress("", "", **{**draw(areas()), **street})


@given(addresses())
@example(ParsedAddress("", "", place="洋桥村", group="6"))
def test_what_is_written_is_read_again(parts):
    text = write_address(parts)
    assert parse_address(text, KNOWN).parts() == parts.parts(), text
