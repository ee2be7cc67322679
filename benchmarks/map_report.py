"""The figures of the map page as a section of docs/benchmarks.md."""

import os
import platform
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

HEADING = "## Map page"

HEAD = ("Page", "Ready ms", "Sent MB", "Heap MB", "Drag p95 ms", "Drag worst ms", "Built s")
WORDS = {"desk": "40,000 cells", "phone": "phone", "million": "1,000,000 cells", "all": "all visits of ours"}

SECTION = """\
{heading}

Written by `python benchmarks/map_page.py --write` on {day}: {rounds} rounds, medians (worst frame: of all
rounds). {machine}.

40,000 cells coloured by distance, 500 villages (84,000 vertices) and 5,000 units, all in view at zoom 12 on
1280×800; phone: 390×844, processor slowed four times. *Ready* is from the start of the navigation until two
frames after the last layer is drawn; *heap* is after a forced collection; a drag pulls the map 240 pixels by
mouse, three times. Folium's pages are built before the clock starts (last column), are sent compressed and
hold nothing but Leaflet and these layers, without list, legend, search or card; their tiles come from memory.
All pages were checked to hold every feature and to paint the whole ground.

{pages}

{remarks}

{goals}
"""


@dataclass(frozen=True)
class Goal:
    """A figure that was promised: at most `limit`."""

    case: str
    what: str
    unit: str
    limit: float
    value: float

    @property
    def is_met(self) -> bool:
        """Whether the promise is kept."""
        return self.value <= self.limit

    def row(self) -> list[str]:
        """As a row of the table; the value no finer than it deserves."""
        digits = 2 if self.unit == "MB" and self.limit < 1 else 1 if self.unit == "MB" else 0
        return [
            f"{WORDS[self.case]}: {self.what}",
            f"{self.limit:,g} {self.unit}".strip(),
            f"{self.value:,.{digits}f} {self.unit}".strip(),
            "met" if self.is_met else "**missed**",
        ]


def high(taken: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return statistics.quantiles(taken, n=20)[-1]


def report(
    rows: list[list[str]], promised: list[Goal], times: dict[str, list[float]], *, rounds: int, cold: float | None
) -> str:
    """The section of the document.

    rows   of the pages, under HEAD.
    times  milliseconds of the answers about a place, by case.
    cold   milliseconds of the first visit to the larger district; None where there was none.
    """
    remarks = [
        f"The answer about a place ({WORDS[case]}): {statistics.median(taken):.0f} ms in the middle, "
        f"{high(taken):.0f} ms for 95 of 100, over {len(taken)} requests."
        for case, taken in times.items()
    ]
    if cold is not None:
        remarks.append(f"The first visit to the 1,000,000 cells, with nothing in memory, took {cold:,.0f} ms.")
    return SECTION.format(
        heading=HEADING,
        day=time.strftime("%Y-%m-%d", time.gmtime()),
        rounds=rounds,
        machine=machine(),
        pages=table(HEAD, rows),
        remarks="\n".join(remarks),
        goals=table(("Goal", "At most", "Measured", ""), [goal.row() for goal in promised]),
    )


def table(head: Sequence[str], rows: list[list[str]]) -> str:
    """A table of Markdown, figures to the right."""
    line = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, line, *rows))


def machine() -> str:
    """What it ran on, and how busy that was."""
    return (
        f"{os.cpu_count()} processors ({platform.machine()}), load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}, headless Chromium without a GPU"
    )
