"""Opening hours in the reader's words; what is rarer stays in its notation."""

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from webmap.pages.hours import in_words


@pytest.fixture(scope="module")
def speaking():
    """An application that knows our words and no records."""
    app = Flask("webmap")
    Babel(app)
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    ("notation", "chinese", "english"),
    [
        ("24/7", "每天 24 小时", "day and night, every day"),
        ("Mo-Fr 09:00-17:30", "周一至周五 09:00–17:30", "Mon to Fri 09:00–17:30"),
        (
            "Mo-Fr 09:00-12:00,13:30-17:00; Sa 09:00-12:00",
            "周一至周五 09:00–12:00、13:30–17:00；周六 09:00–12:00",
            "Mon to Fri 09:00–12:00, 13:30–17:00; Sat 09:00–12:00",
        ),
        ("Mo,We 10:00-16:00; PH off", "周一、周三 10:00–16:00；法定节假日 不开放", None),
        ("08:00-20:00", "每天 08:00–20:00", "every day 08:00–20:00"),
        ("Sa-Su 00:00-24:00", "周六至周日 全天", "Sat to Sun all day"),
        ("Su", "周日 全天", "Sun all day"),
        (None, None, None),
        ("", None, None),
        ("sunrise-sunset", None, None),
        ("Jan-Mar Mo 10:00-12:00", None, None),
        ("<b>Mo</b>", None, None),
        (";", None, None),
    ],
)
@pytest.mark.usefixtures("speaking")
def test_hours_are_said_in_words_or_left_alone(notation, chinese, english):
    with force_locale("zh_Hans"):
        assert in_words(notation) == chinese
    with force_locale("en"):
        assert english is None or in_words(notation) == english
