"""Reading addresses: the grammar as a table, then what must not be read, then properties of all texts."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.geocode.parse import Dictionary, Named, normalise, parse_address

TOWNS = [
    Named("990101101000", "柳湾镇"),
    Named("990101002000", "古槐路街道"),
    Named("990101103000", "青石街道"),
    Named("990101500000", "柳湾工业区"),
]
VILLAGES = [
    Named("990101101001", "芦花第一居委会", "990101101000"),
    Named("990101101201", "石桥村村委会", "990101101000"),
    Named("990101103001", "石桥村村委会", "990101103000"),
    Named("990101103202", "白杨村民委员会", "990101103000"),
    Named("990101002005", "银杏路居委会", "990101002000"),
    Named("990101002006", "红枫三村居委会", "990101002000"),
]
ROADS = ["和平路", "一号路", "沁园路", "柳湾路", "东山公路", "中和路", "桃李路"]
KNOWN = Dictionary(TOWNS, VILLAGES, ROADS, district="云水区")
NOTHING_KNOWN = Dictionary()
AREA = {"city", "town_code", "town_name", "village_code", "village_name", "district"}


def read(text, dictionary=KNOWN):
    return parse_address(text, dictionary).parts()


def street(text):
    """The parts without areas."""
    return {name: value for name, value in read(text).items() if name not in AREA}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("桃李路800号", {"road": "桃李路", "number": "800"}, id="door"),
        pytest.param("星海路800号", {"road": "星海路", "number": "800"}, id="door on an unknown road"),
        pytest.param("中春北路1988号", {"road": "中春北路", "number": "1988"}, id="direction inside the name"),
        pytest.param("滨江大道5号", {"road": "滨江大道", "number": "5"}, id="avenue"),
        pytest.param("先锋街66号", {"road": "先锋街", "number": "66"}, id="street"),
        pytest.param("东山公路12号", {"road": "东山公路", "number": "12"}, id="highway"),
        pytest.param("江东支路9号", {"road": "江东支路", "number": "9"}, id="branch road"),
        pytest.param("一号路150号", {"road": "一号路", "number": "150"}, id="numeral inside a known name"),
        pytest.param("二号路150号", {"road": "二号路", "number": "150"}, id="numeral inside an unknown name"),
        pytest.param("1号路150号", {"road": "1号路", "number": "150"}, id="road named by a digit"),
        pytest.param("杨林北一路3号", {"road": "杨林北一路", "number": "3"}, id="numbered road"),
        pytest.param("G320国道88号", {"road": "G320国道", "number": "88"}, id="national road"),
        pytest.param("桃李路一百二十三号", {"road": "桃李路", "number": "123"}, id="Chinese numeral"),
        pytest.param("桃李路二〇五号", {"road": "桃李路", "number": "205"}, id="Chinese digits"),
        pytest.param("桃李路８００号", {"road": "桃李路", "number": "800"}, id="full width"),
        pytest.param("桃李路 800 号", {"road": "桃李路", "number": "800"}, id="spaces"),
        pytest.param("桃李路800", {"road": "桃李路", "number": "800"}, id="no 号 at the end"),
        pytest.param("桃李路800(东门)", {"road": "桃李路", "number": "800"}, id="no 号 before a bracket"),
        pytest.param("桃李路3588-1", {"road": "桃李路", "number": "3588", "suffix": "-1"}, id="dash without 号"),
        pytest.param("桃李路34—65号", {"road": "桃李路", "number": "34", "suffix": "-65"}, id="range with a long dash"),
        pytest.param("桃李路5号甲", {"road": "桃李路", "number": "5", "suffix": "甲"}, id="suffix after 号"),
        pytest.param("桃李路5甲号", {"road": "桃李路", "number": "5", "suffix": "甲"}, id="suffix before 号"),
        pytest.param("桃李路甲5号", {"road": "桃李路", "number": "5", "suffix": "甲"}, id="suffix in front"),
        pytest.param("桃李路1之7号", {"road": "桃李路", "number": "1", "suffix": "之7"}, id="sub-number"),
        pytest.param("桃李路358弄", {"road": "桃李路", "lane": "358"}, id="lane"),
        pytest.param("桃李路248弄8号", {"road": "桃李路", "lane": "248", "number": "8"}, id="building in a lane"),
        pytest.param(
            "桃李路100弄2支弄6号",
            {"road": "桃李路", "lane": "100", "sublane": "2", "number": "6"},
            id="sub-lane",
        ),
        pytest.param(
            "桃李路29号2号楼", {"road": "桃李路", "number": "29", "building": "2号楼"}, id="building after the door"
        ),
        pytest.param("桃李路625号101室", {"road": "桃李路", "number": "625", "inside": "101室"}, id="room"),
        pytest.param(
            "桃李路5号地下三层B3A区",
            {"road": "桃李路", "number": "5", "inside": "地下三层B3A区"},
            id="floor under ground",
        ),
        pytest.param("桃李路188号内", {"road": "桃李路", "number": "188"}, id="inside"),
        pytest.param("桃李路2633号停车场", {"road": "桃李路", "number": "2633"}, id="car park of a door"),
        pytest.param(
            "桃李路2358号万乐中心", {"road": "桃李路", "number": "2358", "place": "万乐中心"}, id="door and its name"
        ),
        pytest.param(
            "桃李路999号(近和平路)", {"road": "桃李路", "number": "999", "cross_road": "和平路"}, id="near in brackets"
        ),
        pytest.param("桃李路999号近星海路", {"road": "桃李路", "number": "999", "cross_road": "星海路"}, id="near"),
        pytest.param("桃李路汇映中心", {"road": "桃李路", "place": "汇映中心"}, id="road and place"),
        pytest.param("桃李路", {"road": "桃李路"}, id="road alone"),
        pytest.param("桃李路星海路", {"road": "桃李路", "cross_road": "星海路"}, id="two roads"),
        pytest.param("桃李路和平路", {"road": "桃李路", "cross_road": "和平路"}, id="name begins with a joining word"),
        pytest.param("桃李路和和平路", {"road": "桃李路", "cross_road": "和平路"}, id="joining word, then such a name"),
        pytest.param("桃李路与星海路交叉口", {"road": "桃李路", "cross_road": "星海路"}, id="与 … 交叉口"),
        pytest.param("桃李路、星海路路口", {"road": "桃李路", "cross_road": "星海路"}, id="、 … 路口"),
        pytest.param("桃李路/星海路", {"road": "桃李路", "cross_road": "星海路"}, id="slash"),
        pytest.param("桃李路近星海路", {"road": "桃李路", "cross_road": "星海路"}, id="road near road"),
        pytest.param("桃李路进星海路", {"road": "桃李路", "cross_road": "星海路"}, id="进"),
        pytest.param("桃李路出星海路", {"road": "桃李路", "cross_road": "星海路"}, id="出"),
        pytest.param(
            "桃李路进星海路东约300米",
            {"road": "桃李路", "cross_road": "星海路", "direction": "E", "offset_m": 300.0},
            id="crossing and offset",
        ),
        pytest.param(
            "桃李路星海路路口南约300米",
            {"road": "桃李路", "cross_road": "星海路", "direction": "S", "offset_m": 300.0},
            id="路口 and offset",
        ),
        pytest.param(
            "桃李路与星海路交叉路口往东南约270米",
            {"road": "桃李路", "cross_road": "星海路", "direction": "SE", "offset_m": 270.0},
            id="between two winds",
        ),
        pytest.param(
            "桃李路出星海路(东)南约2KM",
            {"road": "桃李路", "cross_road": "星海路", "direction": "S", "offset_m": 2000.0},
            id="part of the crossing road, kilometres",
        ),
        pytest.param(
            "桃李路星海路以北一百米",
            {"road": "桃李路", "cross_road": "星海路", "direction": "N", "offset_m": 100.0},
            id="distance in Chinese numerals",
        ),
        pytest.param(
            "桃李路星海路西侧50米",
            {"road": "桃李路", "cross_road": "星海路", "direction": "W", "offset_m": 50.0},
            id="side",
        ),
        pytest.param(
            "桃李路星海路东侧", {"road": "桃李路", "cross_road": "星海路", "direction": "E"}, id="side, no distance"
        ),
        pytest.param(
            "桃李路星海路约20米", {"road": "桃李路", "cross_road": "星海路", "offset_m": 20.0}, id="distance, no side"
        ),
        pytest.param(
            "桃李路(星海路-和平路)",
            {"road": "桃李路", "cross_road": "星海路", "to_road": "和平路"},
            id="between in brackets",
        ),
        pytest.param(
            "桃李路星海路至和平路段",
            {"road": "桃李路", "cross_road": "星海路", "to_road": "和平路"},
            id="from road to road",
        ),
        pytest.param("星海路与桃李路之间", {"cross_road": "星海路", "to_road": "桃李路"}, id="between, no third road"),
        pytest.param("沿海高速东侧85km", {"road": "沿海高速", "side": "E", "km_post": 85.0}, id="kilometre post"),
        pytest.param("沿海高速公路往北方向12KM+800M", {"road": "沿海高速公路", "km_post": 12.8}, id="post and metres"),
        pytest.param(
            "沿海高速南侧36km约900米",
            {"road": "沿海高速", "side": "S", "km_post": 36.0, "offset_m": 900.0},
            id="beyond a post",
        ),
        pytest.param("万科广场B1层A区(从民主路进)", {"place": "万科广场"}, id="place and floor"),
        pytest.param("银河花苑小区门口", {"place": "银河花苑小区"}, id="estate gate"),
        pytest.param("南湖老街长宁路8号", {"place": "南湖老街", "road": "长宁路", "number": "8"}, id="place and door"),
        pytest.param("洋桥村沈家宅", {"place": "洋桥村", "homestead": "沈家宅"}, id="village nobody listed"),
        pytest.param("其他路洋桥村", {"place": "洋桥村"}, id="no road, said so"),
        pytest.param("中山西路一村", {"place": "中山西路一村"}, id="estate named after a road"),
        pytest.param("洋桥村6组", {"place": "洋桥村", "group": "6"}, id="group of a village"),
        pytest.param("洋桥村271号", {"place": "洋桥村", "number": "271"}, id="house of a village"),
        pytest.param(
            "洋桥村三队沈家宅12号",
            {"place": "洋桥村", "group": "3", "homestead": "沈家宅", "number": "12"},
            id="all of a village",
        ),
        pytest.param(
            "洋桥村6组(桃李路1465号)",
            {"place": "洋桥村", "group": "6", "road": "桃李路", "number": "1465"},
            id="street in brackets",
        ),
        pytest.param(
            "桃李路300弄16号楼", {"road": "桃李路", "lane": "300", "number": "16"}, id="building in a lane by 号楼"
        ),
        pytest.param("桃李路668弄71", {"road": "桃李路", "lane": "668", "number": "71"}, id="no 号 behind a lane"),
        pytest.param(
            "桃李路1985百货店", {"road": "桃李路", "number": "1985", "place": "百货店"}, id="no 号 before a name"
        ),
        pytest.param("桃李路2楼", {"road": "桃李路"}, id="a floor is no number"),
        pytest.param(
            "桃李路星海路299弄1号",
            {"road": "星海路", "cross_road": "桃李路", "lane": "299", "number": "1"},
            id="the number is the second road's",
        ),
        pytest.param(
            "桃李路3888号桃李路星海路口",
            {"road": "桃李路", "cross_road": "星海路", "number": "3888"},
            id="door and its crossing",
        ),
        pytest.param(
            "桃李路2号(星海路口)", {"road": "桃李路", "cross_road": "星海路", "number": "2"}, id="crossing in brackets"
        ),
        pytest.param(
            "桃李路858号丁香广场", {"road": "桃李路", "number": "858", "place": "丁香广场"}, id="丁 begins a name"
        ),
        pytest.param(
            "桃李路海欣家园南侧约50米",
            {"road": "桃李路", "place": "海欣家园", "direction": "S", "offset_m": 50.0},
            id="beside a place on a road",
        ),
        pytest.param(
            "海欣家园(东门)南侧约50米", {"place": "海欣家园", "direction": "S", "offset_m": 50.0}, id="beside a place"
        ),
        pytest.param(
            "桃李路进盘湾里西约50米",
            {"road": "桃李路", "cross_road": "盘湾里", "direction": "W", "offset_m": 50.0},
            id="crossing with an alley",
        ),
        pytest.param(
            "桃李路与加油站交叉路口往西约70米",
            {"road": "桃李路", "cross_road": "加油站", "direction": "W", "offset_m": 70.0},
            id="no road crosses",
        ),
        pytest.param(
            "星海路隧道中山南一路南约200米",
            {"road": "星海路隧道", "cross_road": "中山南一路", "direction": "S", "offset_m": 200.0},
            id="tunnel",
        ),
        pytest.param(
            "桃李路进桃李路星海路东约2米",
            {"road": "桃李路", "cross_road": "星海路", "direction": "E", "offset_m": 2.0},
            id="own road twice",
        ),
        pytest.param(
            "沿海高速西侧沿海高速内侧星海路下匝道前约20米",
            {"road": "沿海高速", "side": "W", "cross_road": "星海路", "offset_m": 20.0},
            id="ramp",
        ),
        pytest.param(
            "南\ufffd藻路桃李路东约1米",
            {"road": "南\ufffd藻路", "cross_road": "桃李路", "direction": "E", "offset_m": 1.0},
            id="a lost sign",
        ),
        pytest.param("X009(星海公路)12号", {"road": "星海公路", "number": "12"}, id="road by code and name"),
        pytest.param("黄金城道600弄", {"road": "黄金城道", "lane": "600"}, id="道"),
        pytest.param(
            "滨海新城环湖西三路266号",
            {"road": "环湖西三路", "number": "266", "place": "滨海新城"},
            id="new town before the road",
        ),
        pytest.param("位于桃李路80号", {"road": "桃李路", "number": "80"}, id="leading word"),
    ],
)
def test_grammar(text, parts):
    assert street(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("云水区桃李路8号", {"district": "云水区"}, id="our district"),
        pytest.param("上海市云水区桃李路8号", {"city": "上海市", "district": "云水区"}, id="city and district"),
        pytest.param("浙江省舟山市普陀区桃李路8号", {"city": "舟山市", "district": "普陀区"}, id="another district"),
        pytest.param("柳湾镇桃李路8号", {"town_code": "990101101000", "town_name": "柳湾镇"}, id="town"),
        pytest.param("柳湾街道桃李路8号", {"town_code": "990101101000", "town_name": "柳湾镇"}, id="镇 as 街道"),
        pytest.param("古槐街道桃李路8号", {"town_code": "990101002000", "town_name": "古槐路街道"}, id="without 路"),
        pytest.param("青石路街道桃李路8号", {"town_code": "990101103000", "town_name": "青石街道"}, id="with 路"),
        pytest.param("柳湾工业区桃李路8号", {"town_code": "990101500000", "town_name": "柳湾工业区"}, id="zone"),
        pytest.param("柳湾桃李路8号", {"town_code": "990101101000", "town_name": "柳湾镇"}, id="bare name, known road"),
        pytest.param("柳湾路8号", {}, id="town's name in a known road"),
        pytest.param("柳湾镇路8号", {}, id="town in a road name"),
        pytest.param("青石新路8号", {}, id="town's bare name in a road"),
        pytest.param("金泽镇桃李路8号", {"town_name": "金泽镇"}, id="a town that is not ours"),
        pytest.param(
            "柳湾镇石桥村3组12号",
            {
                "town_code": "990101101000",
                "town_name": "柳湾镇",
                "village_code": "990101101201",
                "village_name": "石桥村村委会",
            },
            id="village in its town",
        ),
        pytest.param("石桥村3组12号", {}, id="village of two towns"),
        pytest.param(
            "白杨村12号",
            {"village_code": "990101103202", "village_name": "白杨村民委员会"},
            id="village without its committee",
        ),
        pytest.param(
            "红枫三村12号", {"village_code": "990101002006", "village_name": "红枫三村居委会"}, id="neighbourhood"
        ),
        pytest.param("银杏路12号", {}, id="neighbourhood named after a road"),
        pytest.param("石桥村路12号", {}, id="village in a road name"),
    ],
)
def test_areas(text, parts):
    assert {name: value for name, value in read(text).items() if name in AREA} == parts


@pytest.mark.parametrize(
    "text", ["", " ", "()", "号", "路", ",", "12", "-", "米", "东", "\ufffd\ufffd路", "上海市", "\x00"]
)
def test_texts_that_say_nothing_name_no_street(text):
    assert not {"road", "cross_road", "lane", "number"} & read(text).keys()


def test_a_very_long_text_is_cut():
    parsed = parse_address("桃李路8号" + "东" * 10_000, KNOWN)
    assert (parsed.road, parsed.number, len(parsed.norm)) == ("桃李路", "8", 500)


def test_longest_known_road_wins_over_the_grammar():
    known = Dictionary(roads=["滨河路口街", "滨河路"])
    assert parse_address("滨河路口街5号", known).road == "滨河路口街"
    assert parse_address("滨河路口", known).road == "滨河路"


def test_spans_point_at_the_parts():
    parsed = parse_address("云水区柳湾镇桃李路248弄8号", KNOWN)
    shown = {part: parsed.norm[start:end] for part, (start, end) in parsed.spans.items()}
    assert shown == {
        "district": "云水区",
        "town_name": "柳湾镇",
        "town_code": "柳湾镇",
        "road": "桃李路",
        "lane": "248",
        "number": "8",
    }


# Texts made of the words that addresses are made of find more corners than random letters do.
WORDS = st.sampled_from(
    [
        *(
            "云水区",
            "上海市",
            "柳湾镇",
            "柳湾",
            "石桥村",
            "桃李路",
            "和平路",
            "路",
            "弄",
            "支弄",
            "号",
            "甲",
            "-",
            "、",
            "进",
        ),
        *(
            "出",
            "与",
            "近",
            "之间",
            "路口",
            "口",
            "东南",
            "北",
            "侧",
            "约",
            "300",
            "一百",
            "百千",
            "米",
            "KM",
            "公里",
            "(",
            ")",
        ),
        *(
            "村",
            "组",
            "宅",
            "高速",
            "1211KM+800M",
            "B3",
            "层",
            " ",
            "STREET",
            "AVENUE",
            "&",
            "12",
            "１２",
            "其他路",
            "镇",
        ),
        *("\ufffd", "〇", "之", "至", "停车场", "新村", "广场", ","),
    ]
)
TEXTS = st.one_of(st.text(max_size=40), st.lists(WORDS, max_size=14).map("".join))


@given(TEXTS)
def test_no_text_breaks_the_parser_and_spans_lie_inside(text):
    for dictionary in (KNOWN, NOTHING_KNOWN):
        parsed = parse_address(text, dictionary)
        assert parsed.raw == text
        assert set(parsed.spans) == set(parsed.parts())
        for start, end in parsed.spans.values():
            assert 0 <= start < end <= len(parsed.norm)


@given(TEXTS)
def test_parsing_the_normalised_text_gives_the_same(text):
    first = parse_address(text, KNOWN)
    second = parse_address(first.norm, KNOWN)
    assert (second.norm, second.parts(), second.spans) == (first.norm, first.parts(), first.spans)


@given(TEXTS)
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)


def test_five_thousand_addresses_a_second():
    texts = [f"上海市云水区柳湾镇桃李路{n}弄{n % 40}号{n}室" for n in range(1500)]
    texts += [f"星海路{n}号近和平路路口" for n in range(1500)]
    texts += [f"东山公路进星海路东约{n}米" for n in range(1500)]
    start = time.process_time()
    for text in texts:
        parse_address(text, KNOWN)
    assert len(texts) / (time.process_time() - start) > 5_000
