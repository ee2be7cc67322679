"""How things look on the map, as data; colours are names of the tokens in `static/css/tokens.css`.

The scripts that draw and the legend read the same values, so that a legend never lies.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

Symbol = Literal[
    "circle",
    "plus",
    "times",
    "house",
    "square",
    "triangle",
    "diamond",
    "ring",
    "star",
    "hexagon",
    "flag",
    "bubble",
    "horn",
]
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
    casing            colour token of an edge on both sides of a line, for roads.
    grow              by how much a line widens: by 2**grow with each zoom nearer than 15, and back.
    hatch             lines at 45° in the colour of `line`, as opaque as a fill: colour alone carries nothing.
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
    casing: str | None = None
    grow: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Plain values for the page."""
        return {**asdict(self), "dash": list(self.dash)}


@dataclass(frozen=True)
class StyleClass:
    """Features that look alike.

    They are those whose class property has one of `values`, or is a number from `low` up to, not
    including, `high`; with neither, all the rest. `count` is how many there are in the whole district,
    None where that is not known.
    """

    title: str
    style: Style
    values: tuple[str | None, ...] = ()
    low: float | None = None
    high: float | None = None
    count: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values for the page."""
        return {
            "title": self.title,
            "style": self.style.as_json(),
            "values": list(self.values),
            "low": self.low,
            "high": self.high,
            "count": self.count,
        }


@dataclass(frozen=True)
class Break:
    """A class of a measure: from `low` up to, not including, `high`; both None stand for what has no value."""

    low: float | None
    high: float | None
    count: int | None


DISTRICT = Style(line="--map-district", width_px=2.5, fill="--map-land")
TOWN = Style(line="--map-town", width_px=1.5)
VILLAGE = Style(line="--map-village", width_px=0.75)
CELL = Style(line="--map-cell", width_px=0.5)
DUTY_GRID = Style(line="--map-duty", width_px=2.0, dash=(6.0, 3.0))
BLOCK = Style(line="--map-block", width_px=2.0, fill="--map-block", fill_opacity=0.12)
BLOCK_UNHELD = Style(line="--map-missing", width_px=2.0, hatch="missing")
POINT = Style(fill="--map-point", symbol="house", size_px=6.5)
POINT_UNHELD = Style(line="--map-gap", width_px=2.0, symbol="house", size_px=6.5)
GAP = Style(line="--map-gap", width_px=1.0, hatch="gap", fill_opacity=0.55)

REGION = Style(line="--map-region", width_px=2.0, dash=(2.0, 3.0))
PROJECT_SIZE_PX = 7.5
RESOURCE = Style(fill="--map-resource", symbol="hexagon", size_px=6.0)
PLEDGE = Style(fill="--map-pledge", symbol="square", size_px=6.0)
# Unmet stands out by its shape and a colour that nothing else has; what is looked after is hollow and small.
DEMAND_UNMET = Style(fill="--map-demand", symbol="flag", size_px=8.0)
DEMAND_MATCHED = Style(line="--map-demand", width_px=1.5, symbol="flag", size_px=6.5)
DEMAND_OVER = Style(line="--map-missing", width_px=1.5, symbol="flag", size_px=5.0)
# What is ahead or running is full; what is over is hollow, and grey where nothing came of it.
MEETING_AHEAD = Style(fill="--map-meeting", symbol="bubble", size_px=7.5)
MEETING_HELD = Style(line="--map-meeting", width_px=1.5, symbol="bubble", size_px=6.0)
MEETING_OFF = Style(line="--map-missing", width_px=1.5, symbol="bubble", size_px=5.0)
CALL_RUNNING = Style(fill="--map-whistle", symbol="horn", size_px=8.0)
CALL_MET = Style(line="--map-whistle", width_px=2.0, symbol="horn", size_px=8.0)
CALL_OVER = Style(line="--map-missing", width_px=1.5, symbol="horn", size_px=6.0)
TEAM = Style(line="--map-team", width_px=2.0, dash=(8.0, 3.0, 2.0, 3.0))
NO_UNIT = Style(line="--map-gap", width_px=0.5, hatch="gap", fill_opacity=0.55)
NO_DATA = Style(line="--map-missing", width_px=0.5, hatch="missing")

GREEN = Style(fill="--map-green")
WATER = Style(fill="--map-water")
WATERWAY = Style(line="--map-waterway", width_px=2.0, grow=0.5)
BUILDING = Style(fill="--map-building", line="--map-building-edge", width_px=0.5)
RAIL = Style(line="--map-rail", width_px=2.5, dash=(8.0, 4.0), casing="--map-road-casing", grow=0.2)
HIGHWAY = Style(line="--map-highway", width_px=6.5, casing="--map-road-casing", grow=0.45)
MAIN_ROAD = Style(line="--map-road", width_px=5.5, casing="--map-road-casing", grow=0.5)
STREET = Style(line="--map-road", width_px=3.5, casing="--map-road-casing", grow=0.6)
PATH = Style(line="--map-road-casing", width_px=1.0, dash=(3.0, 2.0), grow=0.2)

# A unit on the small map of one place, where one colour has to do for all kinds.
UNIT_NEAR = Style(fill="--kind-8", symbol="circle", size_px=6.0)

TICKET_LATE = Style(line="--late", width_px=2.0, symbol="ring", size_px=9.0)
TICKET_SOON = Style(line="--warn", width_px=2.0, dash=(3.0, 3.0), symbol="ring", size_px=9.0)

TICKET_NEW = Style(fill="--ticket-new", symbol="triangle", size_px=6.5)
TICKET_WORK = Style(fill="--ticket-work", symbol="square", size_px=4.5)
TICKET_CHECK = Style(fill="--ticket-check", symbol="diamond", size_px=6.5)
TICKET_CLOSED = Style(line="--ticket-closed", width_px=1.5, symbol="ring", size_px=4.0)

COLOURS = 8

# The classes of a measure run from light to dark (in the dark scheme from dark to light), see tokens.css.
STEPS = 5

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


def joints(titles: Sequence[tuple[str, str]]) -> tuple[StyleClass, ...]:
    """A class for each joint of the projects: a star in a colour of its own. `titles` are code and title."""
    return tuple(
        StyleClass(title, Style(fill=f"--kind-{place % COLOURS + 1}", symbol="star", size_px=PROJECT_SIZE_PX), (code,))
        for place, (code, title) in enumerate(titles)
    )


def measured(breaks: Sequence[Break], title: Callable[[Break], str], no_data: str) -> tuple[StyleClass, ...]:
    """A class for each break of a measure, light to dark, and a hatched one for what has no value, always last.

    Fewer than five breaks are spread over the whole range of colours. Neighbours meet, so no line parts them.
    """
    valued = [one for one in breaks if one.low is not None or one.high is not None]
    missing = next((one.count for one in breaks if one.low is None and one.high is None), None)
    last = max(len(valued) - 1, 1)
    classes = [
        StyleClass(
            title(one),
            Style(fill=f"--seq-{1 + round(place * (STEPS - 1) / last)}", fill_opacity=0.72),
            low=one.low,
            high=one.high,
            count=one.count,
        )
        for place, one in enumerate(valued)
    ]
    return (*classes, StyleClass(no_data, NO_DATA, (None,), count=missing))
