"""The map between two whole zooms, and on paper."""

import io
import json
import math
import unicodedata

import pypdf
import pytest
from makers import today

PHONE = {"width": 390, "height": 844}

# What the sheet of paper shows at its top left corner, as red, green, blue.
CORNER = """() => {
  window.dispatchEvent(new Event("beforeprint"));
  const sheet = document.querySelector(".sheet-map");
  const pen = sheet.getContext("2d");
  const inks = new Set();
  for (let x = 0; x < sheet.width; x += 40) inks.add(pen.getImageData(x, sheet.height / 2, 1, 1).data.join());
  const found = { corner: [...pen.getImageData(8, 8, 1, 1).data.slice(0, 3)], inks: inks.size };
  window.dispatchEvent(new Event("afterprint"));
  return found;
}"""


def printed(page):
    return pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))


def text_of(sheets):
    """The words on paper; some characters come back as the radicals that look like them."""
    return unicodedata.normalize("NFKC", "".join(sheet.extract_text() for sheet in sheets))


@pytest.fixture
def unit(site):
    """Longitude, latitude and code of a unit."""
    with site.records() as session:
        return (
            session.connection()
            .exec_driver_sql(
                "SELECT ST_X(geom), ST_Y(geom), code FROM member_unit WHERE geom IS NOT NULL ORDER BY code LIMIT 1"
            )
            .one()
        )


def test_the_map_is_one_sheet_with_title_date_conditions_and_legend(visit):
    page = visit("officer").open("/#view=13/31.15/122.75&state=new&on=tickets,towns,units")
    sheets = printed(page).pages
    assert len(sheets) == 1
    width, height = (float(side) for side in sheets[0].mediabox[2:])
    assert width > height
    said = text_of(sheets)
    for words in ("望澜区地图", "状态 新上报", "来源", "街镇界"):
        assert words in said, words
    # the district's year, which is the browser's but for some hours
    assert str(today().year) in said
    for button in ("导出", "复制链接", "放大后"):
        assert button not in said, button


def test_the_card_is_printed_beside_the_legend(visit, unit):
    lon, lat, _ = unit
    page = visit(size=PHONE).open(f"/#view=16/{lat}/{lon}&at={lon},{lat}")
    page.wait_for_selector("#card:not([hidden]) .facts")
    said = text_of(printed(page).pages)
    assert "责任网格" in said
    assert "这里由谁负责" in said
    assert "状态" not in said, "who sees no tickets is told of no conditions"


def test_paper_is_light_though_the_screen_is_dark(visit):
    page = visit(color_scheme="dark").open()
    dark = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--map-ground').trim()")
    seen = page.evaluate(CORNER)
    assert seen["corner"] == [0xEC, 0xEF, 0xF2]
    assert seen["inks"] > 3, "nothing is drawn on the sheet"
    assert dark != "#eceff2"
    after = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--map-ground').trim()")
    assert after == dark


def test_the_district_fills_its_frame(visit):
    for size, beside in ((PHONE, 0), ({"width": 1280, "height": 800}, 256)):
        page = visit(size=size).open()
        zoom = float(page.evaluate("location.hash").split("view=")[1].split("/")[0])
        west, south, east, north = json.loads(page.locator("#map-config").text_content())["bounds"]
        world = 256 * 2**zoom
        wide = (east - west) / 360 * world
        tall = (mercator(north) - mercator(south)) / (2 * math.pi) * world
        frame = page.locator("#map_district").bounding_box()
        # one step of a quarter zoom more, and it would not fit
        free_wide, free_tall = frame["width"] - beside - 32, frame["height"] - 32 - (136 if size is PHONE else 0)
        assert max(wide / free_wide, tall / free_tall) > 2**-0.26, (size, zoom)
        assert wide <= free_wide + 17
        assert tall <= free_tall + 17


def mercator(lat):
    return math.asinh(math.tan(math.radians(lat)))


@pytest.mark.parametrize("zoom", [14.25, 15.5, 19])
def test_between_two_zooms_tiles_are_sharp_and_dots_where_they_belong(visit, unit, zoom):
    lon, lat, code = unit
    page = visit().open(f"/#view={zoom}/{lat}/{lon}&on=units,towns")
    sides = page.evaluate(
        "[...document.querySelectorAll('.leaflet-tile-container canvas')]"
        ".map((tile) => [tile.width, tile.getBoundingClientRect().width])"
    )
    assert sides
    assert all(abs(pixels - shown) <= 1 for pixels, shown in sides), sides
    box = page.locator("#map_district").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2 + 4, box["y"] + box["height"] / 2)
    page.wait_for_selector("#card:not([hidden]) .facts")
    assert f"sel=units:{code}" in page.evaluate("decodeURIComponent(location.hash)")
