"""How things look on the map, as data; colours are names of the tokens in `static/css/tokens.css`.

The scripts that draw and the legend read the same values, so that a legend never lies.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

Symbol = Literal["circle", "plus", "times", "house", "square", "triangle", "diamond", "ring"]
Hatch = Literal["gap", "missing"]


class KindOfUnit(NamedTuple):
    """A kind of unit as the map shows it."""

    code: str
    title: str


@dataclass(frozen=True)
class Style:
    """One look.

    line, fill        names of colour tokens; None leaves it out.
    width_px, dash    of the line; fill_opacity 0..1.
    hatch             lines at 45° in the colour of `line`, so that colour alone carries nothing.
    symbol, size_px   of a point; a ring is hollow.
    """

    line: str | None = None
    width_px: float = 1.0
    dash: tuple[float, ...] = ()
    fill: str | None = None
    fill_opacity: float = 1.0
    hatch: Hatch | None = None
    symbol: Symbol | None = None
    size_px: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Plain values for the page."""
        return {**asdict(self), "dash": list(self.dash)}


@dataclass(frozen=True)
class StyleClass:
    """Features that look alike: those whose class property has one of `values`; no values means all the rest."""

    title: str
    style: Style
    values: tuple[str | None, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain values for the page."""
        return {"title": self.title, "style": self.style.as_json(), "values": list(self.values)}


DISTRICT = Style(line="--map-district", width_px=2.5, fill="--map-land")
TOWN = Style(line="--map-town", width_px=1.5)
VILLAGE = Style(line="--map-village", width_px=0.75)
CELL = Style(line="--map-cell", width_px=0.5)
DUTY_GRID = Style(line="--map-duty", width_px=2.0, dash=(6.0, 3.0))
BLOCK = Style(line="--map-block", width_px=2.0, fill="--map-block", fill_opacity=0.12)
BLOCK_UNHELD = Style(line="--map-missing", width_px=2.0, hatch="missing")
POINT = Style(fill="--map-point", symbol="house", size_px=6.5)
POINT_UNHELD = Style(line="--map-gap", width_px=2.0, symbol="house", size_px=6.5)
GAP = Style(line="--map-gap", width_px=1.5, hatch="gap")

TICKET_NEW = Style(fill="--ticket-new", symbol="triangle", size_px=6.5)
TICKET_WORK = Style(fill="--ticket-work", symbol="square", size_px=4.5)
TICKET_CHECK = Style(fill="--ticket-check", symbol="diamond", size_px=6.5)
TICKET_CLOSED = Style(line="--ticket-closed", width_px=1.5, symbol="ring", size_px=4.0)

COLOURS = 8

# Not one that a ticket or a responsibility point has: what a thing is shows by its shape.
SHAPES: tuple[Symbol, ...] = ("circle", "plus", "times")


def unit_kinds(kinds: Sequence[KindOfUnit]) -> tuple[StyleClass, ...]:
    """A class for each kind: eight colours on circles, then again on crosses, and so on."""
    return tuple(
        StyleClass(
            kind.title,
            Style(
                fill=f"--kind-{place % COLOURS + 1}",
                symbol=SHAPES[place // COLOURS % len(SHAPES)],
                size_px=5.0 if place < COLOURS else 5.5,
            ),
            (kind.code,),
        )
        for place, kind in enumerate(kinds)
    )
