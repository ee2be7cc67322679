"""How long the stages other than handling may take, and who is warned when: for the district, or for a town."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import delete
from sqlalchemy.orm import Session

from geodata.errors import BadSetting, NotFound
from geodata.models import STAGES_OF_WORK, Installation, StageLimit, WarningStep
from geodata.queries import rules as queries
from geodata.services import changes
from geodata.services.clocks import HANDLE
from geodata.services.rules import DISTRICT, check_town, checked_limit, not_over, today
from geodata.validity import begin, end, holding
from geodata.worktime import Limit

KIND = "stage_limits"
KIND_OF_WARNINGS = "warning_steps"

# The limit of handling stands in the filing rules.
STAGES = tuple(stage for stage in STAGES_OF_WORK if stage != HANDLE)

WHOM = ("unit", "post", "town_office", "district", "follower")
# Shares of the limit that are used up: half, nearly all, all, and half as much again.
SHARES = (0.5, 0.8, 1.0, 1.5)
LARGEST_SHARE = 10.0
# the forms take an empty amount for "no limit", which still wants a unit
_UNIT_OF_NONE = "working_hours"


class StageRow(NamedTuple):
    """A stage as it stands in a town.

    limit    None for none, and for handling, whose limits are those of the filing rules.
    is_own   whether the limit is the town's own; `warnings_are_own` likewise.
    warned   who is warned, by share of the limit.
    """

    stage: str
    limit: Limit | None
    is_own: bool
    warned: dict[float, list[str]]
    warnings_are_own: bool


def stages(session: Session, *, town_code: str = DISTRICT, day: date | None = None) -> list[StageRow]:
    """Every stage in the order of a ticket's life, as it stands in a town ('' the district). Raises NotFound."""
    check_town(session, town_code)
    when = day or today(session)
    steps = queries.warning_steps(session, town_code=town_code)
    rows = []
    for stage in STAGES_OF_WORK:
        found = queries.stage_limit(session, stage=stage, town_code=town_code, day=when)
        limit = None if found is None or found.amount is None else Limit(found.amount, found.unit)
        warned: dict[float, list[str]] = {}
        for step in steps:
            if step.stage == stage:
                warned.setdefault(step.share, []).append(step.whom)
        ordered = {share: sorted(whom, key=WHOM.index) for share, whom in sorted(warned.items())}
        own = any(step.stage == stage and step.town_code for step in steps)
        rows.append(StageRow(stage, limit, bool(found and found.town_code), ordered, own))
    return rows


def set_limit(
    session: Session,
    stage: str,
    limit: Limit | None,
    *,
    actor: str,
    town_code: str = DISTRICT,
    since: date | None = None,
) -> None:
    """Have a stage take so long at most from a day on (None: today); `limit` None is no limit.

    Clocks that run keep theirs. Raises NotFound for stage and town, BadSetting and DayPassed.
    """
    _check_stage(stage, STAGES)
    if limit is not None:
        checked_limit(limit.amount, limit.unit)
    _hold(session)
    check_town(session, town_code)
    first = not_over(session, since)
    versions = queries.limit_versions(session, stage=stage, town_code=town_code)
    former = holding(versions, first)
    amount = None if limit is None else limit.amount
    unit = _UNIT_OF_NONE if limit is None else limit.unit
    if former is not None and former.amount == amount and (amount is None or former.unit == unit):
        return
    before = _said(former)
    key = {"stage": stage, "town_code": town_code}
    begin(session, versions, first, model=StageLimit, key=key, values={"amount": amount, "unit": unit})
    after = {"amount": amount, "unit": unit, "since": first.isoformat()}
    facts = {"did": "set", "stage": stage, "town_code": town_code, "before": before, "after": after}
    changes.keep(session, KIND, actor=actor, facts=facts)


def follow_district(session: Session, stage: str, *, actor: str, town_code: str) -> None:
    """Take a town's own limit and warnings of a stage back from today on: it follows the district again.

    Raises NotFound for stage and town.
    """
    _check_stage(stage, STAGES_OF_WORK)
    if not town_code:
        raise NotFound("town", town_code)
    _hold(session)
    check_town(session, town_code)
    now = today(session)
    ended = end(session, queries.limit_versions(session, stage=stage, town_code=town_code), now)
    _replace_warnings(session, stage, (), town_code)
    session.flush()
    facts = {"did": "follow", "stage": stage, "town_code": town_code, "ended": ended}
    changes.keep(session, KIND, actor=actor, facts=facts)


def set_warnings(
    session: Session,
    stage: str,
    warned: Mapping[float, Collection[str]],
    *,
    actor: str,
    town_code: str = DISTRICT,
) -> None:
    """Have these be warned when so much of a stage's time is used up; what was said before is gone.

    warned   whom by share of the limit (0.8 is 80 %). An empty mapping for a town makes it follow the district.

    Raises NotFound for stage, town and whom, BadSetting for a share that is none.
    """
    _check_stage(stage, STAGES_OF_WORK)
    steps = sorted({(share, whom) for share, several in warned.items() for whom in several})
    for share, whom in steps:
        if not 0 < share <= LARGEST_SHARE:
            raise BadSetting("share", f"{share:g}", f"above 0 and at most {LARGEST_SHARE:g} (1 is the deadline)")
        if whom not in WHOM:
            raise NotFound("receiver of warnings", whom, WHOM)
    _hold(session)
    check_town(session, town_code)
    before = [
        [step.share, step.whom]
        for step in queries.warning_steps(session, town_code=town_code)
        if step.stage == stage and step.town_code == town_code
    ]
    if sorted(before) == [list(step) for step in steps]:
        return
    _replace_warnings(session, stage, steps, town_code)
    session.flush()
    facts = {"did": "set", "stage": stage, "town_code": town_code, "before": before, "after": steps}
    changes.keep(session, KIND_OF_WARNINGS, actor=actor, facts=facts)


def _replace_warnings(session: Session, stage: str, steps: Collection[tuple[float, str]], town_code: str) -> None:
    session.execute(delete(WarningStep).where(WarningStep.stage == stage, WarningStep.town_code == town_code))
    session.add_all(WarningStep(stage=stage, town_code=town_code, share=share, whom=whom) for share, whom in steps)


def _check_stage(stage: str, known: Collection[str]) -> None:
    if stage not in known:
        raise NotFound("stage", stage, list(known))


def _said(version: StageLimit | None) -> dict[str, object] | None:
    if version is None:
        return None
    return {"amount": version.amount, "unit": version.unit, "since": version.valid_from.isoformat()}


def _hold(session: Session) -> None:
    """Change limits one after the other."""
    session.get(Installation, 1, with_for_update={"key_share": True}, populate_existing=True)
