"""A trend as one small line: where its points lie, for the markup that draws it."""

from collections.abc import Sequence
from typing import NamedTuple

from webmap.maps.drawing_colours import colour

WIDTH, HEIGHT, EDGE = 96.0, 24.0, 3.0

# Shares that differ by less than this are drawn nearly level, so that chance does not look like a change.
LEAST_SPAN = 0.1


class Spark(NamedTuple):
    """Path data of the line (it breaks where a value is missing), single values as dots, the last value, its colour."""

    path: str
    dots: list[tuple[float, float]]
    last: tuple[float, float] | None
    ink: str


def spark(shares: Sequence[float | None]) -> Spark:
    """The line of shares 0..1 over equal steps of time, the oldest first."""
    ink = colour("--action")
    known = [share for share in shares if share is not None]
    if not known:
        return Spark("", [], None, ink)
    middle, span = (min(known) + max(known)) / 2, max(max(known) - min(known), LEAST_SPAN)
    step = (WIDTH - 2 * EDGE) / max(len(shares) - 1, 1)
    places = [
        None
        if share is None
        else (round(EDGE + n * step, 1), round(HEIGHT / 2 - (share - middle) / span * (HEIGHT - 2 * EDGE), 1))
        for n, share in enumerate(shares)
    ]
    runs: list[list[tuple[float, float]]] = [[]]
    for place in places:
        if place is None:
            runs.append([])
        else:
            runs[-1].append(place)
    lines = ["M" + "L".join(f"{x:g},{y:g}" for x, y in run) for run in runs if len(run) > 1]
    return Spark("".join(lines), [run[0] for run in runs if len(run) == 1], places[-1], ink)
