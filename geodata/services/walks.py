"""A walk past tickets: from where somebody stands, or from the most urgent one, to each of the others."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from geodata.queries.desk import DeskLine
from geodata.services.installation import installation
from spatial.crs import to_metre
from spatial.route import MOST_STOPS, walk


class Stop(NamedTuple):
    """A ticket on the way: metres from the stop before it, None for one whose place is not known."""

    line: DeskLine
    leg_m: float | None


class Round(NamedTuple):
    """Tickets in the order of a walk, those without a place at the end; `metres` is the whole way, straight lines."""

    stops: list[Stop]
    metres: float


def round_of(session: Session, lines: Sequence[DeskLine], *, start: tuple[float, float] | None = None) -> Round:
    """The walk past tickets.

    lines   the most urgent first; the first MOST_STOPS with a place are walked, the others follow in their order.
    start   longitude and latitude (WGS 84) of where one stands; None begins at the first ticket.
    """
    placed = [line for line in lines if line.x is not None and line.y is not None][:MOST_STOPS]
    spots = [(line.x or 0.0, line.y or 0.0) for line in placed]
    if start is not None:
        x, y = to_metre(*start, installation(session).metre_srid)
        begin = float(x[0]), float(y[0])
    else:
        begin = spots[0] if spots else (0.0, 0.0)
    found = walk(begin, spots)
    stops = [Stop(placed[number], leg) for number, leg in zip(found.order, found.legs, strict=True)]
    walked = {line.line.number for line in placed}
    left = [Stop(line, None) for line in lines if line.line.number not in walked]
    return Round([*stops, *left], found.metres)
