"""The one form in which names and addresses are compared."""

import pytest

from geodata.geocode.text import normalise


@pytest.mark.parametrize(
    ("raw", "norm"),
    [
        pytest.param("ＡＢ１２", "AB12", id="full width"),
        pytest.param("桃李路 ８ 号", "桃李路8号", id="spaces beside Chinese"),
        pytest.param("main   street", "MAIN STREET", id="spaces between words"),
        pytest.param("【东】〔西〕", "(东)(西)", id="brackets"),
        pytest.param("3—5－7", "3-5-7", id="dashes"),
        pytest.param("一号路", "一号路", id="numerals stay"),
        pytest.param("桃\u200b李\ufeff路", "桃李路", id="invisible signs"),
    ],
)
def test_normalise(raw, norm):
    assert normalise(raw) == norm
