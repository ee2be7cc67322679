"""Every word in both languages: English stands in the sources, Chinese in one catalogue."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2] / "webmap"
PO = ROOT / "translations" / "zh_Hans" / "LC_MESSAGES" / "messages.po"
# `_l` marks what is said later, in the language of whoever asks then
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None}
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]

PLACE = re.compile(r"%\(\w+\)s|%%")


@pytest.fixture(scope="module")
def said():
    """Every sentence in the sources, with the first file that says it."""
    found = {}
    for name, _line, message, _comments, _context in extract_from_dir(ROOT, METHODS, keywords=KEYWORDS):
        found.setdefault(message, name)
    return found


@pytest.fixture(scope="module")
def chinese():
    with PO.open("rb") as file:
        return {message.id: message for message in read_po(file) if message.id}


def test_there_is_much_to_say(said):
    assert len(said) > 200


def test_no_sentence_is_left_in_english(said, chinese):
    assert {text: where for text, where in said.items() if text not in chinese or not chinese[text].string} == {}


def test_nothing_is_translated_that_nobody_says(said, chinese):
    assert sorted(set(chinese) - set(said)) == []


def test_no_translation_is_a_guess(chinese):
    assert [text for text, message in chinese.items() if message.fuzzy] == []


def test_every_value_in_a_sentence_is_in_its_translation(chinese):
    assert [
        text
        for text, message in chinese.items()
        if sorted(PLACE.findall(text)) != sorted(PLACE.findall(message.string))
    ] == []


def test_chinese_is_chinese(chinese):
    alike = [text for text, message in chinese.items() if message.string == text]
    assert alike == []


def test_the_compiled_catalogue_is_the_written_one(chinese):
    compiled = PO.with_suffix(".mo")
    assert compiled.exists(), "run `pip install -e .`, which compiles the translations"
    with compiled.open("rb") as file:
        built = {message.id: message.string for message in read_mo(file) if message.id}
    assert built == {text: message.string for text, message in chinese.items()}, "run `pip install -e .` again"


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda p: p.name)
def test_no_template_has_a_word_of_its_own(path):
    text = re.sub(r"\{% block \w+_class %\}.*?\{% endblock %\}", "", path.read_text("utf-8"))
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>|&\w+;", " ", text, flags=re.S)
    words = set(re.findall(r"[A-Za-z]{2,}|[\u4e00-\u9fff]+", text))
    # units, a datum, and the name of the language that a reader of the other one looks for
    assert words - {"km", "WGS", "English", "中文"} == set()
