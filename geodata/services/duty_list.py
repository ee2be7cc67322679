"""The governance list: which kinds of unit find, handle or assist with a category, changed from a day on.

The district has a list, and a town may have its own for some categories, which then stands in place of the district's.
A line that names a filing rule counts for tickets filed under it, one without for all. Versions are as those of filing
rules: the past is never rewritten.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import Category, DutyRule
from geodata.queries import duty_list as queries
from geodata.queries.references import areas
from geodata.queries.rules import filing_rules
from geodata.services import changes
from geodata.services.categories import categories, unit_kinds
from geodata.services.installation import installation
from geodata.services.rules import DISTRICT, check_town, hold_category, not_over, today
from geodata.validity import begin, end, holds

KIND = "duty"
ROLES = ("find", "handle", "assist")
EVERY_RULE = ""

# A kind of unit and its role.
Part: TypeAlias = tuple[str, str]


class CategoryLines(NamedTuple):
    """A category with the lines of the district and those that a town has of its own."""

    category: Category
    district: list[DutyRule]
    own: list[DutyRule]

    @property
    def lines(self) -> list[DutyRule]:
        """Those that hold: the town's own where there are any."""
        return self.own or self.district

    @property
    def is_gap(self) -> bool:
        """Whether no kind of unit handles the category."""
        return not any(line.role == "handle" for line in self.lines)


def overview(session: Session, *, town_code: str = DISTRICT, day: date | None = None) -> list[CategoryLines]:
    """Every category by code with the lines in force on a day (None: today). Raises NotFound for the town."""
    check_town(session, town_code)
    when = day or today(session)
    found = [line for line in queries.versions(session, towns=sorted({DISTRICT, town_code})) if holds(line, when)]
    return [
        CategoryLines(
            category,
            [line for line in found if line.category_code == category.code and not line.town_code],
            [line for line in found if line.category_code == category.code and line.town_code],
        )
        for category in categories(session)
    ]


def parts(lines: Collection[DutyRule], rule_code: str = EVERY_RULE) -> set[Part]:
    """Kinds of unit with their roles in the lines of a filing rule, or of all rules."""
    return {(line.unit_kind, line.role) for line in lines if line.rule_code == rule_code}


def set_lines(
    session: Session,
    category: str,
    wanted: Collection[Part],
    *,
    actor: str,
    town_code: str = DISTRICT,
    rule_code: str = EVERY_RULE,
    since: date | None = None,
) -> None:
    """Have these kinds and roles, and no others, hold for a filing rule (or all) from a day on (None: today).

    What is planned for later stays. A town that has followed the district so far takes the district's lines of the
    other filing rules along, as its own stand in their place. Raises NotFound for category, town, filing rule, kind
    and role, and DayPassed.
    """
    hold_category(session, category)
    check_town(session, town_code)
    first = not_over(session, since)
    _check(session, category, wanted, town_code=town_code, rule_code=rule_code, day=first)
    own = [line for line in queries.versions(session, towns=[town_code], category=category) if holds(line, first)]
    if town_code and not own and wanted:
        _take_along(session, category, town_code, first, besides=rule_code)
    before = parts(own, rule_code)
    for kind, role in sorted(before - set(wanted)):
        end(session, _versions(session, (category, kind, role, town_code, rule_code)), first)
    for kind, role in sorted(set(wanted) - before):
        _begin(session, (category, kind, role, town_code, rule_code), first)
    if before != set(wanted):
        facts = {"did": "set", "rule_code": rule_code, "before": _said(before), "after": _said(wanted)}
        _keep(session, facts, category=category, town_code=town_code, first=first, actor=actor)


def set_line(
    session: Session,
    category: str,
    part: Part,
    *,
    actor: str,
    town_code: str = DISTRICT,
    rule_code: str = EVERY_RULE,
    since: date | None = None,
) -> None:
    """Have one kind take a role from a day on, beside the others. Raises as `set_lines`."""
    now = _parts_on(session, category, town_code, rule_code, since)
    set_lines(session, category, now | {part}, actor=actor, town_code=town_code, rule_code=rule_code, since=since)


def end_line(
    session: Session,
    category: str,
    part: Part,
    *,
    actor: str,
    town_code: str = DISTRICT,
    rule_code: str = EVERY_RULE,
    on: date | None = None,
) -> None:
    """Let one kind have a role no longer from a day on. Raises as `set_lines`."""
    now = _parts_on(session, category, town_code, rule_code, on)
    set_lines(session, category, now - {part}, actor=actor, town_code=town_code, rule_code=rule_code, since=on)


def copy_list(
    session: Session, town_code: str, *, actor: str, category: str | None = None, since: date | None = None
) -> int:
    """Give a town the district's lines of a category (None: of all) as its own, to adapt; returns how many.

    Categories for which the town has lines of its own are left alone. Raises NotFound and DayPassed.
    """
    if not town_code:
        raise NotFound("town", town_code)
    if category is not None:
        hold_category(session, category)
    first = not_over(session, since)
    copied = 0
    for found in overview(session, town_code=town_code, day=first):
        if category in {None, found.category.code} and not found.own:
            copied += _take_along(session, found.category.code, town_code, first)
    if copied:
        facts: dict[str, Any] = {"did": "copy", "count": copied}
        _keep(session, facts, category=category, town_code=town_code, first=first, actor=actor)
    return copied


def follow_district(session: Session, category: str, *, actor: str, town_code: str, on: date | None = None) -> None:
    """End all that a town has of its own for a category from a day on: the district's list holds there again.

    Raises NotFound and DayPassed.
    """
    if not town_code:
        raise NotFound("town", town_code)
    hold_category(session, category)
    check_town(session, town_code)
    first = not_over(session, on)
    own = queries.versions(session, towns=[town_code], category=category)
    before = parts([line for line in own if holds(line, first)])
    if end(session, own, first):
        facts = {"did": "follow", "before": _said(before), "after": None}
        _keep(session, facts, category=category, town_code=town_code, first=first, actor=actor)


def _check(
    session: Session, category: str, wanted: Collection[Part], *, town_code: str, rule_code: str, day: date
) -> None:
    rules = [one.code for one in filing_rules(session, category=category, town_code=town_code, day=day)]
    if rule_code and wanted and rule_code not in rules:
        raise NotFound("filing rule", f"{category}/{rule_code}", rules)
    kinds = [kind.code for kind in unit_kinds(session)]
    for kind, role in wanted:
        if kind not in kinds:
            raise NotFound("kind of unit", kind, kinds)
        if role not in ROLES:
            raise NotFound("role", role, ROLES)


def _parts_on(session: Session, category: str, town_code: str, rule_code: str, day: date | None) -> set[Part]:
    """What holds on a day in the list that a change would be of: a town's own, or the district's it would take over."""
    when = not_over(session, day)
    found = next(
        (one for one in overview(session, town_code=town_code, day=when) if one.category.code == category), None
    )
    if found is None:
        raise NotFound("category", category)
    return parts(found.lines, rule_code)


def _take_along(session: Session, category: str, town_code: str, first: date, *, besides: str | None = None) -> int:
    """Begin the district's lines as a town's own, but for those of a filing rule; returns how many."""
    taken = [
        line
        for line in queries.versions(session, towns=[DISTRICT], category=category)
        if holds(line, first) and line.rule_code != besides
    ]
    for line in taken:
        _begin(session, (category, line.unit_kind, line.role, town_code, line.rule_code), first)
    return len(taken)


def _begin(session: Session, key: tuple[str, str, str, str, str], first: date) -> None:
    columns = ("category_code", "unit_kind", "role", "town_code", "rule_code")
    named = dict(zip(columns, key, strict=True))
    begin(session, _versions(session, key), first, model=DutyRule, key=named, values={})


def _versions(session: Session, key: tuple[str, str, str, str, str]) -> Sequence[DutyRule]:
    category, kind, role, town_code, rule_code = key
    return [
        line
        for line in queries.versions(session, towns=[town_code], category=category)
        if (line.unit_kind, line.role, line.rule_code) == (kind, role, rule_code)
    ]


def _said(found: Collection[Part]) -> dict[str, list[str]]:
    return {role: sorted(kind for kind, each in found if each == role) for role in ROLES}


def _keep(
    session: Session, facts: dict[str, Any], *, category: str | None, town_code: str, first: date, actor: str
) -> None:
    names = {area.code: area.name for area in areas(session, "town", today(session))}
    name = names.get(town_code, installation(session).name)
    more = {"name": name, "category": category, "town_code": town_code, "since": first.isoformat()}
    changes.keep(session, KIND, actor=actor, facts=facts | more)
