"""Tickets as the cards of somebody who works on them: the likely moves as buttons, the others folded."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select

from geodata.models import Ticket
from geodata.queries.desk import DeskLine, desk_lines
from geodata.queries.ticket_filter import TicketFilter
from geodata.services.walks import Stop
from webmap.access import ticket_scope
from webmap.pages.desk_rows import DeskRow, desk_rows
from webmap.pages.ticket_moves import Offer, offers
from webmap.records import current_session


class StopCard(NamedTuple):
    """A ticket of such a list; `leg_m` metres from the one before, None where no way is told."""

    desk: DeskRow
    leg_m: float | None
    likely: list[Offer]
    others: list[Offer]


def stop_cards(stops: Sequence[Stop]) -> list[StopCard]:
    """Each stop in the reader's words, with the moves that whoever asks may make."""
    numbers = [stop.line.line.number for stop in stops]
    held = {each.number: each for each in current_session().scalars(select(Ticket).where(Ticket.number.in_(numbers)))}
    able = [offers(held[number]) for number in numbers]
    return [
        StopCard(
            row,
            stop.leg_m,
            likely=[offer for offer in found if offer.is_first],
            others=[offer for offer in found if not offer.is_first],
        )
        for row, stop, found in zip(desk_rows([stop.line for stop in stops]), stops, able, strict=True)
    ]


def cards_by_deadline(lines: Sequence[DeskLine]) -> list[StopCard]:
    """Cards of tickets in their order, with no way told between them."""
    return stop_cards([Stop(line, None) for line in lines])


def moved_row(number: str | None) -> DeskRow | None:
    """How a ticket stands that has just been moved from a list; None for none, or where it lies with others now."""
    if number is None:
        return None
    found = desk_lines(current_session(), TicketFilter(scope=ticket_scope()), limit=1, number=number)
    return desk_rows(found)[0] if found else None
