"""Ways by which text becomes code, which no file of ours may use."""

import re

from sources import ROOT, of_each

WEBMAP = ROOT / "webmap"
PYTHON = sorted(WEBMAP.rglob("*.py"))
SCRIPTS = sorted((WEBMAP / "static" / "js").glob("*.js"))
TEMPLATES = sorted((WEBMAP / "templates").rglob("*.html"))

# Folium pastes what it is given into template literals of the page's own script, where neither HTML
# escaping nor a nonce helps.
FOLIUM = re.compile(
    r"folium\.(?:\w+\.)*(?:Popup|Tooltip|GeoJson\w*|Icon|DivIcon|Marker|FeatureGroup|JsCode|Choropleth)\b"
)

SCRIPT = {
    "markup from text": re.compile(
        r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|DOMParser|srcdoc)\b"
    ),
    "document.write": re.compile(r"document\s*\.\s*write"),
    "code from text": re.compile(r"\beval\s*\(|new\s+Function\b|set(?:Timeout|Interval)\s*\(\s*[\"'`]"),
    "Leaflet's text as markup": re.compile(
        r"\b(?:bindPopup|bindTooltip|setPopupContent|setTooltipContent|openPopup|openTooltip|divIcon|addAttribution)\b"
    ),
    # the namespace of drawings is a name that nobody asks for
    "another host": re.compile(r"[\"'`](?:https?:)?//(?!www\.w3\.org/2000/svg[\"'`])"),
}

TEMPLATE = {
    "unescaped text": re.compile(r"\|\s*safe\b|autoescape\s+false|Markup\("),
    "a handler in an attribute": re.compile(r"<[^>]*\son[a-z]+=[\"']", re.S),
    "a style in an attribute": re.compile(r"<[^>]*\sstyle=", re.S),
    "a script of another host": re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//"),
    "an attribute without quotes around its value": re.compile(r"<[^>{]*\s[a-z-]+=\{\{"),
}


@of_each(PYTHON)
def test_nothing_that_folium_would_paste_into_a_script(path):
    assert FOLIUM.findall(path.read_text(encoding="utf-8")) == []


@of_each(SCRIPTS)
def test_no_script_makes_markup_or_code_of_text(path):
    text = path.read_text(encoding="utf-8")
    assert {why: found for why, pattern in SCRIPT.items() if (found := pattern.findall(text))} == {}


@of_each(TEMPLATES)
def test_no_template_lets_text_through(path):
    text = path.read_text(encoding="utf-8")
    assert {why: found for why, pattern in TEMPLATE.items() if (found := pattern.findall(text))} == {}


@of_each(TEMPLATES)
def test_every_inline_script_is_data_or_has_the_nonce(path):
    opened = re.findall(r"<script\b[^>]*>|<style\b[^>]*>", path.read_text(encoding="utf-8"))
    assert [tag for tag in opened if "nonce=" not in tag and "application/json" not in tag] == []


@of_each(SCRIPTS)
def test_scripts_stay_small_and_say_what_they_are(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("/**")
    assert text.count("\n") <= 300


@of_each(SCRIPTS)
def test_scripts_keep_to_what_older_browsers_read(path):
    # the browsers of offices: nothing newer than Chromium 80
    newer = re.findall(
        r"\|\|=|&&=|\?\?=|\.at\(|\.replaceAll\(|Object\.hasOwn|structuredClone|static\s*\{", path.read_text("utf-8")
    )
    assert newer == []
