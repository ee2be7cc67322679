"""Files of every kind of import, each in a first and a changed version, and the database as text."""

from datetime import datetime

import files
import makers
from osm_files import osm_xml
from sqlalchemy import text

from geodata.models import GridCell
from geodata.services.imports import import_file
from geodata.services.tickets import Position, open_ticket

WEST, VILLAGE = "310112101000", "310112101001"
UNITS = ("code,name,kind,lon,lat", "U1,春申医院,hospital,121.405,31.105", "U2,东川中学,school,121.425,31.105")
MEETING = "H1,三月会,联席会议,街镇,西镇,2026-03-05 14:00,已召开"
NODES = {1: (121.400, 31.105), 2: (121.410, 31.105), 3: (121.420, 31.105), 4: (121.410, 31.100), 5: (121.410, 31.110)}
ROAD = (10, [1, 2, 3], {"highway": "primary", "name": "春申路"})
CROSSING = (11, [4, 2, 5], {"highway": "residential", "name": "临河路"})

# kind → heading, rows of the first file, rows of the changed one; or a function from folder and version to a file.
CASES = {
    "areas": lambda folder, second: files.geojson(
        folder / f"towns{second}.geojson",
        ({"code": WEST, "name": "新西镇" if second else "西镇"}, files.polygon(0, 0, 3 if second else 2.5, 2)),
        ({"code": "310112102000", "name": "东镇"}, files.polygon(3 if second else 2.5, 0, 4, 2)),
    ),
    "grid": lambda folder, second: files.geojson(
        folder / "cells.geojson",
        ({"网格编码": "310112101001001"}, files.polygon(0, 0, 1, 1.5 if second else 1)),
        *([({"网格编码": "310112101001002"}, files.polygon(0, 1.5, 1, 2))] if second else []),
    ),
    "units": (UNITS[0], UNITS[1:], ("U1,春申医院新院,hospital,121.4051,31.1050000001", "U3,新,school,121.41,31.1")),
    "memberships": ("单位,层级,区域编码,开始日期", ("U1,区,310112,2014-01-01",), ("U2,街镇,310112101000,2015-01-01",)),
    "conveners": ("层级,区域,轮值年度,轮值召集人", ("街镇,西镇,2025,U1",), ("街镇,西镇,2025,U2", "街镇,西镇,2026,U1")),
    "seats": (
        "层级,区域,会议,单位,席位,开始日期",
        ("街镇,西镇,联席会议,U1,主任,2025-03-01",),
        ("街镇,西镇,联席会议,U1,成员,2025-03-01", "街镇,西镇,联席会议,U2,主任,2025-03-01"),
    ),
    "contacts": (
        "层级,区域,事项,岗位,电话",
        ("街镇,西镇,综合协调,党建办,000-1",),
        ("街镇,西镇,综合协调,党建办,000-2",),
    ),
    "pilots": ("试点居村,试点内容,开始日期", ("一村,议事规则,2025-07-01",), ("一村,新规则,2025-07-01",)),
    "teams": ("团队编码,名称,联络岗位,值班电话", ("T1,便民队,值班室,64120000",), ("T1,便民二队,,", "T2,新队,,")),
    "regions": lambda folder, second: files.geojson(
        folder / "r.geojson",
        ({"片区编码": "R1", "名称": "北片", "town_code": WEST}, files.polygon(0, 0, 1.3 if second else 2, 2)),
    ),
    "blocks": lambda folder, second: files.geojson(
        folder / "b.geojson",
        ({"区块编码": "B1", "名称": "一块" if second else "甲", "责任单位": "U1"}, files.polygon(0, 0, 1, 1)),
    ),
    "points": (
        "责任点编码,名称,责任单位,半径,lon,lat",
        ("P1,桥头,U1,80,121.405,31.105",),
        ("P1,桥头,U2,90,121.4150000003,31.1050000007", "P2,路口,,,121.41,31.11"),
    ),
    "deputies": (
        "责任类别,责任对象,次序,单位,岗位",
        ("区块,B1,1,U1,前台",),
        ("区块,B1,1,U2,值班室", "区块,B1,2,U1,前台"),
    ),
    "tickets": (
        "工单号,类别,标题,状态,上报时间,结案时间,地址,经度,纬度",
        ("7,0501,占道,open,2024-04-16 08:00,,春申路1号,121.405,31.105",),
        (
            "7,0501,占道经营,closed,2024-04-16 08:00,2024-04-17 08:00,春申路1号,121.425,31.105",
            "8,0501,又占道,open,2024-04-16 08:00,,,121.405,31.105",
        ),
    ),
    "gazetteer": lambda folder, second: osm_xml(
        folder / "town.osm", NODES, [ROAD if second else (*ROAD[:2], {**ROAD[2], "name": "春江路"}), CROSSING]
    ),
    "duty": ("类别,单位类型,职责,街镇编码", ("0501,学校,协助,",), ("0501,market,handle,310112101000",)),
    "duty_grids": (
        "责任网格编码,责任网格名称,岗位,体系,街镇,单元网格编码",
        ("D1,一号网格,岗1,责任网格,西镇,C1", "D1,一号网格,岗1,责任网格,西镇,C2"),
        ("D1,一号网格,岗1,责任网格,西镇,C2", "D2,二号网格,岗2,责任网格,西镇,C1"),
    ),
    "projects": (
        "项目编码,项目名称,六联,层级,所属区域,阶段,牵头单位,共建单位",
        ("J1,义诊,公益,区级,,实施,U1,U2",),
        ("J1,大义诊,公益,区级,,已完成,U1,", "J2,助学,公益,区级,,实施,U2,U1"),
    ),
    "resource_kinds": ("类型编码,中文名称,英文名称", ("pets,宠物服务,pets",), ("venue,场地,venues", "pets,宠物,pets")),
    "resources": (
        "资源编码,资源名称,资源类型,提供单位,容纳人数,开放规则,经度,纬度",
        ("S1,专家义诊,义诊健康,U1,80,Sa 08:30-11:30,121.405,31.105",),
        ("S1,专家义诊,义诊健康,U2,90,,121.425,31.105", "S2,车,流动服务,U1,,,,"),
    ),
    "pledges": (
        "承诺编码,承诺,单位,问题类别,半径",
        ("L1,巡逻,U1,0501,300",),
        ("L1,夜巡,U1,0501、0102,500", "L2,值守,U2,0501,9"),
    ),
    "demands": (
        "需求编码,需求名称,资源类型,所属区域,人数",
        ("N1,义诊,free_clinic,一村,60",),
        ("N1,义诊,free_clinic,一村,90", "N2,停车,parking,二村,"),
    ),
    "meetings": (
        "会议编码,会议名称,会议类型,层级,所属区域,会议时间,状态",
        (MEETING,),
        (MEETING.replace("三月会", "四月会"), MEETING.replace("H1", "H2")),
    ),
    "meeting_seats": ("会议编码,单位", ("H1,U1",), ("H1,U2",)),
    "resolutions": ("会议编码,序号,议定事项,责任单位", ("H1,1,装路灯,U1",), ("H1,1,装两盏灯,U2", "H1,2,修路,U1")),
    "whistle_calls": (
        "吹哨编码,事由,层级,区域,到场时限,经度,纬度",
        ("W1,堆物,街镇,西镇,2026-03-05 14:00,121.405,31.105",),
        ("W1,又堆物,街镇,西镇,2026-03-05 14:00,121.406,31.105",),
    ),
    "whistle_invitees": ("吹哨编码,序号,单位", ("W1,1,U1",), ("W1,1,U2", "W1,2,U1")),
    "whistle_tasks": ("吹哨编码,序号,议定事项,责任单位", ("W1,1,装路灯,U1",), ("W1,1,装灯,U1",)),
    "basemap": lambda folder, second: files.geojson(
        folder / "map.geojson",
        *(
            ({"id": "1", "highway": "primary", "name": "新" if second else "旧"}, _line(121.405)),
            ({"id": "3" if second else "2", "highway": "primary"}, _line(121.406)),
        ),
    ),
    "filing_rules": (
        "类别,街镇编码,编号,立案条件,结案条件,时限,时限单位,生效日期",
        ("0102,310112101000,A1,有垃圾,无垃圾,3,工作时,",),
        ("0102,310112101000,A1,有垃圾,无垃圾,2,工作时,2099-06-01", "0103,,1,有,无,1,天,2099-06-01"),
    ),
    "calendar": (
        "日期,安排,按星期,名称",
        ("2099-05-01,休,,劳动节",),
        ("2099-05-01,休,,五一", "2099-05-09,班,周五,补班"),
    ),
    "registrations": (
        "层级,区域,期间,党员数,报到党员数",
        ("居村,一村,2015,100,90",),
        ("居村,一村,2015,120,90", "居村,二村,2015,10,9"),
    ),
    "figures": (
        "指标,层级,区域,期间,数值",
        ("regions,区级,,2015,6",),
        ("regions,区级,,2015,7", "blocks,区级,,2015,16"),
    ),
    "weights": ("评价对象,指标,权重,开始日期", ("单位,按期处置,10,2030-01-01",), ("单位,按期处置,12,2030-01-01",)),
    "roster": (
        "服务类型,服务编码,日期,开始时间,结束时间,值班岗位",
        ("团队,T1,2026-03-02,8:30,12:00,值班长",),
        ("团队,T1,2026-03-02,8:30,17:00,全天岗", "团队,T1,2026-03-03,8:30,12:00,岗"),
    ),
    "shared_services": ("服务类型,服务编码,层级,区域", ("团队,T1,居村,一村",), ("团队,T1,居村,二村",)),
}

# What must be there before, the first files of these.
NEEDS = {
    **dict.fromkeys(("memberships", "conveners", "seats", "blocks", "points", "projects", "resources"), ("units",)),
    **dict.fromkeys(("pledges", "grid"), ("units",)),
    "areas": ("units",),
    "deputies": ("units", "blocks"),
    **dict.fromkeys(("meeting_seats", "resolutions"), ("units", "meetings")),
    **dict.fromkeys(("whistle_invitees", "whistle_tasks"), ("units", "whistle_calls")),
    **dict.fromkeys(("roster", "shared_services"), ("teams",)),
}
WITH_PLACES = {"areas", "grid", "regions", "blocks", "gazetteer", "basemap"}

# New records of these have a history, which is never deleted.
LASTING = {"tickets", "projects"}

# What happened is only added to; names to search by, versions and counts are made anew from the rest.
NOT_COMPARED = {
    *("import_run", "import_change", "ticket_event", "project_event", "notice", "outbox_message"),
    *("data_version", "search_name", "search_index", "ticket_bin", "ticket_bin_change", "alembic_version"),
    "spatial_ref_sys",
}
TABLES = text("""
    SELECT relname FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname
""")
COLUMNS = text("SELECT attname FROM pg_attribute WHERE attrelid = CAST(:name AS regclass) AND attnum > 0 "
               "AND NOT attisdropped ORDER BY attnum")  # fmt: skip


def _line(lon):
    return {"type": "LineString", "coordinates": [[lon, 31.105], [lon + 0.01, 31.1050000001]]}


def _file(kind, folder, *, is_second):
    case = CASES[kind]
    if callable(case):
        return case(folder, is_second)
    return files.table(folder / f"{kind}.csv", case[0], *case[2 if is_second else 1])


def bring(session, kind, folder, *, is_second=False, **how):
    """The report of an import of the first or the changed file of a kind, which must go through."""
    path = _file(kind, folder, is_second=is_second)
    case = CASES[kind]
    has_places = kind in WITH_PLACES or (not callable(case) and ("经度" in case[0] or "lon" in case[0]))
    options = {"datum": "wgs84"} if has_places and path.suffix != ".osm" else {}
    if kind == "areas":
        # the changed file begins a generation, and ends the one before
        options |= {"level": "town", "valid_from": makers.today() if is_second else None}
    if kind == "tickets":
        options["source"] = "hotline"
    report = import_file(session, kind, path, **{"trust_datum": has_places, **options, **how})
    assert (report.refused, report.problems) == (None, []), (report.refused, report.problems)
    return report


def prepared(session, kind, folder):
    """A district with what a kind refers to."""
    makers.add_areas(session)
    for needed in NEEDS.get(kind, ()):
        bring(session, needed, folder)
    if kind == "projects":
        makers.add_unit(session, "U9")
    if kind == "duty_grids":
        session.add_all(
            GridCell(code=code, town_code=WEST, village_code=None, geom=makers.square(*corners))
            for code, corners in {"C1": (0, 0, 1, 1), "C2": (1, 0, 2, 1)}.items()
        )
        session.flush()
    if kind in {"duty_grids", "areas", "grid"}:
        for day in ("2025-03-02", None):
            _ticket(session, day)


def _ticket(session, day):
    lon, lat = makers.at(2.2, 0.5)
    moment = None if day is None else datetime.fromisoformat(f"{day}T10:00+08:00")
    open_ticket(
        session,
        category="0501",
        title="占道",
        actor="x",
        position=Position(lon, lat, "wgs84"),
        reported_at=moment,
        assign_now=False,
    )


def snapshot(session):
    """Every row of every table as text, a geometry as hexadecimal EWKB, by table."""
    session.flush()
    found = {name: [] for name in session.scalars(TABLES) if name not in NOT_COMPARED}
    for name, row in session.execute(text(_rows_of(session, tuple(found)))):
        found[name].append(row)
    return {name: sorted(map(str, rows)) for name, rows in found.items()}


_ROWS = {}


def _rows_of(session, tables):
    """One statement for all rows of all tables."""
    if tables not in _ROWS:
        parts = []
        for name in tables:
            columns = ", ".join(f'CAST("{one}" AS text)' for one in session.scalars(COLUMNS, {"name": name}))
            parts.append(f"SELECT '{name}', ARRAY[{columns}] FROM \"{name}\"")
        _ROWS[tables] = " UNION ALL ".join(parts)
    return _ROWS[tables]
