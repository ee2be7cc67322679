"""What a report of a period says in sentences, each made from its figures."""

from collections.abc import Sequence

from flask_babel import gettext as _

from geodata.queries.indices import Figure
from geodata.services.index_tables import Line
from geodata.services.period_reports import IN_TIME, PeriodReport, Share
from webmap.languages import language
from webmap.pages import index_words

# Rates of fewer tickets than this jump by chance, and are not spoken of.
LEAST_SPOKEN = 5
MOST_RATES = 4

# A unit is compared with others from so many tickets on.
LEAST_COMPARED = 3
MOST_UNITS = 5


def title(report: PeriodReport) -> str:
    """The heading: whose report, and of what kind of period."""
    kinds = {
        "week": _("%(area)s: weekly report on grid governance", area=area(report)),
        "month": _("%(area)s: monthly report on grid governance", area=area(report)),
        "quarter": _("%(area)s: quarterly report on grid governance", area=area(report)),
        "year": _("%(area)s: yearly report on grid governance", area=area(report)),
    }
    return str(kinds.get(report.period.kind, _("%(area)s: report on grid governance", area=area(report))))


def area(report: PeriodReport) -> str:
    """The area's name."""
    return (report.area.name_en if language() == "en" else None) or report.area.name


def changes(report: PeriodReport) -> list[str]:
    """What has changed since the period before, the most telling first."""
    return [*_volumes(report), *_rates(report.table.lines), *_kinds(report), *_parts(report)]


def compared(units: Sequence[Share]) -> tuple[list[Share], list[Share]]:
    """Units that handled most, and least, of what was due in time; those with few tickets are not compared.

    No unit is in both, and one that missed nothing is never among the latter.
    """
    known = [unit for unit in units if unit.now(IN_TIME).denominator >= LEAST_COMPARED]
    known.sort(key=lambda unit: (-(unit.now(IN_TIME).share or 0.0), -unit.now(IN_TIME).denominator, unit.named.of))
    first = known[:MOST_UNITS]
    left = [unit for unit in known[MOST_UNITS:] if unit.now(IN_TIME).numerator < unit.now(IN_TIME).denominator]
    return first, left[-MOST_UNITS:][::-1]


def _volumes(report: PeriodReport) -> list[str]:
    before, now = report.volumes
    last = index_words.last(report.period)
    return [
        str(
            _(
                "%(reported)s tickets were reported, %(difference)s; %(closed)s were closed, %(closed_difference)s.",
                reported=f"{now.reported:,}",
                difference=_against(now.reported, before.reported, last),
                closed=f"{now.closed:,}",
                closed_difference=_against(now.closed, before.closed, last),
            )
        ),
        str(
            _(
                "At the end of the period %(open)s were open, %(overdue)s of them overdue; at the end of the one "
                "before, %(open_before)s and %(overdue_before)s.",
                open=f"{now.open:,}",
                overdue=f"{now.overdue:,}",
                open_before=f"{before.open:,}",
                overdue_before=f"{before.overdue:,}",
            )
        ),
    ]


def _against(now: int, before: int, last: str) -> str:
    """How a count stands to the one before."""
    if now == before:
        return str(_("as many as in %(last)s", last=last))
    count = f"{abs(now - before):,}"
    if not before:
        return str(_("after none in %(last)s", last=last))
    percent = f"{100 * (now - before) / before:+.1f} %".replace("-", "\u2212")
    if now > before:
        return str(_("%(count)s more than in %(last)s (%(percent)s)", count=count, last=last, percent=percent))
    return str(_("%(count)s fewer than in %(last)s (%(percent)s)", count=count, last=last, percent=percent))


def _rates(lines: Sequence[Line]) -> list[str]:
    spoken = [
        line
        for line in lines
        if line.index.is_of_tickets
        and index_words.verdict(line)
        and min(line.now.denominator, line.before.denominator) >= LEAST_SPOKEN
    ]
    spoken.sort(key=lambda line: (-abs(line.change or 0.0), line.index.id))
    return [
        str(
            _(
                "%(name)s %(value)s, %(change)s (%(now)s, before %(before)s).",
                name=index_words.of(line.index).name,
                value=index_words.share(line.now),
                change=index_words.change(line),
                now=_fraction(line.now),
                before=_fraction(line.before),
            )
        )
        for line in spoken[:MOST_RATES]
    ]


def _fraction(figure: Figure) -> str:
    return f"{figure.numerator:,} ÷ {figure.denominator:,}"


def _kinds(report: PeriodReport) -> list[str]:
    grown = max(report.categories, key=_growth, default=None)
    shrunk = min(report.categories, key=_growth, default=None)
    found = []
    if grown is not None and _growth(grown) > 0:
        found.append(
            _(
                "The kind of issue that grew most: %(name)s, %(now)s after %(before)s.",
                name=index_words.name(grown.named, "category"),
                now=f"{grown.reported:,}",
                before=f"{grown.reported_before:,}",
            )
        )
    if shrunk is not None and _growth(shrunk) < 0:
        found.append(
            _(
                "The kind that fell most: %(name)s, %(now)s after %(before)s.",
                name=index_words.name(shrunk.named, "category"),
                now=f"{shrunk.reported:,}",
                before=f"{shrunk.reported_before:,}",
            )
        )
    return [str(sentence) for sentence in found]


def _parts(report: PeriodReport) -> list[str]:
    most = max(report.parts, key=lambda part: part.reported, default=None)
    if most is None or not most.reported:
        return []
    sentence = _(
        "Most tickets were reported in %(name)s: %(now)s after %(before)s.",
        name=index_words.name(most.named, "village"),
        now=f"{most.reported:,}",
        before=f"{most.reported_before:,}",
    )
    return [str(sentence)]


def _growth(share: Share) -> int:
    return share.reported - share.reported_before
