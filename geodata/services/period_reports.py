"""The report of a town (or the district, or a village) on a period: everything it tells, gathered once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.queries import period_reports as queries
from geodata.queries import posters
from geodata.queries.index_conditions import NO_KEY
from geodata.queries.indices import REPORTED, Figure, Figures, Named, figures, names
from geodata.queries.period_reports import OverdueTicket, TicketSpot, Volume
from geodata.queries.posters import AreaFacts
from geodata.queries.scope import ALL, Scope
from geodata.queries.ticket_filter import TicketFilter
from geodata.services import index_tables
from geodata.services.index_tables import Table
from geodata.services.installation import installation
from geodata.services.periods import Period

# More lines than a sheet should have; how many there are in all is told beside them.
MOST_OVERDUE = 30

# More symbols than this are one blot on a map.
MOST_SPOTS = 900

# What an area is divided into.
PARTS = {"district": "town", "town": "village"}

IN_TIME, CLOSED_IN_TIME, RETURNED, REWORK = "handling_in_time", "closing_in_time", "returned", "rework"
TOLD = (REPORTED, IN_TIME, CLOSED_IN_TIME, RETURNED, REWORK)


@dataclass(frozen=True)
class Share:
    """A category, a part of the ground or a unit in the period and in the one before, by index of TOLD."""

    named: Named
    figures: dict[str, tuple[Figure, Figure]]

    @property
    def reported(self) -> int:
        """Tickets reported in the period."""
        return self.now(REPORTED).numerator

    @property
    def reported_before(self) -> int:
        """Tickets reported in the period before."""
        return self.figures[REPORTED][0].numerator

    def now(self, index: str) -> Figure:
        """The figure of the period."""
        return self.figures[index][1]


@dataclass(frozen=True)
class PeriodReport:
    """All that one report tells.

    volumes      of the period before and of the period.
    table        every index of the area.
    categories   kinds of issue with any ticket, those reported most first.
    parts        towns of a district, villages of a town; none for a village.
    units        units to which tickets were due or given, by code.
    overdue      the longest overdue first, MOST_OVERDUE at most; `volumes` says how many there are.
    spots        places of what was reported; None where these are more than MOST_SPOTS.
    made_at      when the figures were read, in the district's zone.
    """

    area: AreaFacts
    period: Period
    made_at: datetime
    district_name: str
    is_made_up: bool
    metre_srid: int
    volumes: tuple[Volume, Volume]
    table: Table
    categories: list[Share]
    parts: list[Share]
    units: list[Share]
    overdue: list[OverdueTicket]
    spots: list[TicketSpot] | None


def period_report(session: Session, code: str, period: Period, scope: Scope = ALL) -> PeriodReport:
    """The report on an area of today. Raises NotFound, also for an area of which the scope does not hold all."""
    area = posters.area(session, code)
    if area is None or not _is_whole(area, scope):
        raise NotFound("area", code)
    settings = installation(session)
    tickets = TicketFilter(areas=() if area.level == "district" else (area.code,), scope=scope)
    two = period.up_to(2)
    ground = index_tables.ground(session, None if area.level == "district" else area.code, scope)
    before, now = queries.volumes(session, [two[0], two[-1]], tickets)
    part = PARTS.get(area.level)
    return PeriodReport(
        area=area,
        period=period,
        made_at=datetime.now(ZoneInfo(settings.timezone)),
        district_name=settings.name,
        is_made_up=settings.is_made_up,
        metre_srid=settings.metre_srid,
        volumes=(before, now),
        table=index_tables.overview(session, period, tickets, ground=ground),
        categories=_by_count(_shares(session, "category", two, tickets)),
        parts=_shares(session, part, two, tickets) if part else [],
        units=_shares(session, "unit", two, tickets),
        overdue=queries.overdue(session, period, tickets, most=MOST_OVERDUE),
        spots=_spots(session, period, tickets),
    )


def _is_whole(area: AreaFacts, scope: Scope) -> bool:
    """Whether whoever asks sees all of an area: half a report would be a false one."""
    if area.level == "village":
        return scope.has_whole(town_code=area.parent_code, village_code=area.code)
    return scope.has_whole(town_code=area.code if area.level == "town" else None, village_code=None)


def _spots(session: Session, period: Period, tickets: TicketFilter) -> list[TicketSpot] | None:
    found = queries.spots(session, period, tickets, most=MOST_SPOTS + 1)
    return found if len(found) <= MOST_SPOTS else None


def _shares(session: Session, level: str, periods: Sequence[Period], tickets: TicketFilter) -> list[Share]:
    found = figures(session, TOLD, level=level, periods=periods, tickets=tickets)
    met = {of for figures_ in found.values() for of in figures_} - {NO_KEY}
    rows = names(session, level, codes=met, areas=tickets.areas)
    return [Share(row, _pairs(found, row.of)) for row in rows if level in index_tables.ALL_ROWS or row.of in met]


def _pairs(found: Figures, of: str) -> dict[str, tuple[Figure, Figure]]:
    told = {id_: rows.get(of, [Figure()]) for id_, rows in found.items()}
    return {id_: (row[0], row[-1]) for id_, row in told.items()}


def _by_count(rows: list[Share]) -> list[Share]:
    return sorted(rows, key=lambda row: (-row.reported, -row.reported_before, row.named.of))
