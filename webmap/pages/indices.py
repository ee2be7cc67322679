"""Indices: how well tickets are found, handled and closed, by ground, unit and period; every figure opens its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, url_for
from flask_babel import gettext as _

from geodata.formats import delimited, xlsx
from geodata.formats.table import Value
from geodata.queries import indices as queries
from geodata.queries.index_conditions import PARTS
from geodata.queries.indices import Named
from geodata.queries.scope import Scope
from geodata.queries.ticket_filter import TicketFilter
from geodata.services import index_tables, periods
from geodata.services.index_tables import Line, Table
from geodata.services.indices import INDICES, Index, index, indices_of
from geodata.services.periods import Period
from webmap import params
from webmap.access import needs, ticket_scope
from webmap.errors import BadParameter
from webmap.languages import zone
from webmap.maps.drawing_colours import on_page
from webmap.maps.sparks import Spark, spark
from webmap.pages import areas, index_words
from webmap.records import current_session
from webmap.responses import attachment

bp = Blueprint("indices", __name__, url_prefix="/indices")

NAMES = ("index", "level", "area", "period", "since", "until")
LEVELS = ("town", "village", "post", "unit", "category")
CELL_LEVELS = ("district", "town", "village", "post")
CELLS_A_PAGE = 200

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Asked:
    """What the address asks for; `index` None is all of them, `area` None all ground that `scope` holds."""

    index: Index | None
    level: str
    area: str | None
    period: Period
    scope: Scope

    @property
    def tickets(self) -> TicketFilter:
        """The tickets that are counted."""
        return TicketFilter(areas=(self.area,) if self.area else (), scope=self.scope)

    @property
    def query(self) -> dict[str, str]:
        """The same as parameters of an address."""
        given = {
            "index": self.index.id if self.index else None,
            "level": self.level,
            "area": self.area,
            **({"period": self.period.word} if self.period.kind != periods.DAYS else _days(self.period)),
        }
        return {name: value for name, value in given.items() if value}


class Row(NamedTuple):
    """A line as the page shows it: its name, its figures in words, where they lead, and its trend."""

    line: Line
    name: str
    value: str
    opens: dict[str, str]
    change: str
    verdict: str
    spark: Spark
    shares: list[str]


def asked() -> Asked:
    """What the address asks for, each value checked."""
    params.only(*NAMES)
    known = tuple(each.id for each in INDICES)
    wanted = params.one_of("index", known)
    chosen = index(wanted) if wanted else None
    level = params.one_of("level", LEVELS) or "town"
    if chosen and level not in chosen.levels:
        raise BadParameter("level", level, f"one of {', '.join(each for each in LEVELS if each in chosen.levels)}")
    today = datetime.now(ZoneInfo(zone())).date()
    period = params.period(periods.last_whole("month", today))
    return Asked(chosen, level, params.text("area"), period, ticket_scope())


def table_of(wanted: Asked, *, count: int = index_tables.TREND) -> Table:
    """The table of one index, or of all, for every row of the level."""
    session = current_session()
    chosen = [wanted.index] if wanted.index else list(indices_of(wanted.level))
    ground = index_tables.ground(session, wanted.area, wanted.scope)
    return index_tables.comparison(
        session, chosen, wanted.level, wanted.period, wanted.tickets, ground=ground, count=count
    )


@bp.get("")
@needs("index.read")
def show() -> str:
    """All indices of an area (the district when absent), or one for each town, village, post, unit or kind in it."""
    wanted = asked()
    with on_page():
        return _page(wanted)


def _page(wanted: Asked) -> str:
    session = current_session()
    ground = index_tables.ground(session, wanted.area, wanted.scope)
    if wanted.index:
        table = table_of(wanted)
        rows, totals = rows_of(table, wanted), rows_of(table, wanted, lines=table.totals)
        matrix = None
    else:
        table = index_tables.overview(session, wanted.period, wanted.tickets, ground=ground)
        rows, totals = rows_of(table, wanted), []
        matrix = _matrix(table_of(wanted, count=2), wanted)
    return render_template(
        "indices.html",
        asked=wanted,
        table=table,
        rows=rows,
        totals=totals,
        matrix=matrix,
        district_rows={row.line.index.id: row for row in rows_of(table, wanted, lines=table.district)},
        ground=index_words.name(ground, "district") if wanted.area else ground.name_zh,
        words=index_words,
        indices=INDICES,
        towns=areas.names("town"),
        period=index_words.period(wanted.period),
        periods=[index_words.period(each) for each in table.periods],
        last=index_words.last(wanted.period),
        address=lambda **changes: url_for("indices.show", **{**wanted.query, **changes}),
        kinds=_kinds(wanted),
        texts={"sortBy": _("Sort by %(column)s", column="%(column)s")},
    )


def _kinds(wanted: Asked) -> list[tuple[str, str, bool]]:
    """Kinds of period with the word of the one that holds the last day asked for, and whether it is the one shown."""
    return [
        (title, periods.containing(kind, wanted.period.until).word, kind == wanted.period.kind)
        for kind, title in index_words.kinds().items()
    ]


def rows_of(table: Table, wanted: Asked, *, lines: Sequence[Line] | None = None) -> list[Row]:
    """The lines of a table with their words and links; or other lines of it, which are sums."""
    level = table.level if lines is None else "district"
    return [
        Row(
            line,
            name=index_words.name(line.row, level) if table.level != "district" else index_words.of(line.index).name,
            value=index_words.share(line.now),
            opens={part: opens(line, part, level, wanted) for part in PARTS},
            change=index_words.change(line),
            verdict=index_words.verdict(line),
            spark=spark([figure.share for figure in line.figures]),
            shares=[index_words.share(figure) for figure in line.figures],
        )
        for line in (table.lines if lines is None else lines)
    ]


def opens(line: Line, part: str, level: str, wanted: Asked) -> str:
    """Where the rows behind one figure are listed."""
    query: dict[str, Any] = {"part": part, **({"area": wanted.area} if wanted.area else {}), **_days(wanted.period)}
    if level != "district":
        query |= {"level": level, "of": line.row.of}
    if not line.index.is_of_tickets:
        return url_for("indices.cells", **query)
    return url_for("tickets.index", index=line.index.id, **query)


def _days(period: Period) -> dict[str, str]:
    return {"since": period.since.isoformat(), "until": period.until.isoformat()}


def _matrix(table: Table, wanted: Asked) -> list[tuple[Named, str, list[Row]]]:
    """All indices of each row of the level, in the order of the indices."""
    rows = rows_of(table, wanted)
    by_name: dict[str, tuple[Named, str, list[Row]]] = {}
    for row in rows:
        by_name.setdefault(row.line.row.of, (row.line.row, row.name, []))[2].append(row)
    return list(by_name.values())


@bp.get("/cells")
@needs("index.read")
def cells() -> str:
    """The cells behind a figure of the ground patrolled."""
    params.only("part", "level", "of", "area", "since", "until", "page")
    period = params.period(periods.last_whole("month", datetime.now(ZoneInfo(zone())).date()))
    part = params.one_of("part", PARTS) or PARTS[0]
    level = params.one_of("level", CELL_LEVELS) or "district"
    of, area = params.text("of") or "", params.text("area")
    if bool(of) == (level == "district"):
        raise BadParameter("of", of, "a code on the level" if level != "district" else "left out without level")
    page = params.whole("page", low=1, high=10_000) or 1
    found = queries.cells(
        current_session(),
        part,
        days=period,
        level=level,
        of=of,
        tickets=TicketFilter(areas=(area,) if area else (), scope=ticket_scope()),
        limit=CELLS_A_PAGE + 1,
        skip=CELLS_A_PAGE * (page - 1),
    )
    given = {"part": part, "level": level if of else None, "of": of, "area": area, **_days(period)}
    query: dict[str, Any] = {name: value for name, value in given.items() if value}
    return render_template(
        "index_cells.html",
        cells=found[:CELLS_A_PAGE],
        page=page,
        has_more=len(found) > CELLS_A_PAGE,
        address=lambda page: url_for("indices.cells", **{**query, "page": page}),
        title=index_words.parts(index("patrol"))[part],
        whose=index_words.whose(level, of),
        period=index_words.period(period),
    )


@bp.get("/table.csv")
@needs("index.read")
def as_csv() -> Response:
    """The table as CSV: one line for each index and row, with its formula."""
    wanted = asked()
    content = b"".join(delimited.write(_headings(), _cells(wanted)))
    return _file(content, "text/csv", wanted, "csv")


@bp.get("/table.xlsx")
@needs("index.read")
def as_xlsx() -> Response:
    """The table as a workbook of one sheet."""
    wanted = asked()
    return _file(xlsx.write(_headings(), _cells(wanted), sheet=_("Indices")), XLSX, wanted, "xlsx")


def _file(content: bytes, mimetype: str, wanted: Asked, suffix: str) -> Response:
    name = "-".join(part for part in ("indices", wanted.area, wanted.level, wanted.period.word) if part)
    return attachment(content, f"{name}.{suffix}", mimetype=mimetype)


def _headings() -> list[str]:
    return [
        *(_("Index"), _("Formula"), _("Level"), _("Code"), _("Name"), _("Belongs to"), _("From"), _("To")),
        *(_("Numerator"), _("Denominator"), _("Value, %%"), _("Left out"), _("Value before, %%"), _("Change, points")),
        *(_("Numerator per hectare"), _("Numerator per 1,000 tickets"), _("Remark")),
    ]


def _cells(wanted: Asked) -> Sequence[Sequence[Value]]:
    table = table_of(wanted, count=2)
    lines = [(table.level, line) for line in table.lines] + [("district", line) for line in table.totals]
    return [_record(level, line, wanted.period) for level, line in lines]


def _record(level: str, line: Line, period: Period) -> list[Value]:
    words = index_words.of(line.index)
    share, before = line.now.share, line.before.share
    return [
        words.name,
        words.formula,
        index_words.level(level),
        line.row.of,
        index_words.name(line.row, level),
        line.row.within or "",
        period.since.isoformat(),
        period.until.isoformat(),
        line.now.numerator,
        line.now.denominator,
        None if share is None else round(100 * share, 2),
        line.now.excluded,
        None if before is None else round(100 * before, 2),
        None if line.change is None else round(100 * line.change, 2),
        None if line.per_hectare is None else round(line.per_hectare, 4),
        None if line.per_thousand is None else round(line.per_thousand, 2),
        words.none if share is None else "",
    ]


def facts(line: Line, level: str, wanted: Asked) -> dict[str, Any]:
    """A line as JSON values: shares 0..1, None where there is nothing to divide by, which `reason` then says."""
    words = index_words.of(line.index)
    return {
        "index": line.index.id,
        "of": line.row.of,
        "name": index_words.name(line.row, level),
        "within": line.row.within,
        "numerator": line.now.numerator,
        "denominator": line.now.denominator,
        "share": line.now.share,
        "excluded": line.now.excluded,
        "reason": words.none if line.now.share is None else None,
        "change": line.change,
        "per_hectare": line.per_hectare,
        "per_thousand": line.per_thousand,
        "trend": [figure._asdict() | {"share": figure.share} for figure in line.figures],
        "href": {part: opens(line, part, level, wanted) for part in PARTS},
    }
