"""The name at the head of a sheet, from one word to more than it can hold, as the printer lays it out."""

from typing import NamedTuple

import pytest
import weasyprint
from makers import add_areas

from geodata.models import Area
from geodata.queries.scope import NOTHING
from webmap.maps import drawing_pdf
from webmap.maps.drawing_heading import heading
from webmap.maps.drawing_sheet import PAPERS
from webmap.pages.poster import printed, sheet_of
from webmap.records import current_session

VILLAGE = "310112101001"
BESIDE = {"subtitle": "网格治理一图看懂", "sources": ["来源：试验区网格地图"]}


@pytest.mark.parametrize(
    ("name", "size"),
    [
        pytest.param("一村", "", id="short"),
        pytest.param("甲" * 26, "", id="just fits"),
        pytest.param("甲" * 34, "long", id="a size smaller"),
        pytest.param("甲" * 50, "longest", id="the smallest in one line"),
        pytest.param("甲" * 90, "longest", id="two lines"),
    ],
)
def test_a_name_is_as_large_as_its_line_allows(name, size):
    assert heading(name, **BESIDE) == (name, size)


def test_the_name_gives_way_to_what_stands_beside_it():
    wide = {"subtitle": BESIDE["subtitle"], "sources": ["source " * 10]}
    assert heading("甲" * 26, **wide).size == "long"
    # beyond its own limit the source is cut, not the name
    assert heading("甲" * 26, **{**wide, "sources": ["source " * 100]}).size == "long"


def test_what_two_lines_cannot_hold_ends_in_dots():
    cut = heading("甲" * 200, **BESIDE).text
    assert cut.endswith("甲…")
    assert 80 < len(cut) < 110


class Edges(NamedTuple):
    """Edges of a box, in whole pixels of the page."""

    left: int
    right: int
    bottom: int

    @classmethod
    def of(cls, box):
        return cls(round(box.position_x), round(box.position_x + box.width), round(box.position_y + box.height))


def laid_out(page):
    """The lines of the name, the two texts beside it, and the head itself, as boxes in pixels of the page."""
    # the map takes a second to lay out and stands below
    page = page[: page.index('<dl class="poster-figures')] + "</article></body></html>"
    document = weasyprint.HTML(string=page, base_url=drawing_pdf.BASE, url_fetcher=drawing_pdf._own_file).render()
    boxes = list(document.pages[0]._page_box.descendants())
    name = next(box for box in boxes if box.element_tag == "h1")
    head = next(box for box in boxes if box.element is not None and box.element.get("class") == "poster-head")
    source = next(box for box in boxes if box.element is not None and box.element.get("class") == "poster-source")
    subtitle = next(box for box in boxes if box.element_tag == "p")
    lines = [line for line in name.descendants() if type(line).__name__ == "LineBox"]
    return lines, *(Edges.of(box) for box in (subtitle, source, head))


@pytest.mark.parametrize("lang", ["zh_Hans", "en"])
@pytest.mark.parametrize("size", list(PAPERS))
def test_on_paper_a_name_never_runs_over_the_source(app, records, size, lang):
    with records() as session:
        add_areas(session)
    for name in ("一村", "甲" * 30, "甲乙丙丁" * 30, "Riverside Harbour Quarter " * 8, "W" * 300):
        with app.test_request_context(f"/?lang={lang}"):
            app.preprocess_request()
            session = current_session()
            session.query(Area).filter_by(code=VILLAGE).update({"name": name})
            made = sheet_of(session, VILLAGE, paper=PAPERS[size], scope=NOTHING, with_phones=False)
            lines, subtitle, source, head = laid_out(printed(made))
            session.rollback()
        assert 1 <= len(lines) <= 2, name
        for line in lines:
            assert max(Edges.of(box).right for box in line.descendants() if hasattr(box, "text")) <= subtitle.left, name
        assert Edges.of(lines[-1]).bottom <= head.bottom, name
        assert subtitle.right <= source.left, name
        assert source.right <= head.right, name
