"""The indices of grid governance: what each is called, how it is worked out, and which way is good.

What they count stands in SQL under the same ids, see `geodata/queries/index_conditions.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from geodata.errors import NotFound
from geodata.queries.index_conditions import LEVELS, MEASURES, OfCells, OfEvents

Good = Literal["high", "low"]

# What lies with a unit has been filed and dispatched already: how it was found is not the unit's.
GROUND = ("district", "town", "village", "post", "category")
OF_CELLS = ("district", "town", "village", "post")


@dataclass(frozen=True)
class Words:
    """An index in one language.

    name               short, as a heading.
    counted, of_which  what numerator and denominator count, in a word or two: the formula.
    numerator, denominator   exactly what they hold.
    left_out           what is in neither.
    none               why there may be nothing to divide by.
    """

    name: str
    counted: str
    of_which: str
    numerator: str
    denominator: str
    left_out: str
    none: str

    @property
    def formula(self) -> str:
        """The index as a division in words."""
        return f"{self.counted} ÷ {self.of_which}"


@dataclass(frozen=True)
class Index:
    """One index; `levels` are those it can be told of."""

    id: str
    good: Good
    zh: Words
    en: Words
    levels: tuple[str, ...] = LEVELS

    def words(self, lang: str) -> Words:
        """Its words in a language of ours."""
        return self.en if lang == "en" else self.zh

    @property
    def is_of_tickets(self) -> bool:
        """Whether it counts tickets, which a list can show; the other counts cells."""
        return not isinstance(MEASURES[self.id], OfCells)

    @property
    def is_of_own_unit(self) -> bool:
        """Whether by unit it counts for the unit that an event names, not for the one the ticket lies with now."""
        measure = MEASURES[self.id]
        return isinstance(measure, OfEvents) and measure.unit is not None


_EXCUSED_ZH = "申诉成立的工单，分子、分母都不计。"
_EXCUSED_EN = "Tickets whose appeal was granted: they are in neither part."
_VOID_ZH = "申诉成立的、作废的和并入其他工单的，分子、分母都不计。"
_VOID_EN = "Tickets whose appeal was granted, that were cancelled, or that were merged into another: in neither part."
_DUE_ZH = "办结期限落在期内的工单；期未结束时，只计已到期的。没有期限和挂账中的工单没有到期日，不在其内。"
_DUE_EN = (
    "Tickets whose deadline falls into the period; while it is not over, those that are due by now. Tickets without "
    "a deadline, and those that wait while the clock stands, are not due."
)
_NOT_DUE_ZH, _NOT_DUE_EN = "期内没有到期的工单", "no ticket was due in the period"
_REPORTED_ZH, _REPORTED_EN = "期内没有上报的工单", "nothing was reported in the period"


def _due(name: tuple[str, str], counted: tuple[str, str], numerator: tuple[str, str]) -> tuple[Words, Words]:
    should = ("应结案", "should have been closed") if "结案" in name[0] else ("应处置", "should have been handled")
    return (
        Words(name[0], counted[0], should[0], numerator[0], _DUE_ZH, _VOID_ZH, _NOT_DUE_ZH),
        Words(name[1], counted[1], should[1], numerator[1], _DUE_EN, _VOID_EN, _NOT_DUE_EN),
    )


INDICES: tuple[Index, ...] = (
    Index(
        "filing",
        "high",
        Words(
            "立案率",
            "立案",
            "上报",
            "其中到期末已立案的；派遣即视为立案。",
            "期内上报的工单。",
            _EXCUSED_ZH,
            _REPORTED_ZH,
        ),
        Words(
            "Filing rate",
            "filed",
            "reported",
            "Of these, those filed by the end of the period; what is dispatched is filed.",
            "Tickets reported in the period.",
            _EXCUSED_EN,
            _REPORTED_EN,
        ),
        GROUND,
    ),
    Index(
        "valid_reporting",
        "high",
        Words(
            "有效上报率",
            "网格员上报后立案",
            "网格员上报",
            "其中到期末已立案的。",
            "期内由网格员巡查发现或在地图上上报的工单。",
            _EXCUSED_ZH,
            "期内没有网格员上报的工单",
        ),
        Words(
            "Valid reports",
            "filed of officers' reports",
            "reported by officers",
            "Of these, those filed by the end of the period.",
            "Tickets that officers found on patrol or reported from the map in the period.",
            _EXCUSED_EN,
            "officers reported nothing in the period",
        ),
        GROUND,
    ),
    Index(
        "missed",
        "low",
        Words(
            "漏报率",
            "他人先发现",
            "责任网格内立案",
            "其中由 12345 热线、居民、媒体、上级或视频先发现的。",
            "期内上报、到期末已立案、位于责任网格内的工单。",
            _EXCUSED_ZH,
            "期内责任网格内没有立案的工单",
        ),
        Words(
            "Missed by officers",
            "found by others",
            "filed on walked ground",
            "Of these, those first told by the 12345 hotline, residents, media, a higher office or video.",
            "Tickets reported in the period, filed by its end, that lie in a duty grid.",
            _EXCUSED_EN,
            "nothing was filed in a duty grid in the period",
        ),
        GROUND,
    ),
    Index(
        "patrol",
        "high",
        Words(
            "区域覆盖率",
            "巡查到的网格",
            "责任网格内的网格",
            "其中期内至少有一天巡查到的。",
            "现行责任网格内的单元网格（计网格，不计工单）。",
            "不属任何责任网格的单元网格。",
            "还没有巡查记录，或这里没有划入责任网格的单元网格",
        ),
        Words(
            "Ground patrolled",
            "cells walked",
            "cells of duty grids",
            "Of these, those walked on one day of the period at least.",
            "Cells of the duty grids of today: cells are counted, not tickets.",
            "Cells that belong to no duty grid.",
            "no walk has been written down yet, or no cell here belongs to a duty grid",
        ),
        OF_CELLS,
    ),
    Index(
        "self_handling",
        "high",
        Words(
            "自行处置率",
            "自行处置",
            "网格员上报后立案",
            "其中网格员当场自行处置的。",
            "期内由网格员上报、到期末已立案的工单。",
            _EXCUSED_ZH,
            "期内没有网格员上报并立案的工单",
        ),
        Words(
            "Fixed on the spot",
            "handled by the officer",
            "filed of officers' reports",
            "Of these, those the officer handled on the spot.",
            "Tickets that officers reported in the period and that were filed by its end.",
            _EXCUSED_EN,
            "no report of an officer was filed in the period",
        ),
        GROUND,
    ),
    Index(
        "dispatch",
        "high",
        Words(
            "准确派遣率",
            "派遣后未回退",
            "应派遣",
            "其中到期末已派遣、没有被回退过的。",
            "期内立案的工单，自行处置的除外。",
            _VOID_ZH,
            "期内没有应派遣的工单",
        ),
        Words(
            "Dispatched rightly",
            "dispatched less returned",
            "to be dispatched",
            "Of these, those dispatched by the end of the period and not returned by then.",
            "Tickets filed in the period, less those an officer handled on the spot.",
            _VOID_EN,
            "nothing was to be dispatched in the period",
        ),
        GROUND,
    ),
    Index(
        "returned",
        "low",
        Words(
            "回退率",
            "回退",
            "收到",
            "其中期内被单位回退的。",
            "期内派给单位的工单，加上期内被回退的；每件计一次。按单位统计时，计在收到和回退它的单位名下。",
            _EXCUSED_ZH,
            "期内没有派给单位的工单",
        ),
        Words(
            "Returned",
            "returned",
            "received",
            "Of these, those that a unit returned in the period.",
            "Tickets given to a unit in the period, and those returned in it; each once. By unit, it is the unit "
            "that received or returned it.",
            _EXCUSED_EN,
            "no unit received anything in the period",
        ),
    ),
    Index("handling", "high", *_due(
        ("处置率", "Handled"),
        ("已处置", "handled"),
        ("其中到期末已处置的。", "Of these, those handled by the end of the period."),
    )),
    Index("handling_in_time", "high", *_due(
        ("按期处置率", "Handled in time"),
        ("按期处置", "handled in time"),
        ("其中在期限之前处置完的。", "Of these, those done by their deadline."),
    )),
    Index(
        "rework",
        "low",
        Words(
            "返工率",
            "返工",
            "已处置",
            "其中核查不合格、返工过的。",
            "期内处置完的工单；返工过的，以最后一次处置完的时间为准。",
            _EXCUSED_ZH,
            "期内没有处置完的工单",
        ),
        Words(
            "Reworked",
            "reworked",
            "handled",
            "Of these, those that had failed a check and were done again.",
            "Tickets done in the period; of reworked ones the last time counts.",
            _EXCUSED_EN,
            "nothing was done in the period",
        ),
    ),
    Index(
        "checks",
        "high",
        Words(
            "核查通过率",
            "通过",
            "核查",
            "其中期内每次核查都通过的。",
            "期内核查过（结案或要求返工）的工单，每件计一次。",
            _EXCUSED_ZH,
            "期内没有核查过的工单",
        ),
        Words(
            "Checks passed",
            "passed",
            "checked",
            "Of these, those that passed every check of the period.",
            "Tickets checked in the period (closed, or sent back for rework), each once.",
            _EXCUSED_EN,
            "nothing was checked in the period",
        ),
    ),
    Index("closing", "high", *_due(
        ("结案率", "Closed"),
        ("已结案", "closed"),
        ("其中到期末已结案的。", "Of these, those closed by the end of the period."),
    )),
    Index("closing_in_time", "high", *_due(
        ("按期结案率", "Closed in time"),
        ("按期结案", "closed in time"),
        (
            "其中在期限之前结案的；核查所用的时间也算在内。",
            "Of these, those closed by their deadline; the time that the check takes counts too.",
        ),
    )),
    Index(
        "repeated",
        "low",
        Words(
            "重复率",
            "重复或重开",
            "上报",
            "其中因重复并入其他工单的，或结案后又重开的。",
            "期内上报的工单。",
            _EXCUSED_ZH,
            _REPORTED_ZH,
        ),
        Words(
            "Repeated",
            "repeated or reopened",
            "reported",
            "Of these, those merged into another ticket as the same, or reopened after they had been closed.",
            "Tickets reported in the period.",
            _EXCUSED_EN,
            _REPORTED_EN,
        ),
    ),
    Index(
        "satisfaction",
        "high",
        Words(
            "满意率",
            "满意",
            "回访",
            "其中期内回访没有听到不满意的。",
            "期内回访过的工单，每件计一次。",
            _EXCUSED_ZH,
            "期内没有回访",
        ),
        Words(
            "Satisfied",
            "satisfied",
            "visited",
            "Of these, those whose visits of the period heard no dissatisfaction.",
            "Tickets with a return visit in the period, each once.",
            _EXCUSED_EN,
            "there was no return visit in the period",
        ),
    ),
)  # fmt: skip

_BY_ID: Mapping[str, Index] = {index.id: index for index in INDICES}


def index(id_: str) -> Index:
    """The index of that id. Raises NotFound, which lists those there are."""
    try:
        return _BY_ID[id_]
    except KeyError:
        raise NotFound("index", id_, tuple(_BY_ID)) from None


def indices_of(level: str) -> tuple[Index, ...]:
    """The indices that can be told of a level, in their order."""
    return tuple(each for each in INDICES if level in each.levels)
