"""What is told of a filter that is not taken."""

import re
import string

import pytest
from flask_babel import force_locale

from geodata.record_errors import FilterRefused
from webmap.errors import status_of
from webmap.sentences import sentence

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def refusal(word, where=None):
    """A refusal of that word, every fact of which is called by its name."""
    names = {name for _, name, _, _ in string.Formatter().parse(FilterRefused.REASONS[word]) if name}
    return FilterRefused(word, where, **{name: f"<{name}>" for name in names}), names


@pytest.mark.parametrize("word", FilterRefused.REASONS)
def test_every_reason_is_told_in_both_languages_with_all_its_facts(built_app, word):
    error, names = refusal(word)
    assert status_of(error) == 400
    with built_app.test_request_context():
        for locale, is_chinese in (("zh_Hans", True), ("en", False)):
            with force_locale(locale):
                told = sentence(error)
            assert bool(CHINESE.search(told)) is is_chinese
            assert set(re.findall(r"<(\w+)>", told)) == names
            assert "None" not in told
            assert "%(" not in told
            assert "%%" not in told


@pytest.mark.parametrize(
    ("where", "chinese", "english"),
    [
        (7, "第 7 个字符处", "at character 7:"),
        ("/args/0", "/args/0 处", "at /args/0:"),
        (None, "筛选条件有误", "The filter is refused: "),
    ],
)
def test_the_place_is_told(built_app, where, chinese, english):
    error, _ = refusal("arithmetic", where)
    with built_app.test_request_context():
        with force_locale("zh_Hans"):
            assert chinese in sentence(error)
        with force_locale("en"):
            assert english in sentence(error)


def test_kinds_have_names(built_app):
    error = FilterRefused("kinds", 1, left="held_at", left_kind="datetime", right="5", right_kind="integer")
    with built_app.test_request_context(), force_locale("zh_Hans"):
        assert sentence(error) == "筛选条件第 1 个字符处有误：held_at（时刻）不能与 5（整数）比较，两边类型须相同。"
