"""The pages of the duty list: what they show, who may change what, and what goes out comes in again."""

import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import openpyxl
import pytest
from makers import add_areas

from geodata.services.duty_list import overview, parts
from geodata.services.imports import import_file

WEST, EAST = "310112101000", "310112102000"
SOON = (datetime.now(UTC) + timedelta(days=30)).date()


@pytest.fixture(autouse=True)
def two(records):
    with records() as session:
        add_areas(session)


def text_of(answer):
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.text, flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", page)))


def of(records, town="", category="0102", day=None):
    with records() as session:
        found = next(one for one in overview(session, town_code=town, day=day) if one.category.code == category)
        return parts(found.own if town else found.district)


def test_the_matrix_tells_the_part_of_each_kind_with_its_word(signed_in):
    page = text_of(signed_in("viewer").get("/rules/list"))
    assert "治理清单目录" in page
    assert "56 类问题，17 类单位" in page
    row = page[page.index("暴露垃圾") :][:120]
    assert "处置" in row


def test_what_nobody_handles_comes_first(signed_in, records):
    admin = signed_in("district")
    assert "每类问题都有单位负责处置" in text_of(admin.get("/rules/list"))
    admin.post("/rules/list/0102/edit", data={"town": "", "rule": "", "part": ["market find"]})
    page = text_of(admin.get("/rules/list"))
    assert "有 1 类问题没有单位负责处置" in page
    only = text_of(admin.get("/rules/list?gaps=yes"))
    assert "暴露垃圾" in only
    assert "私搭乱建" not in only


def test_a_major_and_a_kind_narrow_the_matrix(signed_in):
    page = signed_in("viewer").get("/rules/list?kind=sanitation").text
    assert "/rules/list/0102" in page
    assert "/rules/list/0101" not in page
    page = signed_in("officer").get("/rules/list?major=05").text
    assert "/rules/list/0501" in page
    assert "/rules/list/0102" not in page
    assert signed_in("planner").get("/rules/list?kind=spaceport").status_code == 404


def test_a_town_copies_the_list_adapts_it_and_follows_the_district_again(signed_in, records):
    office = signed_in("town_office", area_code=WEST)
    copied = office.post("/rules/list/copy", data={"town": WEST, "category": "0102"})
    assert copied.status_code == 302
    assert of(records, WEST) == of(records) != set()
    office.post("/rules/list/0102/edit", data={"town": WEST, "part": ["market handle", "school find"]})
    assert of(records, WEST) == {("market", "handle"), ("school", "find")}
    page = text_of(office.get("/rules/list/0102"))
    assert "由其自己的清单代替" in page
    assert "市场" in page
    office.post("/rules/list/0102/follow", data={"town": WEST})
    assert of(records, WEST) == set()
    page = text_of(office.get("/rules/list/0102"))
    assert "沿用区级清单" in page
    # each change is told with its words
    assert re.search(r"处置 市场 → –", page)


def test_a_planned_change_is_told_with_its_day(signed_in, records):
    district = signed_in("district")
    district.post("/rules/list/0102/edit", data={"part": ["market handle"], "since": SOON.isoformat()})
    assert ("property", "handle") in of(records)
    assert of(records, day=SOON) == {("market", "handle")}
    page = text_of(district.get("/rules/list/0102"))
    assert "待生效" in page
    assert f"{SOON.month}月{SOON.day}日" in page


def test_lines_of_one_filing_rule_stand_by_themselves(signed_in, records):
    district = signed_in("district")
    form = text_of(district.get("/rules/list/0101/edit?rule=1"))
    assert "立案条件 1：新发现的搭建，正在施工" in form
    district.post("/rules/list/0101/edit", data={"rule": "1", "part": ["police assist"]})
    with records() as session:
        found = next(one for one in overview(session) if one.category.code == "0101")
        assert parts(found.district, "1") == {("police", "assist")}
    assert "立案条件 1：新发现的搭建" in text_of(district.get("/rules/list/0101"))
    assert district.get("/rules/list/0101/edit?rule=77").status_code == 404


def test_a_refused_form_keeps_what_was_ticked(signed_in, records):
    district = signed_in("district")
    before = of(records)
    answer = district.post("/rules/list/0102/edit", data={"part": ["bank assist"], "since": "2000-01-01"})
    assert answer.status_code == 422
    assert re.search(r'value="bank assist" checked', answer.text)
    assert "今天" in text_of(answer)
    assert of(records) == before


@pytest.mark.parametrize("part", ["bank", "bank watch", " handle"])
def test_a_part_that_is_none_is_refused(signed_in, part):
    assert signed_in("district").post("/rules/list/0102/edit", data={"part": [part]}).status_code in {400, 422}


def test_what_is_exported_comes_in_again_unchanged(signed_in, records, tmp_path):
    answer = signed_in("officer").get("/rules/list/export.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert [cell.value for cell in book.active[1]][:4] == ["类别编码", "类别名称", "单位类型", "职责"]
    file = tmp_path / "list.xlsx"
    file.write_bytes(answer.data)
    with records() as session:
        report = import_file(session, "duty", file)
        assert (report.refused, report.stored, report.changed) == (None, 0, 0)
    history = signed_in("viewer").get("/rules/list/export.csv?history=yes").data.decode("utf-8-sig")
    assert "生效日期" in history.splitlines()[0]
