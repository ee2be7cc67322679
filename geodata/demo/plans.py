"""Which tickets there will be: their stories, when each is reported and of what, before any of them is written down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

import numpy as np
from numpy.random import Generator

from geodata.demo import words
from geodata.demo.courses import Act, Course
from geodata.demo.stories import MERGED, STORIES, USUAL, Story
from geodata.models import FilingRule
from geodata.worktime import Calendar, Limit

DAYS = 26 * 7
# From Monday to Sunday; and over the weeks more and more is reported, as more people come to know how.
WEEKDAYS = (1.2, 1.05, 1.0, 1.0, 1.1, 0.7, 0.55)
GROWTH_DAYS = 105.0
# Reports per hour of the day; the night is quiet.
HOURS = (1, 1, 0, 0, 0, 2, 5, 9, 12, 12, 11, 9, 7, 8, 9, 9, 9, 8, 8, 7, 6, 5, 3, 2)
# Of what does not come from a patrol, the office looks at so much before it gives it away.
BY_DESK = 0.35
# Under which of its category's rules the office files something.
RANKS = (0.7, 0.2, 0.1)
# The hotline sets a limit of its own for one in so many of its usual tickets.
SET_EVERY = 6
OTHERWISE = Limit(5.0, "working_days")
# Nothing that is open is late by more than so many times its limit.
LATEST = 4.0

_TRIES = 600
_YOUNGEST = timedelta(minutes=5)


@dataclass
class Plan:
    """A ticket to be: what is reported when, and what becomes of it.

    due_at   the limit that another system has set, None for ours.
    twin     the plan of the ticket that this one is merged into.
    """

    story: Story
    category: str
    source: str
    reported_at: datetime
    rule: FilingRule | None
    acts: Sequence[Act]
    due_at: datetime | None = None
    twin: "Plan | None" = None


class Planner:
    """Makes plans one by one, the same from the same seed.

    rules   filing rules in force by category, the first of each first; a category without any has no limit.
    """

    def __init__(
        self, rng: Generator, calendar: Calendar, rules: Mapping[str, Sequence[FilingRule]], now: datetime
    ) -> None:
        self._rng = rng
        self._calendar = calendar
        self._rules = rules
        self._now = now
        back = np.arange(DAYS)
        days = np.array([WEEKDAYS[(now - timedelta(days=int(n))).weekday()] for n in back])
        days = days * np.exp(-back / GROWTH_DAYS)
        self._days = days / days.sum()
        self._hours = np.array(HOURS, dtype=np.float64) / sum(HOURS)
        self._categories = [code for code, _, _ in words.REPORTS]
        shares = np.array([share for _, share, _ in words.REPORTS], dtype=np.float64)
        self._shares = shares / shares.sum()
        self._calls = count()

    def plans(self, many: int) -> list[Plan]:
        """So many plans, by the moment of the report."""
        stories = _dealt(many)
        made: list[Plan] = []
        for number, (story, usual) in enumerate(zip(stories, self._sources(len(stories)), strict=True)):
            is_fit = not story.sources or usual in story.sources
            source = usual if is_fit else story.sources[number % len(story.sources)]
            is_set = source == "hotline" and story is USUAL and next(self._calls) % SET_EVERY == 0
            made.append(self._plan(story, source, is_set=is_set))
            if story.has_twin:
                made.append(self._twin(made[-1]))
        return sorted(made, key=lambda plan: plan.reported_at)

    def _sources(self, count: int) -> list[str]:
        """Each source in its share, and once at least, in no order."""
        total = sum(words.SOURCES.values())
        found = [name for name, share in words.SOURCES.items() for _ in range(max(1, share * count // total))]
        found += ["patrol"] * (count - len(found))
        return [found[i] for i in self._rng.permutation(len(found))[:count]]

    def _plan(self, story: Story, source: str, *, is_set: bool) -> Plan:
        """The first that fits of many tries; of a story that cannot stand as it should at this hour, the last."""
        for _ in range(_TRIES):
            plan, course = self._try(story, source, is_set=is_set)
            if course.last < self._now - _YOUNGEST and self._fits(story, course):
                return plan
        return plan

    def _fits(self, story: Story, course: Course) -> bool:
        if story.standing is not None and course.standing(self._now) != story.standing:
            return False
        return not story.is_open or course.used(self._now) <= LATEST

    def _try(self, story: Story, source: str, *, is_set: bool) -> tuple[Plan, Course]:
        category = str(self._rng.choice(self._categories, p=self._shares))
        at = self._lately(story.days) if story.is_open else self._sometime()
        by_desk = source != "patrol" and self._rng.random() < BY_DESK
        rules = self._rules.get(category, ())
        rule = self._rule(rules) if by_desk else next(iter(rules), None)
        limit = Limit(rule.amount, rule.unit) if rule and not is_set else OTHERWISE
        told = rule.code if rule and rule is not rules[0] else None
        course = Course(self._rng, self._calendar, at, limit, rule=told, by_desk=by_desk, is_set=is_set)
        due_at = course.due_at()
        story.tell(course)
        return Plan(story, category, source, at, rule, course.acts, due_at), course

    def _rule(self, rules: Sequence[FilingRule]) -> FilingRule | None:
        if not rules:
            return None
        shares = np.array(RANKS[: len(rules)])
        return rules[int(self._rng.choice(len(shares), p=shares / shares.sum()))]

    def _twin(self, plan: Plan) -> Plan:
        """Another report of the same, between two acts of the first, merged into it by the second of them."""
        number = next(i for i, act in enumerate(plan.acts) if act.verb == "absorb")
        before, at = plan.acts[number - 1].at, plan.acts[number].at
        told = before + timedelta(seconds=int((at - before).total_seconds() * self._rng.uniform(0.2, 0.8)))
        merge = Act("merge", "town", at, words.MERGED)
        source = "resident" if plan.source == "hotline" else "hotline"
        return Plan(MERGED, plan.category, source, told, None, [merge], twin=plan)

    def _sometime(self) -> datetime:
        """A moment of the last half year, whole seconds."""
        while True:
            day = self._now - timedelta(days=int(self._rng.choice(DAYS, p=self._days)))
            moment = self._at(day, int(self._rng.choice(24, p=self._hours)))
            if self._now - timedelta(days=DAYS) < moment < self._now - _YOUNGEST:
                return moment

    def _lately(self, days: Sequence[float]) -> datetime:
        """A moment of the last so many days or so, whole seconds, seldom at night."""
        moment = self._now
        for _ in range(_TRIES):
            back = timedelta(days=float(self._rng.exponential(self._rng.choice(days))))
            moment = (self._now - _YOUNGEST - back).replace(microsecond=0)
            if self._rng.random() < HOURS[moment.hour] / max(HOURS):
                break
        return moment

    def _at(self, day: datetime, hour: int) -> datetime:
        seconds = int(self._rng.integers(0, 3600))
        return day.replace(hour=hour, minute=seconds // 60, second=seconds % 60, microsecond=0)


def _dealt(many: int) -> list[Story]:
    """Stories for so many tickets: of each its share, or its least; the usual one for the rest."""
    found = [story for story in STORIES for _ in range(max(story.least, int(story.share * many)))]
    rest = many - len(found) - sum(story.has_twin for story in found)
    return found + [USUAL] * rest
