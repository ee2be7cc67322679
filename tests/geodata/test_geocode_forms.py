"""Reading addresses as bills, notices and shop lists write them: areas twice, doors in rows, places without a road."""

import pytest

from geodata.geocode.parse import Dictionary, Named, parse_address

KNOWN = Dictionary(
    [Named("990101101000", "柳湾镇"), Named("990101500000", "柳湾工业区")],
    roads=["桃李路", "一号路"],
    district="云水区",
)


def read(text):
    """All parts but the code of the town."""
    return {name: value for name, value in parse_address(text, KNOWN).parts().items() if name != "town_code"}


@pytest.mark.parametrize(
    ("text", "areas"),
    [
        pytest.param("上海市,上海市,云水区,桃李路8号", {"city": "上海市", "district": "云水区"}, id="commas between"),
        pytest.param("上海市 上海市 云水区 桃李路8号", {"city": "上海市", "district": "云水区"}, id="city twice"),
        pytest.param("上海上海市青竹区桃李路8号", {"city": "上海市", "district": "青竹区"}, id="province, city"),
        pytest.param("上海青竹区桃李路8号", {"city": "上海", "district": "青竹区"}, id="city without 市"),
        pytest.param("地址：上海市云水区桃李路8号", {"city": "上海市", "district": "云水区"}, id="地址 in front"),
        pytest.param("上海云水区上海市云水区桃李路8号", {"city": "上海", "district": "云水区"}, id="both twice"),
        pytest.param("上海上海青竹区桃李路8号", {"city": "上海", "district": "青竹区"}, id="city twice without 市"),
        pytest.param(
            "山东省青屿市海曲市桃李路8号",
            {"province": "山东省", "city": "青屿市", "district": "海曲市"},
            id="city of a city",
        ),
        pytest.param("上海|上海市|云水区|桃李路8号", {"city": "上海市", "district": "云水区"}, id="bars between"),
        pytest.param("上海市/云水区/桃李路8号", {"city": "上海市", "district": "云水区"}, id="slashes between"),
        pytest.param("上海云水桃李路8号", {"city": "上海", "district": "云水区"}, id="neither 市 nor 区"),
        pytest.param("位于上海市云水区桃李路8号", {"city": "上海市", "district": "云水区"}, id="位于 in front"),
        pytest.param("中华人民共和国上海市云水区桃李路8号", {"city": "上海市", "district": "云水区"}, id="in full"),
        pytest.param("中国上海市云水区桃李路8号", {"city": "上海市", "district": "云水区"}, id="country"),
        pytest.param("云水桃李路8号", {"district": "云水区"}, id="our district without 区, known road"),
        pytest.param("云水柳湾镇桃李路8号", {"district": "云水区", "town_name": "柳湾镇"}, id="same, known town"),
    ],
)
def test_areas_however_they_are_strung_together(text, areas):
    assert read(text) == {**areas, "road": "桃李路", "number": "8"}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("青竹区长街58号", {"district": "青竹区", "road": "长街", "number": "58"}, id="short street"),
        pytest.param("青竹区柳湾镇", {"district": "青竹区", "town_name": "柳湾镇"}, id="a namesake of our town"),
        pytest.param("青竹区西街村", {"district": "青竹区", "place": "西街村"}, id="village named after a street"),
        pytest.param(
            "上城区青荷街道桃李路8号",
            {"district": "上城区", "town_name": "青荷街道", "road": "桃李路", "number": "8"},
            id="district named after a part of the town",
        ),
        pytest.param(
            "青荷街道人民路8号", {"town_name": "青荷街道", "road": "人民路", "number": "8"}, id="人民路 behind a town"
        ),
        pytest.param("河口新市路8号", {"road": "河口新市路", "number": "8"}, id="市 in a name"),
        pytest.param("洛河街办桃李路8号", {"town_name": "洛河街办", "road": "桃李路", "number": "8"}, id="街办"),
        pytest.param("海欣广场外侧道路", {"place": "海欣广场外侧道路"}, id="道路 is no name of a road"),
        pytest.param(
            "滨港新片区云帆路66号",
            {"place": "滨港新片区", "road": "云帆路", "number": "66"},
            id="a zone is no district",
        ),
        pytest.param(
            "柳湾镇晨光社区云帆路6号海欣苑",
            {"town_name": "柳湾镇", "road": "云帆路", "number": "6", "place": "海欣苑"},
            id="the place at the door, not the one around it",
        ),
        pytest.param("芦山工业区青石村", {"town_name": "芦山工业区", "place": "青石村"}, id="village of a zone"),
        pytest.param("小石岙328国道", {"place": "小石岙", "road": "328国道"}, id="numbered road behind a place"),
        pytest.param("上洋21号大街芦苑", {"road": "21号大街", "place": "芦苑"}, id="street named by a number"),
    ],
)
def test_a_road_takes_in_no_area(text, parts):
    assert read(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("8弄-20", {"lane": "8", "number": "20"}, id="dash behind a lane"),
        pytest.param("12-14弄", {"lane": "12"}, id="row of lanes"),
        pytest.param("1弄～5弄", {"lane": "1"}, id="lanes from to"),
        pytest.param("12、14、16弄", {"lane": "12"}, id="list of lanes"),
        pytest.param("12、14号", {"number": "12", "suffix": "、14"}, id="list of doors"),
        pytest.param("21，23号", {"number": "21", "suffix": ",23"}, id="list with a comma"),
        pytest.param("24号-3", {"number": "24", "suffix": "-3"}, id="part of a door behind 号"),
        pytest.param("24号-3附近", {"number": "24", "suffix": "-3"}, id="same, then a word"),
        pytest.param("31号-35号", {"number": "31", "suffix": "-35"}, id="from 号 to 号"),
        pytest.param("31号-35号、37号", {"number": "31", "suffix": "-35、37"}, id="from to and another"),
        pytest.param("24号-301", {"number": "24", "inside": "-301"}, id="three digits are a room"),
        pytest.param("9弄5号302", {"lane": "9", "number": "5", "inside": "302"}, id="room without 室"),
        pytest.param("9弄1-3号楼", {"lane": "9", "number": "1", "suffix": "-3"}, id="row of buildings in a lane"),
        pytest.param("8弄小区16号楼", {"lane": "8", "number": "16"}, id="小区 between lane and building"),
        pytest.param(
            "8弄3支弄海欣公寓11号", {"lane": "8", "sublane": "3", "number": "11", "place": "海欣公寓"}, id="estate"
        ),
        pytest.param("东侧33-02地块", {"side": "E"}, id="a plot's number is no door"),
        pytest.param("8号218-C室", {"number": "8", "inside": "218-C室"}, id="room with a letter"),
        pytest.param("8号2号楼西三楼", {"number": "8", "building": "2号楼", "inside": "西三楼"}, id="floor of a wing"),
        pytest.param("8号B2层E区16-19车位", {"number": "8", "inside": "B2层E区"}, id="parking places"),
        pytest.param("8号第一层C02-D03", {"number": "8", "inside": "第一层"}, id="floor, then a shop's code"),
        pytest.param("8号海天广场A15", {"number": "8", "place": "海天广场"}, id="a shop's code behind the name"),
        pytest.param("8号大门进门右侧", {"number": "8"}, id="the way in is no name"),
        pytest.param(
            "8号B3层停车场海天金融广场", {"number": "8", "inside": "B3层", "place": "海天金融广场"}, id="car park"
        ),
        pytest.param("8号地下车库左转直行", {"number": "8"}, id="the way to its end"),
        pytest.param("8号(桃李路与青石交汇处向西路北)", {"number": "8"}, id="a story in brackets"),
        pytest.param(
            "8号一层商铺12-101", {"number": "8", "inside": "一层商铺12-101"}, id="number behind the word for it"
        ),
        pytest.param("8号102C", {"number": "8", "inside": "102C"}, id="room without 室, with a letter"),
        pytest.param("8号海天大厦1305", {"number": "8", "place": "海天大厦"}, id="room behind a name"),
        pytest.param("8号南区地库入口", {"number": "8"}, id="way in to a garage"),
        pytest.param("8号(北部),青竹区星海路650号", {"number": "8"}, id="a second address"),
        pytest.param("8号北幢2楼", {"number": "8", "building": "北幢", "inside": "2楼"}, id="building by its side"),
        pytest.param("8号海天大厦邮编200000", {"number": "8", "place": "海天大厦"}, id="postcode"),
        pytest.param("8号桃李路", {"number": "8"}, id="nor is the road again"),
        pytest.param("8号底层", {"number": "8", "inside": "底层"}, id="ground floor"),
        pytest.param("8号102铺位", {"number": "8", "inside": "102铺位"}, id="stall"),
        pytest.param(
            "8号12幢101、102室", {"number": "8", "building": "12幢", "inside": "101、102室"}, id="list of rooms"
        ),
        pytest.param("8号第1幢658室", {"number": "8", "building": "第1幢", "inside": "658室"}, id="第 before 幢"),
        pytest.param("8号22号厂房", {"number": "8", "building": "22号厂房"}, id="factory building"),
        pytest.param("8号美华城第一层A区", {"number": "8", "place": "美华城"}, id="floor behind the name"),
        pytest.param("8号美华城3F", {"number": "8", "place": "美华城"}, id="floor in letters"),
        pytest.param("8号附近海天公寓", {"number": "8", "place": "海天公寓"}, id="附近 is no part of a name"),
        pytest.param("8号对面工地", {"number": "8"}, id="a word for a kind of place names none"),
        pytest.param("9弄小区东门", {"lane": "9"}, id="nor does the gate of one"),
        pytest.param(
            "8号“海天洲”东南角", {"number": "8", "place": "海天洲", "direction": "SE"}, id="name in quotation marks"
        ),
        pytest.param(
            "8号海天广场(近星海路)", {"number": "8", "cross_road": "星海路", "place": "海天广场"}, id="near, at the end"
        ),
        pytest.param(
            "8号(桃李路星海路)", {"number": "8", "cross_road": "星海路"}, id="its road and another in brackets"
        ),
        pytest.param(
            "8号(星海路桃李路路口)海欣苑",
            {"number": "8", "cross_road": "星海路", "place": "海欣苑"},
            id="another and its road, then the name",
        ),
        pytest.param(
            "8-1号(星海路口南侧)", {"number": "8", "suffix": "-1", "cross_road": "星海路"}, id="side in brackets"
        ),
    ],
)
def test_what_stands_behind_a_road(text, parts):
    assert read(f"桃李路{text}") == {"road": "桃李路", **parts}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("青石村3队", {"place": "青石村", "group": "3"}, id="team by number"),
        pytest.param("青石村第五村民组26号", {"place": "青石村", "group": "5", "number": "26"}, id="第 … 村民组"),
        pytest.param("丰沛三队", {"place": "丰沛", "group": "3"}, id="team without 村"),
        pytest.param("青石村石家队", {"place": "青石村", "homestead": "石家队"}, id="team by name"),
        pytest.param("青石村石家队沈家宅", {"place": "青石村", "homestead": "石家队沈家宅"}, id="homestead of a team"),
        pytest.param("青石村石家圈", {"place": "青石村", "homestead": "石家圈"}, id="hamlet"),
        pytest.param("三石桥124弄", {"place": "三石桥", "lane": "124"}, id="lane of a place"),
        pytest.param("朱石塘3号", {"place": "朱石塘", "number": "3"}, id="house of a place"),
        pytest.param(
            "红枫五村35号102室", {"place": "红枫五村", "number": "35", "inside": "102室"}, id="room in an estate"
        ),
        pytest.param(
            "桃李路沈家宅8号", {"cross_road": "桃李路", "place": "沈家宅", "number": "8"}, id="homestead on a road"
        ),
        pytest.param(
            "桃李路铁石新村16号", {"cross_road": "桃李路", "place": "铁石新村", "number": "16"}, id="estate on a road"
        ),
        pytest.param(
            "桃李路石家弄6号", {"road": "石家弄", "cross_road": "桃李路", "number": "6"}, id="alley of a road"
        ),
        pytest.param(
            "海欣花园6幢底层桃李路27-31号商铺",
            {"place": "海欣花园", "road": "桃李路", "number": "27", "suffix": "-31"},
            id="estate, building, then the street",
        ),
        pytest.param(
            "海欣花园(东门) 桃李路27号",
            {"place": "海欣花园", "road": "桃李路", "number": "27"},
            id="gate, then the street",
        ),
        pytest.param(
            "星海路东侧,桃李路126号",
            {"road": "桃李路", "cross_road": "星海路", "number": "126"},
            id="a side, then the street",
        ),
        pytest.param(
            "红枫四村26幢502", {"place": "红枫四村", "number": "26", "inside": "502"}, id="building is the house"
        ),
        pytest.param(
            "海欣中心(云水区柳湾镇桃李路550号)",
            {"place": "海欣中心", "road": "桃李路", "number": "550"},
            id="street behind areas in brackets",
        ),
        pytest.param("118弄6支弄26", {"lane": "118", "sublane": "6", "number": "26"}, id="lane without its road"),
        pytest.param("海欣小区东门口", {"place": "海欣小区"}, id="at the gate"),
        pytest.param("海欣小区北大门口内", {"place": "海欣小区"}, id="inside of the great gate"),
        pytest.param("海曲公园管理处", {"place": "海曲公园管理处"}, id="an office is no 处 of a place"),
    ],
)
def test_villages_and_estates_with_numbers_of_their_own(text, parts):
    assert read(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("桃李路（星海路口）", {}, id="in brackets"),
        pytest.param("桃李路与星海路交界", {}, id="交界 alone"),
        pytest.param("桃李路×星海路", {}, id="times sign"),
        pytest.param("桃李路-星海路", {}, id="dash"),
        pytest.param("桃李路星海路西北角", {"direction": "NW"}, id="corner"),
        pytest.param("桃李路与星海路交叉口南偏西27米", {"direction": "SW", "offset_m": 27.0}, id="south by west"),
        pytest.param("桃李路南侧、星海路东侧", {"direction": "E"}, id="side of each"),
        pytest.param("桃李路以北、星海路以东", {"direction": "E"}, id="以 with the side of each"),
        pytest.param("桃李路以东、星海路以西、和美路以北、平江路以南地块", {}, id="plot inside of four roads"),
        pytest.param(
            "桃李路以东星海路以南南0.4公里", {"direction": "S", "offset_m": 400.0}, id="sides, then a distance"
        ),
        pytest.param("桃李路进星海路往机场方向的匝道", {}, id="slip road and where it leads"),
        pytest.param("芦北(桃李路星海路)", {"place": "芦北"}, id="stop and its crossing"),
    ],
)
def test_crossings_however_they_are_joined(text, parts):
    assert read(text) == {"road": "桃李路", "cross_road": "星海路", **parts}


def test_a_namesake_in_another_district_is_not_our_town():
    assert parse_address("柳湾镇桃李路8号", KNOWN).town_code == "990101101000"
    assert parse_address("青竹区柳湾街道桃李路8号", KNOWN).parts() == {
        "district": "青竹区",
        "town_name": "柳湾街道",
        "road": "桃李路",
        "number": "8",
    }


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("顾沈弄路946弄", {"road": "顾沈弄路", "lane": "946"}, id="road named after an alley"),
        pytest.param("顾沈弄14号", {"road": "顾沈弄", "number": "14"}, id="the alley itself"),
        pytest.param(
            "桃李路718弄5单元门口空地", {"road": "桃李路", "lane": "718", "inside": "5单元"}, id="entrance, no house"
        ),
        pytest.param("桃李路12号门卫室", {"road": "桃李路", "number": "12"}, id="guard of a door, no door of a yard"),
        pytest.param(
            "桃李路31弄海欣公寓北大门口内", {"road": "桃李路", "lane": "31", "place": "海欣公寓"}, id="great gate"
        ),
        pytest.param("桃李路838弄小区大门口内", {"road": "桃李路", "lane": "838"}, id="great gate of the estate"),
        pytest.param("桃李路758弄大门口物业管理处", {"road": "桃李路", "lane": "758"}, id="office at the gate"),
    ],
)
def test_lanes_as_lists_of_points_in_estates_write_them(text, parts):
    assert read(text) == parts
