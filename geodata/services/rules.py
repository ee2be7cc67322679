"""Filing rules: what holds where, changed from a day on, ended, copied to a town.

A rule is never rewritten: a change ends the version in force on its day and begins another, and clocks that run keep
the limit they were started with. Only a version that began on that very day is corrected in place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from geodata.errors import BadSetting, DayPassed, NotFound
from geodata.ingest.rules import LARGEST_AMOUNT, LONGEST_TEXT
from geodata.models import Category, FilingRule
from geodata.queries import references
from geodata.queries import rules as queries
from geodata.services import changes
from geodata.services.categories import categories
from geodata.services.clocks import day_of
from geodata.validity import begin, end, holding, holds
from geodata.worktime import Limit

KIND = "filing_rules"
DISTRICT = ""

# What the rules that every district begins with say of themselves.
DRAFT = "draft: check against the town's own list"

LONGEST_CODE = 20


@dataclass(frozen=True)
class Rule:
    """What a filing rule says: the test, how long handling may take, the closing test.

    The English words are the Chinese ones where they are left empty. `rank` orders the rules of a category; the
    first is taken where nobody chooses, and None puts a new one last.
    """

    condition_zh: str
    closing_zh: str
    amount: float
    unit: str
    condition_en: str = ""
    closing_en: str = ""
    needs_photo: bool = False
    rank: int | None = None
    source: str | None = None


class CategoryRules(NamedTuple):
    """A category with the district's rules and those that a town has of its own, which stand in their place."""

    category: Category
    district: list[FilingRule]
    own: list[FilingRule]


def today(session: Session) -> date:
    """The district's day."""
    return day_of(session, datetime.now(UTC))


def overview(session: Session, *, town_code: str = DISTRICT, day: date | None = None) -> list[CategoryRules]:
    """Every category by code with the rules in force on a day (None: today). Raises NotFound for the town."""
    check_town(session, town_code)
    when = day or today(session)
    district = queries.rules_of(session, town_code=DISTRICT, day=when)
    own = queries.rules_of(session, town_code=town_code, day=when) if town_code else []
    return [
        CategoryRules(
            category,
            [rule for rule in district if rule.category_code == category.code],
            [rule for rule in own if rule.category_code == category.code],
        )
        for category in categories(session)
    ]


def rule(
    session: Session, category: str, code: str, *, town_code: str = DISTRICT, day: date | None = None
) -> FilingRule:
    """The version in force on a day (None: today) of the rule that the district or a town has. Raises NotFound."""
    known = rules_by_code(session, category, town_code=town_code, day=day)
    if code not in known:
        raise NotFound("filing rule", f"{category}/{code}", list(known))
    return known[code]


def rules_by_code(
    session: Session, category: str, *, town_code: str = DISTRICT, day: date | None = None
) -> dict[str, FilingRule]:
    """The versions in force on a day (None: today) that the district or a town has of its own, by code."""
    when = day or today(session)
    versions = queries.rule_versions(session, category=category, towns=[town_code])
    return {one.code: one for one in versions if holds(one, when)}


def set_rule(
    session: Session,
    category: str,
    code: str,
    told: Rule,
    *,
    actor: str,
    town_code: str = DISTRICT,
    since: date | None = None,
) -> FilingRule:
    """Have a rule say this from a day on (None: today), until the next version that is planned; returns the version.

    A rule that says so already stays as it is. Raises NotFound for category and town, BadLimit, BadSetting for
    words that are missing or too long, and DayPassed.
    """
    values = _checked(told, code)
    hold_category(session, category)
    check_town(session, town_code)
    made, before = _write(session, category, code, values, town_code=town_code, first=not_over(session, since))
    if before != said(made):
        facts = {"did": "set", **_key(made), "before": before, "after": said(made)}
        changes.keep(session, KIND, actor=actor, facts=facts)
    return made


def end_rule(
    session: Session, category: str, code: str, *, actor: str, town_code: str = DISTRICT, on: date | None = None
) -> None:
    """Let a rule hold no longer from a day on (None: today), and plan no later version of it.

    What was filed under it keeps its limit. A rule that began on that day is taken out unless tickets have been
    filed under it, and then it ends the day after. Raises NotFound and DayPassed.
    """
    hold_category(session, category)
    last = not_over(session, on)
    former = rule(session, category, code, town_code=town_code, day=last)
    before = said(former)
    facts = {"did": "end", **_key(former), "before": before, "after": None}
    is_used = former.valid_from == last and queries.is_filed_under(session, former.id)
    end(session, _versions(session, category, code, town_code), last, is_used=is_used)
    changes.keep(session, KIND, actor=actor, facts=facts | {"day": last.isoformat()})


def copy_rules(
    session: Session, town_code: str, *, actor: str, category: str | None = None, since: date | None = None
) -> int:
    """Give a town the district's rules of a category (None: of all) as its own, to adapt; returns how many.

    Categories for which the town has rules of its own are left alone. Raises NotFound and DayPassed.
    """
    if not town_code:
        raise NotFound("town", town_code)
    check_town(session, town_code)
    if category is not None:
        hold_category(session, category)
    first = not_over(session, since)
    taken = {one.category_code for one in queries.rules_of(session, town_code=town_code, day=first)}
    copied = 0
    for one in queries.rules_of(session, town_code=DISTRICT, day=first):
        if one.category_code in taken or category not in {None, one.category_code}:
            continue
        values = vars(told_by(one))
        _write(session, one.category_code, one.code, values, town_code=town_code, first=first)
        copied += 1
    if copied:
        facts = {"did": "copy", "category": category, "town_code": town_code, "since": first.isoformat()}
        changes.keep(session, KIND, actor=actor, facts=facts | {"count": copied})
    return copied


def told_by(version: FilingRule) -> Rule:
    """What a version says."""
    return Rule(**{name: getattr(version, name) for name in Rule.__dataclass_fields__})


def said(version: FilingRule) -> dict[str, object]:
    """What a version says as plain data, with its first day."""
    return {**vars(told_by(version)), "since": version.valid_from.isoformat()}


def check_town(session: Session, town_code: str) -> None:
    """Raise NotFound unless the code is that of a town of today, or '' for the district."""
    known = {area.code for area in references.areas(session, "town", today(session))}
    if town_code and town_code not in known:
        raise NotFound("town", town_code, sorted(known))


def not_over(session: Session, day: date | None) -> date:
    """The day, or today for None. Raises DayPassed."""
    now = today(session)
    if day is not None and day < now:
        raise DayPassed(day, now)
    return day or now


def checked_limit(amount: float, unit: str) -> Limit:
    """A limit that clocks may be given. Raises BadLimit, and BadSetting for one that nobody would live to see."""
    found = Limit(amount, unit)
    if amount > LARGEST_AMOUNT:
        raise BadSetting("amount", f"{amount:g}", f"at most {LARGEST_AMOUNT:g}")
    return found


def _write(
    session: Session, category: str, code: str, values: Mapping[str, Any], *, town_code: str, first: date
) -> tuple[FilingRule, dict[str, object] | None]:
    """The version that says this from a day on, and what the rule said then before, None where there was none."""
    versions = _versions(session, category, code, town_code)
    former = holding(versions, first)
    before = said(former) if former else None
    told = dict(values)
    if told["rank"] is None:
        told["rank"] = former.rank if former else _last_rank(session, category, town_code, first) + 1
    key = {"category_code": category, "town_code": town_code, "code": code}
    return begin(session, versions, first, model=FilingRule, key=key, values=told), before


def _versions(session: Session, category: str, code: str, town_code: str) -> list[FilingRule]:
    found = queries.rule_versions(session, category=category, towns=[town_code])
    return [one for one in found if one.code == code]


def _checked(told: Rule, code: str) -> dict[str, object]:
    checked_limit(told.amount, told.unit)
    words = {
        "condition_zh": told.condition_zh.strip(),
        "closing_zh": told.closing_zh.strip(),
        "condition_en": told.condition_en.strip() or told.condition_zh.strip(),
        "closing_en": told.closing_en.strip() or told.closing_zh.strip(),
    }
    for name, value in words.items():
        if not value or len(value) > LONGEST_TEXT:
            raise BadSetting(name, value[:40], f"a short sentence, at most {LONGEST_TEXT} characters")
    if not code or len(code) > LONGEST_CODE or not code.isascii() or not code.isalnum():
        raise BadSetting("code", code, f"1 to {LONGEST_CODE} letters or digits")
    if told.rank is not None and not 1 <= told.rank <= 999:
        raise BadSetting("rank", str(told.rank), "a whole number from 1 to 999")
    source = (told.source or "").strip()[:LONGEST_TEXT] or None
    return {**vars(replace(told, source=source)), **words}


def hold_category(session: Session, category: str) -> None:
    """Change what is said of a category one after the other; tickets are filed under it all the same.

    Raises NotFound.
    """
    if session.get(Category, category, with_for_update={"key_share": True}, populate_existing=True) is None:
        raise NotFound("category", category)


def _last_rank(session: Session, category: str, town_code: str, day: date) -> int:
    found = queries.rules_of(session, town_code=town_code, day=day)
    return max((one.rank for one in found if one.category_code == category), default=0)


def _key(version: FilingRule) -> dict[str, str]:
    return {"category": version.category_code, "town_code": version.town_code, "code": version.code}
