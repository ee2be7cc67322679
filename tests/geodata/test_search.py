import random
from datetime import UTC, date, datetime

import pytest
from makers import add_areas, add_block, add_point, add_unit, spot, square
from sqlalchemy import func, select

from geodata.geocode.gazetteer import entry_parts
from geodata.models import (
    Area,
    BasemapFeature,
    Demand,
    DutyGrid,
    GazetteerEntry,
    GridCell,
    Meeting,
    MemberUnit,
    Pledge,
    Project,
    Region,
    Resource,
    SearchName,
    ServiceTeam,
)
from geodata.queries import search as queries
from geodata.queries.scope import ALL, NOTHING
from geodata.services import search as service
from geodata.services.search import KINDS, MOST_HITS, MOST_OF_A_KIND, name_row, refresh, search
from geodata.services.stamps import stamp
from geodata.services.tickets import Position, open_ticket


@pytest.fixture
def town(session):
    add_areas(session)
    return session


def find(session, typed, *, scope=ALL, kinds=KINDS):
    return search(session, typed, scope=scope, kinds=kinds)


def titles(session, typed):
    return [hit.title for hit in find(session, typed)]


def add_place(session, name, east=0.5, north=0.5):
    session.add(
        GazetteerEntry(name=name, geom=spot(east, north), accuracy_m=10, **entry_parts(name)._asdict(), source=name)
    )
    session.flush()
    stamp(session, GazetteerEntry)


def test_a_unit_is_found_by_name_code_initials_and_pinyin(town):
    add_unit(town, "U7", 0.5, 0.5, name="七宝中学", town_code="310112101000", village_code="310112101001")
    for typed in ("七宝中学", "宝中", "U7", "u7", "qbzx", "qb", "qibaozhong", " 七宝\t中学 ".replace("\t", "")):
        found = find(town, typed)
        assert [(hit.kind, hit.key, hit.collection) for hit in found] == [("unit", "U7", "units")], typed
    assert (found[0].lon, found[0].lat) == (pytest.approx(121.405), pytest.approx(31.105))
    assert found[0].found.within == "西镇 · 一村"


def test_full_width_and_capitals_are_the_same_word(town):
    add_unit(town, "U1", 0.5, 0.5, name="Ｗａｎｄａ 广场")
    for typed in ("ＷＡＮＤＡ", "Wanda 广", "wanda广场"):
        assert titles(town, typed) == ["Ｗａｎｄａ 广场"]


def test_every_kind_is_found_and_says_on_which_collection_it_lies(town):
    add_unit(town, "U1", 0.5, 0.5, name="兰亭物业")
    add_point(town, "P1", 0.5, 0.5).name = "兰亭门前"
    add_block(town, "B1", 0, 0, 1, 1).name = "兰亭区块"
    town.add(DutyGrid(scheme="responsibility", code="G1", name="兰亭网格", post="岗1", geom=square(0, 0, 1, 1)))
    town.add(Area(level="village", code="310112101003", name="兰亭村", parent_code="310112101000"))
    town.flush()
    add_place(town, "兰亭公园")
    found = find(town, "兰亭")
    assert [(hit.kind, hit.collection) for hit in found] == [
        ("area", "villages"),
        ("unit", "units"),
        ("point", "points"),
        ("block", "blocks"),
        ("duty_grid", "duty_grids"),
        ("place", None),
    ]
    assert found[4].key == "G1|responsibility"
    assert (found[0].lon, found[0].box) == (None, None)


def add_joint(session):
    """One of each that units do together, and the ground for it, all of one name."""
    unit = add_unit(session, "U1", 0.5, 0.5, name="市民中心", town_code="310112101000")
    at_noon = datetime(2026, 3, 2, 4, tzinfo=UTC)
    village = {"level": "village", "area_code": "310112101001"}
    session.add_all(
        [
            Region(code="R1", name="兰亭片区", town_code="310112101000", geom=square(0, 0, 1, 1)),
            ServiceTeam(code="T1", name="兰亭团队", town_code="310112101000", holder_id=unit.id),
            Project(code="J1", name="兰亭共建", joint="welfare", level="town", lead_unit_id=unit.id, stage="running"),
            Resource(code="S1", name="兰亭讲堂", kind_code="free_clinic", unit_id=unit.id),
            Demand(code="D1", name="兰亭义诊", kind_code="free_clinic", posted_by="officer", **village),
            Pledge(code="L1", name="兰亭三包", unit_id=unit.id, valid_from=date(2020, 1, 1)),
            Meeting(code="M1", name="兰亭议事", body="village_meeting", held_at=at_noon, **village),
        ]
    )
    session.flush()


JOINT_HITS = [
    ("region", "R1", "regions", "兰亭片区"),
    ("team", "T1", "duty_teams", "兰亭团队"),
    ("project", "J1", "projects", "兰亭共建"),
    ("resource", "S1", "resources", "兰亭讲堂"),
    ("demand", "D1", "demands", "兰亭义诊"),
    ("pledge", "L1", "pledges", "兰亭三包"),
    ("meeting", "M1", "meetings", "兰亭议事"),
]


@pytest.mark.parametrize("hit", JOINT_HITS, ids=lambda hit: hit[0])
def test_what_units_do_together_is_found_by_name_code_and_pinyin_and_has_a_place(town, hit):
    add_joint(town)
    kind, key, id_, title = hit
    for typed in (title, title[1:], key, key.lower(), "".join(service._pinyin(title))):
        found = next(each for each in find(town, typed) if each.kind == kind)
        assert (found.key, found.collection, found.title) == (key, id_, title), typed
        assert found.lon is not None
    assert find(town, title, kinds=tuple(one for one in KINDS if one != kind)) == []


def test_one_name_finds_them_all_in_the_order_of_kinds_and_who_looks_for_a_place_none(town):
    add_joint(town)
    assert [(hit.kind, hit.key, hit.collection, hit.title) for hit in find(town, "兰亭")] == JOINT_HITS
    assert search(town, "兰亭", scope=ALL) == []


def test_a_name_still_to_be_made_is_found_only_among_the_kinds_asked_for(town, monkeypatch):
    monkeypatch.setattr(queries, "is_mine_to_make", lambda _session: False)
    add_joint(town)
    assert [hit.kind for hit in find(town, "兰亭议事")] == ["meeting"]
    assert find(town, "兰亭议事", kinds=service.PLACES) == []


def test_cells_are_found_by_the_beginning_of_their_code(town):
    for number in range(9):
        town.add(GridCell(code=f"31011210100100{number}", geom=square(0, 0, 1, 1), village_code="310112101001"))
    town.flush()
    found = [hit for hit in find(town, "310112101001") if hit.kind == "cell"]
    assert [hit.key[-1] for hit in found] == ["0", "1", "2", "3", "4", "5"]
    assert find(town, "310112101001003")[0].collection == "grid_cells"
    assert find(town, "310112101001")[0].collection == "villages"


def test_a_road_is_found_once_however_many_doors_it_has(town):
    for number in (1, 2, 3):
        add_place(town, f"临河路{number}号", 0.5, 0.1 * number)
    found = find(town, "临河路")
    assert (found[0].title, found[0].found.word) == ("临河路", "road")
    assert [hit.title for hit in found].count("临河路") == 1
    line = "SRID=4326;MULTILINESTRING((121.40 31.10,121.41 31.11))"
    for ref in ("1", "2"):
        town.add(BasemapFeature(theme="road", name="沿江路", source="osm", source_ref=ref, from_zoom=8, geom=line))
    town.flush()
    assert titles(town, "沿江") == ["沿江路"]


def test_what_is_exact_comes_before_what_begins_so_and_that_before_what_holds_it(town):
    for code, name in [("U1", "新梅林"), ("U2", "梅林花园"), ("U3", "梅林")]:
        add_unit(town, code, 0.5, 0.5, name=name)
    add_place(town, "梅林公园")
    assert titles(town, "梅林") == ["梅林", "梅林花园", "梅林公园", "新梅林"]


def test_at_most_twelve_hits_and_six_of_a_kind(town):
    for number in range(20):
        add_unit(town, f"U{number:02}", 0.5, 0.5, name=f"春申{number:02}")
        add_place(town, f"春申{number:02}公园", 0.01 * number)
        add_point(town, f"P{number:02}", 0.5, 0.5).name = f"春申{number:02}"
    kinds = [hit.kind for hit in find(town, "春申")]
    assert len(kinds) == MOST_HITS
    assert max(kinds.count(kind) for kind in set(kinds)) == MOST_OF_A_KIND


def test_a_name_that_sounds_alike_is_found_when_nothing_else_is(town):
    add_unit(town, "U1", 0.5, 0.5, name="东川小学")
    assert titles(town, "冬川小学") == ["东川小学"]


def test_tickets_are_found_by_number_and_words_by_those_who_may_read_them(town):
    made = open_ticket(
        town,
        category="0501",
        title="垃圾桶满溢",
        actor="o",
        position=Position(121.405, 31.105, "wgs84"),
        address="某路9号",
    )
    for typed in (made.number, made.number[:8], "桶满", "某路9"):
        assert [hit.key for hit in find(town, typed)] == [made.number], typed
        assert find(town, typed, scope=NOTHING) == []


@pytest.mark.parametrize(
    ("typed", "lon", "lat", "is_swapped"),
    [
        ("121.405, 31.105", 121.405, 31.105, False),
        ("31.105, 121.405", 121.405, 31.105, True),
        ("１２１．４０５，３１．１０５", 121.405, 31.105, False),
        ("121°24'18\"E 31°6'18\"N", 121.405, 31.105, False),
    ],
    ids=["pair", "latitude first", "full width", "degrees and minutes"],
)
def test_a_coordinate_is_read_and_says_how(town, typed, lon, lat, is_swapped):
    (hit,) = find(town, typed)
    assert (hit.kind, hit.lon, hit.lat) == ("coordinate", pytest.approx(lon), pytest.approx(lat))
    assert hit.reading.is_swapped is is_swapped


def test_an_address_that_no_name_answers_is_geocoded(town):
    add_place(town, "临河路中山路", 1.5, 1.0)
    found = find(town, "西镇临河路、中山路路口")
    assert [(hit.kind, hit.level) for hit in found] == [("place", "crossing")]
    assert found[0].error_m > 0
    assert find(town, "东镇无此路8号") == []


HOSTILE = [
    "%",
    "_",
    "\\",
    "'",
    '"',
    "%%",
    "a%",
    "_____",
    "'; DROP TABLE search_name; --",
    "(?:x",
    "[a",
    ".*",
    "$$",
    "x" * 200,
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_signs_have_no_meaning_of_their_own(town, typed):
    add_unit(town, "U1", 0.5, 0.5, name="普通单位")
    assert find(town, typed) == []
    add_unit(town, "U2", 0.5, 0.5, name=f"甲{typed}乙")
    assert titles(town, f"甲{typed}") == [f"甲{typed}乙"]


def test_names_follow_the_records(town):
    unit = add_unit(town, "U1", 0.5, 0.5, name="旧名单位")
    assert titles(town, "旧名") == ["旧名单位"]
    unit.name = "新名单位"
    town.flush()
    assert (titles(town, "旧名"), titles(town, "xmdw")) == ([], ["新名单位"])
    town.delete(unit)
    town.flush()
    assert titles(town, "新名") == []
    assert town.scalar(select(func.count()).select_from(SearchName).where(SearchName.kind == "unit")) == 0


def test_only_what_changed_is_made_anew(town):
    add_unit(town, "U1", 0.5, 0.5)
    assert refresh(town) > 0
    assert refresh(town) == 0
    add_unit(town, "U2", 0.5, 0.5)
    assert refresh(town) == 1


def test_what_has_no_name_yet_is_found_all_the_same(town, monkeypatch):
    monkeypatch.setattr(service, "MOST_MADE_MEANWHILE", 3)
    refresh(town)
    for number in range(8):
        add_unit(town, f"U{number}", 0.5, 0.5, name=f"迟来{number}")
    made = select(func.count()).select_from(SearchName).where(SearchName.kind == "unit")
    assert len(titles(town, "迟来")) == MOST_OF_A_KIND
    assert town.scalar(made) == 3
    find(town, "迟来")
    find(town, "迟来")
    assert town.scalar(made) == 8


def test_an_import_makes_all_its_names_at_once(town):
    town.add_all(MemberUnit(code=f"N{number}", name=f"单位{number}", kind="school") for number in range(5_000))
    town.flush()
    assert refresh(town) >= 5_000
    assert titles(town, "dw4999") == ["单位4999"]


def test_the_first_letters_keep_digits_whole():
    assert name_row("unit", "1", "7号线东川路站").initials == "7hxdclz"
    assert name_row("unit", "1", "kfc 莘庄店").name == "kfc 莘庄店\tkfcxinzhuangdian\t 莘 莘庄 庄店 店 "
    assert name_row("unit", "1", "main street") == ("unit", "1", "main street", "ms")


# What each rung asks, said plainly of a name as a reader sees it, its reading and the first letters of that.
PLAIN = {
    "whole": lambda word, name, _reading, _initials: name == word,
    "beginning": lambda word, name, _reading, _initials: name.startswith(word),
    "initials": lambda word, _name, _reading, initials: initials.startswith(word),
    "pinyin": lambda word, _name, reading, _initials: reading.startswith(word),
    "inside": lambda word, name, _reading, _initials: word in name and not name.startswith(word),
}


@pytest.mark.parametrize("many", [1_000_000, 10], ids=["all are sorted", "the shortest are gone through"])
def test_every_rung_answers_as_a_plain_comparison_would(town, monkeypatch, many):
    chance = random.Random(5)  # noqa: S311 - the same names each time
    signs = "长乐重庆东川路园小区ab1% ·𠮷"
    names = ["".join(chance.choice(signs) for _ in range(chance.randint(1, 7))).strip() or "长" for _ in range(500)]
    town.add_all(MemberUnit(code=f"N{number}", name=name, kind="school") for number, name in enumerate(names[:250]))
    town.add_all(
        GazetteerEntry(name=name, kind="place", name_norm=name, source=str(number), accuracy_m=10, geom=spot(0.5, 0.5))
        for number, name in enumerate(names[250:])
    )
    town.flush()
    refresh(town)
    monkeypatch.setattr(queries, "MANY", dict.fromkeys(queries.MANY, many))
    rows = [(one.kind, one.key, one.name, one.initials) for one in town.scalars(select(SearchName))]
    words = {"长", "庆", "cq", "zq", "changqing", "x" * 120, "没有"}
    for name in chance.sample(names, 60):
        start = chance.randrange(len(name))
        words |= {
            service.fold(name),
            service.fold(name[start : start + 3]),
            name_row("", "", service.fold(name)).initials,
        }
    for word in sorted(words - {""}):
        for rung, answers in PLAIN.items():
            if rung == "inside" and not any(sign.isalnum() for sign in word):
                continue
            plain = [
                (KINDS.index(kind), len(name), name, key)
                for kind, key, name, initials in rows
                if answers(word, name.partition("\t")[0], [*name.split("\t"), ""][1] or "\n", initials)
            ]
            best = [(one[0], one[3]) for one in sorted(plain)]
            firsts = [one for kind in range(len(KINDS)) for one in [b for b in best if b[0] == kind][:MOST_OF_A_KIND]]
            asked = queries.matches(town, rung, word, kinds=KINDS, most=MOST_OF_A_KIND)
            assert [(KINDS.index(match.kind), match.key) for match in asked] == firsts, (rung, word)


def test_a_sign_of_two_readings_is_found_by_itself(town):
    for code, name in enumerate(("重庆路", "重阳社", "重量站", "重要处", "重点组", "重修坊", "重型厂")):
        add_unit(town, f"U{code}", 0.5, 0.5, name=name)
    assert "重庆路" in titles(town, "重庆")
    assert len(titles(town, "重")) == MOST_OF_A_KIND


@pytest.mark.parametrize("typed", ["🙂🙂", "((", "\u202e长", "\u0301", "𠮷𠮷", "a" * 200, "长" * 200, "%_" * 60])
def test_what_no_index_knows_is_asked_all_the_same(town, typed):
    add_unit(town, "U1", 0.5, 0.5, name=f"{typed}甲")
    assert [hit.key for hit in find(town, typed)][:1] == ["U1"]
