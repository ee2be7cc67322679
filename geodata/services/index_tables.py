"""Tables of indices: all of them for one piece of ground, or one of them for every town, village, post or unit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.queries import indices as queries
from geodata.queries.index_conditions import NO_KEY
from geodata.queries.indices import REPORTED, Figure, Figures, Named
from geodata.queries.scope import Scope, area_of_work
from geodata.queries.ticket_filter import NO_FILTER, TicketFilter
from geodata.services.indices import Index, indices_of
from geodata.services.periods import Period

# A trend is of so many periods, the one asked for included.
TREND = 12

# Reading all indices over a whole trend takes seconds per million tickets; each index alone stays quick.
MOST_TRENDED = 300_000

# On these levels all rows are told; of others those that have any figure.
ALL_ROWS = frozenset({"town", "village"})


@dataclass(frozen=True)
class Line:
    """One row of a table.

    of         whose: a code on the level of the table, '' for all together, NO_KEY for tickets without a code.
    row        its names and ground.
    figures    for each period, the oldest first; the last is the one asked for.
    reported   tickets reported in that period, left-out ones too.
    """

    index: Index
    row: Named
    figures: Sequence[Figure]
    reported: int

    @property
    def now(self) -> Figure:
        """The figure of the period asked for."""
        return self.figures[-1]

    @property
    def before(self) -> Figure:
        """The figure of the period before."""
        return self.figures[-2] if len(self.figures) > 1 else Figure()

    @property
    def change(self) -> float | None:
        """By how much the share has grown since the period before (0.05: by five points); None where one is missing."""
        now, before = self.now.share, self.before.share
        return None if now is None or before is None else now - before

    @property
    def is_better(self) -> bool | None:
        """Whether the change is a good one; None where there is none."""
        change = self.change
        return None if not change else (change > 0) == (self.index.good == "high")

    @property
    def per_hectare(self) -> float | None:
        """The numerator for each hectare of ground; None where there is no ground, or cells are counted."""
        if not self.row.area_m2 or not self.index.is_of_tickets:
            return None
        return self.now.numerator / (self.row.area_m2 / 1e4)

    @property
    def per_thousand(self) -> float | None:
        """The numerator for each thousand tickets reported in the period; None where none was, or cells are counted."""
        return 1000 * self.now.numerator / self.reported if self.reported and self.index.is_of_tickets else None


@dataclass(frozen=True)
class Table:
    """Lines of one index or of several on a level.

    periods   the oldest first.
    totals    of all together, one for each index.
    district  of the whole district, for those who see a part of it but all there is in that; else none.
    """

    level: str
    periods: Sequence[Period]
    lines: Sequence[Line]
    totals: Sequence[Line]
    district: Sequence[Line]

    @property
    def period(self) -> Period:
        """The period asked for."""
        return self.periods[-1]


def ground(session: Session, area: str | None, scope: Scope) -> Named:
    """The district, or the town or village of that code, as a total's row.

    Raises NotFound for a code that no area has, and for ground of which the scope holds nothing.
    """
    if area is None:
        return queries.names(session, "district", codes=())[0]
    found = area_of_work(session, area)
    if found is None or found.level == "district":
        raise NotFound("area", area)
    town = found.code if found.level == "town" else found.parent_code
    is_hidden = town is not None and not scope.has_town(town)
    if is_hidden or (found.level == "village" and scope.villages is not None and area not in scope.villages):
        raise NotFound("area", area)
    rows = queries.names(session, found.level, codes=(), areas=[area])
    return next(row for row in rows if row.of == area)


def overview(session: Session, period: Period, tickets: TicketFilter, *, ground: Named) -> Table:
    """Every index for one piece of ground, in two periods, or over a whole trend where tickets are not too many.

    ground   the district, or the one area that the filter names.
    """
    every = indices_of("district")
    periods = period.up_to(TREND)
    reported = queries.figures(session, [REPORTED], level="district", periods=periods, tickets=tickets)
    by_period = reported[REPORTED].get("", [Figure()] * len(periods))
    if sum(figure.numerator for figure in by_period) > MOST_TRENDED:
        periods = period.up_to(2)
    found = queries.figures(session, [each.id for each in every], level="district", periods=periods, tickets=tickets)
    lines = _totals(every, found, len(periods), ground=ground, reported=by_period[-1].numerator)
    return Table("district", periods, lines, [], _district(session, every, periods, tickets.scope))


def comparison(
    session: Session,
    wanted: Sequence[Index],
    level: str,
    period: Period,
    tickets: TicketFilter,
    *,
    ground: Named,
    count: int = TREND,
) -> Table:
    """Indices for every row of a level, in `count` periods (two at least), by code; rows without a name come last.

    Of towns and villages all of today stand in it, of others those that have a figure in one of the periods.
    """
    periods = period.up_to(max(count, 2))
    ids = [*(each.id for each in wanted), REPORTED]
    found = queries.figures(session, ids, level=level, periods=periods, tickets=tickets)
    together = queries.figures(session, ids, level="district", periods=periods, tickets=tickets)
    rows = _rows(session, found, level, tickets)
    none = [Figure()] * len(periods)
    lines = [
        Line(each, row, found[each.id].get(row.of, none), found[REPORTED].get(row.of, none)[-1].numerator)
        for each in wanted
        for row in rows
    ]
    reported = together[REPORTED].get("", none)[-1].numerator
    totals = _totals(wanted, together, len(periods), ground=ground, reported=reported)
    return Table(level, periods, lines, totals, _district(session, wanted, periods, tickets.scope))


def _rows(session: Session, found: Figures, level: str, tickets: TicketFilter) -> list[Named]:
    met = {of for figures in found.values() for of in figures}
    scope = tickets.scope
    own = scope.villages if scope.villages is not None and level == "village" else scope.towns
    areas = tickets.areas or own or ()
    named = queries.names(session, level, codes=met - {NO_KEY}, areas=areas)
    if own == ():
        # of no ground all is seen: what is met stands, the rest is not to be told of
        named = [row for row in named if row.of in met]
    rows = [row for row in named if level in ALL_ROWS or row.of in met]
    # codes of former generations still have tickets, and so have those without any
    left = sorted(met - {row.of for row in rows} - {NO_KEY})
    return [
        *rows,
        *(Named(of, of, of, None, None) for of in left),
        *([Named(NO_KEY, "", "", None, None)] if NO_KEY in met else []),
    ]


def _totals(wanted: Iterable[Index], found: Figures, periods: int, *, ground: Named, reported: int) -> list[Line]:
    return [Line(each, ground, found[each.id].get("", [Figure()] * periods), reported) for each in wanted]


def _district(session: Session, wanted: Sequence[Index], periods: Sequence[Period], scope: Scope) -> list[Line]:
    """Figures of the whole district beside those of a town, for comparison; they lead nowhere."""
    if scope.is_all or not scope.towns or not scope.has_whole(town_code=scope.towns[0], village_code=None):
        return []
    ids = [*(each.id for each in wanted), REPORTED]
    found = queries.figures(session, ids, level="district", periods=periods[-2:], tickets=NO_FILTER)
    reported = found[REPORTED].get("", [Figure()])[-1].numerator
    return _totals(
        wanted, found, len(periods[-2:]), ground=queries.names(session, "district", codes=())[0], reported=reported
    )
