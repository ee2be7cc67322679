"""Letting made-up tickets live: each act of a story is made by the verb that makes it in earnest."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from geodata.demo.album import Album
from geodata.demo.courses import Act
from geodata.demo.network import Codes
from geodata.demo.people import actor_of
from geodata.demo.plans import Plan
from geodata.models import Photo, Ticket
from geodata.services.assignment import assign, assign_new, choose
from geodata.services.merging import merge
from geodata.services.moves import Step, move_through
from spatial.assign import Decision

Progress = Callable[[int, int], None]

_ROLES = {"officer": "officer", "checker": "officer", "town": "town_office", "district": "district"}
# What a service of its own makes; everything else is made by hand.
_SERVED = ("assign", "choose", "merge", "absorb")


class Cast:
    """Who plays whom in which town: sample users at home, posts elsewhere."""

    def __init__(self, codes: Codes, home: int) -> None:
        self._towns = {code: number for number, code in enumerate(codes.towns)}
        self._home = home

    def actor(self, who: str, town: int | None) -> str:
        """The name under which somebody acts in a town (its number, None outside all)."""
        return who if who in {"system", "district"} else actor_of(who, town, home=self._home)

    def actor_at(self, who: str, ticket: Ticket) -> str:
        """The same for the town of a ticket."""
        return self.actor(who, self._towns.get(ticket.town_code or ""))


def live(
    session: Session,
    cast: Cast,
    lives: Sequence[tuple[Plan, Ticket]],
    album: Album,
    *,
    pictured: int,
    progress: Progress | None = None,
) -> None:
    """Let tickets that have just been reported, the oldest first, come to where their plans lead.

    pictured  so many of the newest on which something was done have photos of it.
    """
    stage = _Stage(session, cast, album)
    shown = [ticket.id for plan, ticket in lives if any(act.photos for act in plan.acts)][-pictured:]
    for done, (plan, ticket) in enumerate(lives, start=1):
        stage.perform(plan, ticket, is_pictured=ticket.id in shown)
        if progress:
            progress(done, len(lives))
    session.add_all(stage.photos)
    session.flush()


class _Stage:
    """What is under way: the tickets that wait for their twins, and the number of each one's newest event."""

    def __init__(self, session: Session, cast: Cast, album: Album) -> None:
        self.session = session
        self.cast = cast
        self.album = album
        self.photos: list[Photo] = []
        self._waiting: dict[int, tuple[Ticket, list[Act], bool]] = {}
        self._seq: dict[int, int] = {}

    def perform(self, plan: Plan, ticket: Ticket, *, is_pictured: bool) -> None:
        """Let a ticket live, as far as its twin when it has one."""
        self._seq[ticket.id] = 1
        self._go_on(plan, ticket, list(plan.acts), is_pictured=is_pictured)

    def _go_on(self, plan: Plan, ticket: Ticket, acts: list[Act], *, is_pictured: bool) -> None:
        decision: Decision | None = None
        while acts:
            act = acts.pop(0)
            if act.verb == "absorb":
                self._waiting[id(plan)] = ticket, acts, is_pictured
                return
            if act.verb == "merge":
                self._merge(plan, ticket, act)
            elif act.verb == "assign":
                decision = self._assign(ticket, act)
            elif act.verb == "choose":
                self._choose(ticket, act, decision)
            else:
                steps = [act]
                while acts and acts[0].verb not in _SERVED:
                    steps.append(acts.pop(0))
                self._move(plan, ticket, steps, is_pictured=is_pictured)

    def _assign(self, ticket: Ticket, act: Act) -> Decision:
        actor = self.cast.actor_at(act.who, ticket)
        self._seq[ticket.id] += 1
        if self._seq[ticket.id] == 2:
            return assign_new(self.session, ticket, actor=actor, at=act.at)
        return assign(self.session, ticket, actor=actor, role=_ROLES.get(act.who), at=act.at)

    def _choose(self, ticket: Ticket, act: Act, decision: Decision | None) -> None:
        """The next best of the rule instead of its first; where there is none, it stays with the first."""
        others = decision.candidates[1:] if decision else ()
        if not others:
            return
        actor, role = self.cast.actor_at(act.who, ticket), _ROLES[act.who]
        code, why = others[0].unit.code, act.reason or ""
        choose(self.session, ticket.number, code, reason=why, actor=actor, role=role, at=act.at)
        self._seq[ticket.id] += 1

    def _merge(self, plan: Plan, ticket: Ticket, act: Act) -> None:
        """End it in its twin, which goes on."""
        if plan.twin is None:
            raise LookupError(ticket.number)
        kept, acts, is_pictured = self._waiting.pop(id(plan.twin))
        actor, role = self.cast.actor_at(act.who, kept), _ROLES[act.who]
        merge(self.session, ticket.number, kept.number, actor=actor, role=role, reason=act.reason or "", at=act.at)
        self._seq[ticket.id] += 1
        self._seq[kept.id] += 1
        self._go_on(plan.twin, kept, acts, is_pictured=is_pictured)

    def _move(self, plan: Plan, ticket: Ticket, acts: Sequence[Act], *, is_pictured: bool) -> None:
        is_needed = is_pictured or (plan.rule is not None and plan.rule.needs_photo)
        steps = []
        for act in acts:
            self._seq[ticket.id] += 1
            actor = self.cast.actor_at(act.who, ticket)
            has_photos = bool(act.photos) and (is_needed or act.verb == "self_handle")
            facts: Mapping[str, Any] = act.facts
            if has_photos:
                facts = {**facts, "photo_sha256": self._photograph(ticket, act, actor)}
            photos = act.photos if has_photos else ()
            steps.append(Step(act.verb, actor, _ROLES[act.who], act.at, act.reason, facts, photos))
        move_through(self.session, ticket.number, steps)

    def _photograph(self, ticket: Ticket, act: Act, actor: str) -> list[str]:
        """Keep the pictures that come with an act; their checksums, for its event."""
        sums = []
        for kind in act.photos:
            picture = self.album.picture(ticket.category_code, kind, variant=ticket.id)
            made = Photo(ticket_id=ticket.id, seq=self._seq[ticket.id], kind=kind, actor=actor, created_at=act.at)
            made.width, made.height, made.sha256 = picture.width, picture.height, picture.sha256
            made.content, made.thumbnail = picture.content, picture.thumbnail
            self.photos.append(made)
            sums.append(picture.sha256)
        return sums
