"""The report of a period: a page and a PDF that say the same, in sentences made from the figures."""

import io
import re
import threading
from datetime import UTC, datetime

import pytest
from histories import add_history
from makers import add_areas, add_unit, spot, today
from pypdf import PdfReader
from sqlalchemy import text

from geodata.services import period_reports
from geodata.services.period_reports import period_report
from geodata.services.periods import period
from geodata.services.users import add_user
from geodata.settings import Settings
from webmap.app import create_app
from webmap.cli import run
from webmap.maps import drawing_pdf
from webmap.pages import period_report_words

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
DISTRICT, TOWN = "990101", "990101001000"
HOSTILE = "</td><script>alert(1)</script>"
A4_POINTS = (595, 842)


@pytest.fixture(scope="module")
def demo(made_up, tmp_path_factory):
    """The application on the small made-up district."""
    engine = made_up()
    made = create_app(Settings(data_dir=tmp_path_factory.mktemp("demo")), engine=engine, testing=True)
    made.config["WTF_CSRF_ENABLED"] = False
    return made


@pytest.fixture
def reader(demo):
    """Somebody of the district centre."""
    return signed_in(demo, "district", "district-demo")


def signed_in(app, name, password):
    found = app.test_client()
    assert found.post("/login", data={"name": name, "password": password}).status_code == 302
    return found


def read(document):
    """Pages of a PDF and their text."""
    pages = PdfReader(io.BytesIO(document)).pages
    return pages, "\n".join(page.extract_text() for page in pages)


def test_it_works(reader):
    page = reader.get(f"/report-of/{TOWN}?period=2026-02&lang=zh_Hans")
    assert page.status_code == 200
    for words in (
        "网格治理月报",
        "2026年2月",
        "2026-02-01 至 2026-02-28",
        "概况",
        "指标口径",
        "期末超期工单",
        "编制",
        "虚构演示区",
    ):
        assert words in page.text
    assert 'role="img"' in page.text


@pytest.mark.parametrize("lang", ["zh_Hans", "en"])
@pytest.mark.parametrize("code", [DISTRICT, TOWN])
def test_the_pdf_says_what_the_page_says_on_a4_with_its_own_fonts_and_no_picture(reader, code, lang):
    page = reader.get(f"/report-of/{code}?period=2026-02&lang={lang}").text
    answer = reader.get(f"/report-of/{code}.pdf?period=2026-02&lang={lang}")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="report-{code}-2026-02.pdf"'
    pages, told = read(answer.data)
    assert {tuple(round(float(side)) for side in one.mediabox[2:]) for one in pages} == {A4_POINTS}
    assert len(pages) > 1
    fonts = [font.get_object() for one in pages for font in one["/Resources"]["/Font"].get_object().values()]
    for font in fonts:
        below = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        descriptor = below["/FontDescriptor"].get_object()
        assert "/FontFile2" in descriptor or "/FontFile3" in descriptor
    assert not any(len(one.images) for one in pages)
    heading = re.search(r'id="report-title">([^<]+)<', page).group(1)
    squeezed = re.sub(r"\s+", "", told)
    assert re.sub(r"\s+", "", heading) in squeezed
    for sentence in re.findall(r"<li>([^<]+)</li>", page.split("report-changes")[1].split("</ul>")[0]):
        assert re.sub(r"\s+", "", sentence) in squeezed
    assert f"{len(pages)}/{len(pages)}" in squeezed


def test_every_figure_of_the_table_opens_its_tickets(reader):
    page = reader.get(f"/report-of/{DISTRICT}?period=2026-02&lang=zh_Hans").text
    found = re.findall(r'<a href="(/tickets\?index=[^"]+)">([\d,]+)</a>', page)
    assert len(found) > 10
    for path, number in found:
        listed = reader.get(path.replace("&amp;", "&")).text
        assert re.search(r"共 ([\d,]+) 件", listed).group(1) == number
    assert "<a " not in printed_page(reader, DISTRICT)


def printed_page(reader, code):
    """What the PDF is made from."""
    caught = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("webmap.pages.period_report.pdf_of", lambda page: caught.append(page) or b"%PDF")
        reader.get(f"/report-of/{code}.pdf?period=2026-02&lang=zh_Hans")
    return caught[0]


def test_the_figures_are_those_of_the_indices_page(reader):
    told = reader.get("/api/indices?period=2026-02").get_json()
    page = reader.get(f"/report-of/{DISTRICT}?period=2026-02&lang=zh_Hans").text
    rows = re.findall(r'<a href="/tickets\?index=(\w+)&amp;part=denominator[^"]+">(\d+)</a>', page)
    by_page = {id_: int(number) for id_, number in rows}
    by_api = {row["index"]: row["denominator"] for row in told["together"]}
    assert by_page
    assert by_page == {id_: number for id_, number in by_api.items() if id_ in by_page}


@pytest.mark.parametrize("word", ["2026-W08", "2026-Q1", "2026", "2026-02", "2031-01"])
def test_every_kind_of_period_has_a_report(reader, word):
    page = reader.get(f"/report-of/{TOWN}?period={word}&lang=zh_Hans")
    assert page.status_code == 200
    assert "report-title" in page.text


def test_a_period_that_is_not_over_says_so(reader):
    page = reader.get(f"/report-of/{TOWN}?period={today().year}&lang=zh_Hans").text
    assert "本期未结束，数据截至此刻" in page
    assert "本期未结束" not in reader.get(f"/report-of/{TOWN}?period=2026-02&lang=zh_Hans").text


def test_of_many_tickets_the_map_shows_counts(reader, monkeypatch):
    assert "圆：各处上报的件数" not in reader.get(f"/report-of/{DISTRICT}?period=2026&lang=zh_Hans").text
    monkeypatch.setattr(period_reports, "MOST_SPOTS", 3)
    page = reader.get(f"/report-of/{DISTRICT}?period=2026&lang=zh_Hans").text
    assert "圆：各处上报的件数" in page
    assert "已结案 " not in page.split("report-legend")[1].split("</p>")[0]


def test_a_village_has_a_report_without_parts(reader):
    page = reader.get("/report-of/990101001001?period=2026-02&lang=zh_Hans").text
    assert "按居村" not in page
    assert "按类别" in page


@pytest.mark.parametrize(
    ("address", "status"),
    [
        pytest.param("/report-of/nowhere", 404, id="no such area"),
        pytest.param(f"/report-of/{TOWN}?period=2026-13", 400, id="no such month"),
        pytest.param(f"/report-of/{TOWN}?colour=red", 400, id="no such parameter"),
        pytest.param(f"/report-of/{TOWN}.pdf?period=x", 400, id="no such period as PDF"),
    ],
)
def test_what_cannot_be_made_is_refused(reader, address, status):
    assert reader.get(address, headers={"Accept": "text/html"}).status_code == status


def test_reports_are_for_those_who_may_read_tickets(demo):
    assert demo.test_client().get(f"/report-of/{TOWN}").status_code == 401
    assert demo.test_client().get(f"/report-of/{TOWN}.pdf").status_code == 401


def test_one_at_a_time_and_the_next_is_told_when_to_come_back(reader, monkeypatch):
    monkeypatch.setattr(drawing_pdf, "_printer", threading.Lock())
    with drawing_pdf._printer:
        answer = reader.get(f"/report-of/{TOWN}.pdf?period=2026-02", headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


# --- by hand --------------------------------------------------------------------------------------


def moved(action, day, hour=4, *, month=2, **facts):
    return action, datetime(2026, month, day, hour, tzinfo=UTC), facts


@pytest.fixture
def town(session):
    """A town with two units and the tickets of two months."""
    add_areas(session)
    session.execute(text("UPDATE installation SET name = '试验区'"))
    for code in ("U1", "U2"):
        add_unit(session, code, 0.5, 1.1, town_code="310112101000")
    place = {"town_code": "310112101000", "village_code": "310112101001", "geom": spot(0.5, 1)}
    for number in range(4):
        told = [moved("report", 3), moved("assign", 3, unit_code="U1"), moved("done", 4), moved("close", 5)]
        add_history(session, f"OK{number}", told, due_at=moved("", 6)[1], **place)
    for number, (day, due) in enumerate(((8, 9), (10, 12), (12, 27))):
        told = [moved("report", day), moved("assign", day, unit_code="U2")]
        due_at = moved("", due)[1]
        add_history(session, f"LATE{number}", told, category="0501", due_at=due_at, **place)
    told = [moved("report", 8, month=1), moved("assign", 8, month=1, unit_code="U1"), moved("done", 9, month=1)]
    add_history(session, "BEFORE", told, due_at=moved("", 12, month=1)[1], **place)
    return session


def test_the_volumes_are_counted_by_hand(town):
    found = period_report(town, "310112101000", period("2026-02"))
    before, now = found.volumes
    assert tuple(before) == (1, 0, 1, 1)
    # one was done in January and is not closed, so it is open past its deadline still
    assert tuple(now) == (7, 4, 4, 4)
    assert [ticket.number for ticket in found.overdue] == ["BEFORE", "LATE0", "LATE1", "LATE2"]
    assert found.overdue[0].days == pytest.approx(47.5, abs=0.1)
    assert [(row.named.of, row.reported, row.reported_before) for row in found.categories] == [
        ("0102", 4, 1),
        ("0501", 3, 0),
    ]
    assert {row.named.of: row.reported for row in found.parts} == {"310112101001": 7, "310112101002": 0}
    assert len(found.spots) == 7


def test_units_are_compared_by_what_they_did_in_time_and_none_is_in_both_lists(town):
    found = period_report(town, "310112101000", period("2026-02"))
    best, behind = period_report_words.compared(found.units)
    assert [unit.named.of for unit in best] == ["U1", "U2"]
    assert behind == []
    period_report_words.MOST_UNITS = 1
    try:
        best, behind = period_report_words.compared(found.units)
    finally:
        period_report_words.MOST_UNITS = 5
    assert ([unit.named.of for unit in best], [unit.named.of for unit in behind]) == (["U1"], ["U2"])


def test_names_and_titles_are_text(app, records):
    with records() as session:
        add_areas(session)
        session.execute(text("UPDATE area SET name = :name WHERE code = '310112101000'"), {"name": HOSTILE})
        told = [moved("report", 3), moved("file", 3)]
        place = {"town_code": "310112101000", "village_code": "310112101001"}
        add_history(session, HOSTILE, told, due_at=moved("", 6)[1], **place)
        add_user(session, "district", password="a long password", role="district")
    app.config["WTF_CSRF_ENABLED"] = False
    reader = signed_in(app, "district", "a long password")
    page = reader.get("/report-of/310112101000?period=2026-02").text
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)") >= 2
    assert reader.get("/report-of/310112101000.pdf?period=2026-02").data.startswith(b"%PDF")


def test_an_area_without_a_boundary_has_a_report_without_a_map(app, records):
    with records() as session:
        add_areas(session)
        add_user(session, "district", password="a long password", role="district")
    app.config["WTF_CSRF_ENABLED"] = False
    page = signed_in(app, "district", "a long password").get("/report-of/310112102001?period=2026-02&lang=zh_Hans")
    assert page.status_code == 200
    assert "工单分布" not in page.text
    assert "期内没有工单" in page.text


# --- the command line -----------------------------------------------------------------------------


@pytest.fixture
def at_demo(demo, monkeypatch, tmp_path):
    url = demo.extensions["wangge.engine"].url.render_as_string(hide_password=False)
    monkeypatch.setenv("WANGGE_DATABASE_URL", url)
    monkeypatch.setenv("WANGGE_DATA", str(tmp_path))
    return tmp_path


def test_the_command_writes_the_report(at_demo, capsys):
    out = at_demo / "report.pdf"
    assert run(["report", "--area", TOWN, "--period", "2026-02", "--lang", "en", "--out", str(out)]) == 0
    _pages, told = read(out.read_bytes())
    assert "monthly report" in told
    assert "2026-02" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["--area", TOWN, "--period", "2026-13"], "2026-W07", id="period"),
        pytest.param(["--area", "nowhere", "--period", "2026-02"], "no area 'nowhere'", id="area"),
    ],
)
def test_the_command_refuses_in_one_line(at_demo, capsys, arguments, said):
    out = at_demo / "x.pdf"
    assert run(["report", *arguments, "--out", str(out)]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert not out.exists()
