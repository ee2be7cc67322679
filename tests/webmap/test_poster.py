"""The poster: one page of the right size, vector lines, Chinese embedded; a page that says the same in lists."""

import re
import sys
import threading
import zlib
from datetime import UTC, datetime

import pytest
from makers import add_areas, add_point, add_unit
from sqlalchemy import text

from geodata.db import session_on
from geodata.queries.posters import area_codes
from geodata.queries.scope import ALL, NOTHING
from geodata.services.stamps import restamp
from geodata.settings import Settings
from webmap.app import create_app
from webmap.cli import run
from webmap.errors import PrinterBusy, PrintingUnavailable
from webmap.maps import drawing_pdf
from webmap.maps.drawing_pdf import ForeignAddress, pdf_of
from webmap.maps.drawing_sheet import PAPERS
from webmap.pages.poster import printed, sheet_of
from webmap.records import current_session

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
DISTRICT, TOWN = "990101", "990101001000"
HOSTILE = "</text></svg><script>alert(1)</script>"
POINTS_A_MM = 72 / 25.4


@pytest.fixture(scope="module")
def demo(made_up, tmp_path_factory):
    """The application on the small made-up district."""
    engine = made_up()
    return create_app(Settings(data_dir=tmp_path_factory.mktemp("demo")), engine=engine, testing=True)


def sheet_in(app, code, size="A3", lang="zh_Hans", *, is_public=False):
    """A sheet and its page of print, as `wangge poster` makes them."""
    with app.test_request_context(f"/?lang={lang}"):
        app.preprocess_request()
        scope = NOTHING if is_public else ALL
        made = sheet_of(current_session(), code, paper=PAPERS[size], scope=scope, with_phones=not is_public)
        return made, printed(made)


def streams(document):
    """The contents of a PDF, unpacked."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL)
    unpacked = []
    for one in packed:
        try:
            unpacked.append(zlib.decompress(one))
        except zlib.error:
            unpacked.append(one)
    return b"\n".join([document, *unpacked])


def pages_of(document):
    """The size of each page of a PDF in millimetres."""
    boxes = re.findall(rb"/MediaBox\s*\[([^\]]+)\]", streams(document))
    return [tuple(round(float(value) / POINTS_A_MM) for value in box.split()[2:]) for box in boxes]


def test_it_works(demo):
    page = demo.test_client().get(f"/poster/{TOWN}?lang=zh_Hans")
    told = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "网格治理一图看懂" in told
    assert "比例尺 1:" in told
    assert 'role="img"' in told
    assert "虚构演示区" in told


@pytest.mark.parametrize("size", list(PAPERS))
@pytest.mark.parametrize("code", [DISTRICT, TOWN, "990101001001"])
def test_the_pdf_is_one_page_of_the_paper_with_chinese_embedded_and_nothing_but_lines(demo, code, size):
    document = demo.test_client().get(f"/poster/{code}.pdf?size={size}&lang=zh_Hans")
    assert document.mimetype == "application/pdf"
    assert f"poster-{code}-{size}.pdf" in document.headers["Content-Disposition"]
    paper, whole = PAPERS[size], streams(document.data)
    assert pages_of(document.data) == [(paper.width_mm, paper.height_mm)]
    assert b"/FontFile3" in whole or b"/FontFile2" in whole
    assert b"Noto-Sans-CJK" in whole
    assert b"/ToUnicode" in whole
    assert not re.search(rb"/Subtype\s*/Image", whole)


def test_every_area_of_the_district_fits_its_sheet_in_both_sizes(demo):
    with session_on(demo.extensions["wangge.engine"]) as session:
        codes = area_codes(session)
    assert len(codes) == 1 + 3 + 12
    for code in codes:
        for paper in PAPERS.values():
            made, page = sheet_in(demo, code, paper.name)
            # shape of the area on the sheet: to scale, and inside the map
            west, south, east, north = made.poster.shape.bounds
            per_m = 1000.0 / int(re.sub(r"\D", "", made.scale[2:]))
            assert (east - west) * per_m <= 250.0 * paper.unit
            assert (north - south) * per_m <= 179.0 * paper.unit
            assert len(page.encode()) < 2_000_000
            assert 3 <= len(made.figures) <= 5


@pytest.mark.slow
def test_every_area_of_the_district_is_one_page_in_both_sizes_and_languages(demo):
    with session_on(demo.extensions["wangge.engine"]) as session:
        codes = area_codes(session)
    for code in codes:
        for paper in PAPERS.values():
            for lang in ("zh_Hans", "en"):
                _made, page = sheet_in(demo, code, paper.name, lang)
                assert pages_of(pdf_of(page)) == [(paper.width_mm, paper.height_mm)], (code, paper.name, lang)


def test_a_visitor_sees_neither_tickets_nor_phones(demo):
    page = demo.test_client().get(f"/poster/{TOWN}?lang=zh_Hans").get_data(as_text=True)
    whole, full = sheet_in(demo, TOWN)
    assert "未结工单" not in page
    assert "未结工单" in full
    phone = next(contact.phone for contact in whole.contacts if contact.phone)
    assert phone not in page
    assert phone in full


def test_units_are_named_or_numbered_and_the_list_explains_every_number(demo):
    made, page = sheet_in(demo, TOWN)
    numbers = [sign.number for sign in made.units if sign.number.isdigit()]
    drawn = re.findall(r"<text[^>]*>(\d+)</text>", str(made.picture))
    assert sorted(set(drawn) & set(numbers), key=int) == numbers
    assert page.count("<script") == 0


def test_the_scale_bar_and_the_scale_say_the_same(demo):
    made, _page = sheet_in(demo, DISTRICT)
    scale = int(re.sub(r"\D", "", made.scale[2:]))
    rects = [float(width) for width in re.findall(r'<rect[^>]* width="([\d.]+)"', str(made.bar))]
    metres = sum(rects) * scale / 1000.0
    assert metres == pytest.approx(round(metres, -2), rel=0.001)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        pytest.param("/poster/nowhere", 404, id="no such area"),
        pytest.param(f"/poster/{TOWN}?size=A0", 404, id="no such paper"),
        pytest.param(f"/poster/{TOWN}?colour=red", 400, id="no such parameter"),
    ],
)
def test_what_cannot_be_made_is_refused(demo, address, status):
    assert demo.test_client().get(address).status_code == status


def test_an_area_without_boundary_is_refused_with_advice(client, records):
    with records() as session:
        add_areas(session)
    answer = client.get("/poster/310112102001")
    assert answer.status_code == 409
    page = client.get("/poster/310112102001?lang=zh_Hans", headers={"Accept": "text/html"})
    assert "三村还没有边界" in page.text


def test_a_sheet_says_what_cannot_be_judged_and_its_legend_only_what_is_drawn(app, records):
    with records() as session:
        add_areas(session)
        add_point(session, "P1", 2.5, 0.5)
        session.execute(text("UPDATE responsibility_point SET geom = NULL"))
    made, page = sheet_in(app, "310112102000")
    signs = [sign.title for sign in made.signs]
    # the villages next to the town have boundaries, its own has none; the point has no place
    assert "居村界" not in signs
    assert "无人负责的责任点" not in " ".join(signs)
    assert [area.name for area in made.poster.without] == ["东镇"]
    assert "1 个居村没有边界，不能判断。" in page
    assert "1 个居村没有边界，不能判断。" not in sheet_in(app, "310112101000")[1]
    assert "居村界" in [sign.title for sign in sheet_in(app, "310112101000")[0].signs]
    listed = app.test_client().get("/poster/310112102000?lang=zh_Hans").text
    assert "不能判断的区域" in listed


def test_hostile_names_stand_as_text_on_page_and_sheet(app, records):
    with records() as session:
        add_areas(session)
        holder = add_unit(session, "U1", 0.5, 1.0, name=HOSTILE + "\x0b")
        add_point(session, "P1", 0.5, 0.5, holder).name = HOSTILE
        session.flush()
        restamp(session)
    page = app.test_client().get("/poster/310112101001").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    _made, sheet_page = sheet_in(app, "310112101001")
    assert pages_of(pdf_of(sheet_page)) == [(420, 297)]


# --- printing -----------------------------------------------------------------------------------


def test_one_sheet_at_a_time_and_the_next_is_told_when_to_come_back(demo, monkeypatch):
    monkeypatch.setattr(drawing_pdf, "_printer", threading.Lock())
    with drawing_pdf._printer:
        with pytest.raises(PrinterBusy):
            pdf_of("<p>")
        answer = demo.test_client().get(f"/poster/{TOWN}.pdf?lang=en", headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Another PDF is being made" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/a.css",
        "file:///etc/passwd",
        "/static/../app.py",
        "/static/%2e%2e/wsgi.py",
        "http://sheet.invalid.example/static/css/poster.css",
    ],
)
def test_a_sheet_fetches_nothing(address):
    with pytest.raises(ForeignAddress):
        pdf_of(f'<link rel="stylesheet" href="{address}"><p>x')


def test_a_picture_from_anywhere_ends_the_printing():
    with pytest.raises(ForeignAddress):
        pdf_of('<img src="https://elsewhere.example/a.png">')


def test_letters_without_a_font_are_an_error_never_boxes(monkeypatch):
    assert pdf_of("<p>甲\ue123").startswith(b"%PDF")
    # letters for private use have no font anywhere; here they stand for Chinese without one
    monkeypatch.setattr(drawing_pdf, "CJK", range(0xE000, 0xF900))
    with pytest.raises(PrintingUnavailable) as refused:
        pdf_of("<p>\ue123")
    assert "fonts-noto-cjk" in str(refused.value)


def test_without_pango_the_page_says_what_to_install(demo, monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    answer = demo.test_client().get(f"/poster/{TOWN}.pdf?lang=en", headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert "libpango-1.0-0" in answer.get_data(as_text=True)


# --- the command line ---------------------------------------------------------------------------


@pytest.fixture
def at_demo(demo, monkeypatch, tmp_path):
    url = demo.extensions["wangge.engine"].url.render_as_string(hide_password=False)
    monkeypatch.setenv("WANGGE_DATABASE_URL", url)
    monkeypatch.setenv("WANGGE_DATA", str(tmp_path))
    return tmp_path


def test_the_command_writes_the_sheet(at_demo, capsys):
    out = at_demo / "poster.pdf"
    assert run(["poster", TOWN, "--size", "A4", "--lang", "en", "--out", str(out)]) == 0
    assert pages_of(out.read_bytes()) == [(297, 210)]
    assert "A4, 1:" in capsys.readouterr().err
    assert [path.name for path in at_demo.glob("*.part")] == []


def test_the_command_without_a_font_leaves_no_file_and_says_what_to_install(at_demo, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    out = at_demo / "poster.pdf"
    assert run(["poster", TOWN, "--out", str(out)]) == 1
    assert "fonts-noto-cjk" in capsys.readouterr().err
    assert not out.exists()


def test_a_folder_that_is_not_there_is_named_as_it_was_given(at_demo, capsys, monkeypatch):
    monkeypatch.setattr("webmap.cli.poster.pdf_of", lambda _page: b"%PDF")
    out = at_demo / "nowhere" / "e.pdf"
    assert run(["poster", TOWN, "--out", str(out)]) == 1
    said = capsys.readouterr().err
    assert f"{out}: No such file" in said
    assert ".part" not in said


def test_an_unknown_area_is_refused(at_demo, capsys):
    assert run(["poster", "nowhere", "--out", str(at_demo / "x.pdf")]) == 1
    assert "no area 'nowhere'" in capsys.readouterr().err
