"""The figures of indices for programs: what the page shows, with formulas and where the rows are."""

from typing import Any

from flask import Blueprint, Response
from flask_babel import lazy_gettext as _l

from geodata.services.index_tables import TREND
from geodata.services.indices import indices_of
from webmap.access import needs
from webmap.openapi.for_pages import asked_by_pages
from webmap.pages import index_words
from webmap.pages.indices import asked, facts, table_of
from webmap.responses import as_json

bp = Blueprint("index_figures", __name__, url_prefix="/api/indices")


@bp.get("")
@asked_by_pages(_l("Indices of a period"), "period", "since", "until", "level", "of")
@needs("index.read")
def figures() -> Response:
    """One `index`, or all, for each row of a `level` within an `area`, in a `period` and those before it."""
    return as_json(told())


def told() -> dict[str, Any]:
    """The figures that this request asks for."""
    wanted = asked()
    table = table_of(wanted, count=TREND if wanted.index else 2)
    several = [wanted.index] if wanted.index else indices_of(wanted.level)
    return {
        "level": table.level,
        "area": wanted.area,
        "period": wanted.period.word,
        "since": wanted.period.since.isoformat(),
        "until": wanted.period.until.isoformat(),
        "periods": [each.word for each in table.periods],
        "indices": [
            {
                "id": each.id,
                "name": words.name,
                "formula": words.formula,
                "numerator": words.numerator,
                "denominator": words.denominator,
                "left_out": words.left_out,
                "good": each.good,
            }
            for each in several
            for words in [index_words.of(each)]
        ],
        "rows": [facts(line, table.level, wanted) for line in table.lines],
        "together": [facts(line, "district", wanted) for line in table.totals],
        # for comparison; the tickets behind it are not for those who are told of it
        "district": [facts(line, "district", wanted) | {"href": None} for line in table.district],
    }
