"""How units are chosen, as data: a policy for the district and for each town that wants its own, from a moment on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.errors import NotFound, PolicyBegun
from geodata.models import Area, AssignmentPolicy
from geodata.queries import policies as queries
from geodata.queries.assignment import PolicyRow
from geodata.services.installation import installation
from spatial.assign import Policy

# The town code of the policy that holds where a town has none of its own.
DISTRICT = ""


@dataclass(frozen=True)
class Ruling:
    """A policy in force, and whose it is.

    id          of its row; None for the one that comes with the district's settings.
    town_code   '' for the district's own.
    since       None where it has always been so.
    """

    policy: Policy
    id: int | None = None
    town_code: str = DISTRICT
    since: datetime | None = None
    note: str | None = None
    actor: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The policy as JSON values."""
        return {
            "town_code": self.town_code,
            "order": list(self.policy.order),
            "weights": dict(self.policy.weights),
            "max_distance_m": self.policy.max_distance_m,
            "since": self.since.isoformat() if self.since else None,
            "note": self.note,
            "actor": self.actor,
        }


class Rulings:
    """The policies in force at one moment, for as many towns as anybody asks about."""

    def __init__(self, session: Session, at: datetime, *, town_code: str | None = None) -> None:
        found = queries.in_force(session, at=at, town_code=town_code)
        self._known = {row.town_code: ruling_of(row) for row in found}
        self._usual = usual(session)

    def of(self, town_code: str | None) -> Ruling:
        """The policy of a town: its own, else the district's, else that of the district's settings."""
        known = self._known
        return known.get(town_code or DISTRICT) or known.get(DISTRICT) or self._usual


def usual(session: Session) -> Ruling:
    """What holds where neither town nor district has a policy: the district's settings."""
    return Ruling(Policy(max_distance_m=installation(session).max_distance_m))


def in_force(session: Session, town_code: str | None, *, at: datetime) -> Ruling:
    """The policy that holds in a town at a moment; None for no town, which has the district's."""
    return Rulings(session, at, town_code=town_code or DISTRICT).of(town_code)


def all_in_force(session: Session, *, at: datetime) -> list[Ruling]:
    """The district's policy at a moment, and those of the towns that have their own, by town."""
    known = [ruling_of(row) for row in queries.in_force(session, at=at) if row.town_code != DISTRICT]
    return [in_force(session, None, at=at), *known]


def former(session: Session, town_code: str) -> list[AssignmentPolicy]:
    """All policies that a town, or the district ('') itself, has had, the newest first."""
    return list(queries.of_town(session, town_code))


def set_policy(
    session: Session, town_code: str, policy: Policy, *, actor: str, note: str | None = None, at: datetime | None = None
) -> Ruling:
    """Let a policy hold in a town, or the district (''), from a moment on, where the former ends.

    at   None is now.

    The same policy again changes nothing. Only order, weights and farthest metres are kept of it. Raises NotFound for
    a town that is not there, PolicyBegun where one begins at that moment or later.
    """
    _check_town(session, town_code)
    moment = at or datetime.now(UTC)
    last = _last(session, town_code, before=moment)
    if last is not None and last.valid_to is None:
        if _is_same(last, policy):
            return ruling_of(last)
        last.valid_to = moment
    made = AssignmentPolicy(
        town_code=town_code,
        max_distance_m=policy.max_distance_m,
        rank_order=list(policy.order),
        weights=dict(policy.weights),
        note=(note or "").strip() or None,
        actor=actor,
        valid_from=moment,
    )
    session.add(made)
    session.flush()
    return ruling_of(made)


def end_policy(session: Session, town_code: str, *, at: datetime | None = None) -> None:
    """Let a town follow the district's policy again, or the district its settings; what has ended stays ended.

    Raises NotFound for a town that is not there, PolicyBegun where its policy begins at that moment or later.
    """
    _check_town(session, town_code)
    moment = at or datetime.now(UTC)
    last = _last(session, town_code, before=moment)
    if last is not None and last.valid_to is None:
        last.valid_to = moment
        session.flush()


def ruling_of(row: AssignmentPolicy | PolicyRow) -> Ruling:
    """A stored policy. Raises BadPolicy where somebody else has written what cannot be followed."""
    return Ruling(
        Policy(max_distance_m=row.max_distance_m, order=tuple(row.rank_order), weights=row.weights),
        row.id,
        row.town_code,
        row.valid_from,
        row.note,
        row.actor,
    )


def changed(former: Policy, *, order: Sequence[str], weights: Mapping[str, float], max_distance_m: float) -> Policy:
    """A policy with another order, weights and farthest metres. Raises BadPolicy."""
    return Policy(
        max_distance_m, former.candidates_kept, tuple(order), former.rejected_kept, weights, former.lately_days
    )


def _check_town(session: Session, town_code: str) -> None:
    wanted = select(Area.code).where(Area.level == "town", Area.valid_to.is_(None)).order_by(Area.code)
    known = list(session.scalars(wanted)) if town_code != DISTRICT else []
    if town_code != DISTRICT and town_code not in known:
        raise NotFound("town", town_code, known)


def _last(session: Session, town_code: str, *, before: datetime) -> AssignmentPolicy | None:
    queries.hold(session, town_code)
    last = next(iter(queries.of_town(session, town_code)), None)
    if last is not None and last.valid_from >= before:
        raise PolicyBegun(town_code or installation(session).code, last.valid_from)
    return last


def _is_same(row: AssignmentPolicy, policy: Policy) -> bool:
    known = ruling_of(row).policy
    return (known.order, known.weights, known.max_distance_m) == (policy.order, policy.weights, policy.max_distance_m)
