"""Moving a ticket through its life by hand: who may, what is needed, what it comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.errors import MoveRefused, NotFound
from geodata.models import FilingRule, MemberUnit, ReturnReason, Ticket, TicketEvent
from geodata.queries.scope import ALL, Scope
from geodata.services import clocks, history, pledges, workflow
from geodata.services.filing import file_under
from geodata.services.history import Seen
from geodata.services.installation import installation
from geodata.services.standing import Entry, Standing, after
from geodata.services.workflow import HANDLING, MOVES, Move, roles_of

LONGEST_EXTENSION = 1000.0

# By these a ticket gets its filing rule: the one that is named, or the first of its category.
FILING = ("file", "self_handle")


@dataclass(frozen=True)
class Step:
    """One move by hand.

    reason   why, or what is said; where the move needs one.
    facts    what else it needs: `code` (return_reason), `amount` (units of the limit), `satisfied`, and what is
             only kept (`metres` of a checker from the place).
    photos   kinds of the pictures that come with it (`before`, `after` …); storing them is the caller's.
    """

    action: str
    actor: str
    role: str
    at: datetime
    reason: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    photos: tuple[str, ...] = ()


def move_ticket(
    session: Session,
    number: str,
    action: str,
    *,
    actor: str,
    role: str,
    reason: str | None = None,
    facts: Mapping[str, Any] | None = None,
    photos: tuple[str, ...] = (),
    at: datetime | None = None,
    scope: Scope = ALL,
    seen: Seen = None,
) -> Ticket:
    """Make one move of the workflow by hand, with its event and its clocks.

    actor   name of the person, for the history and for four eyes.
    role    what the person may do is the role's.
    scope   which tickets the person sees; of any other there is none.
    seen    versions of the ticket that the person goes by.

    A returned ticket lies with the office of its town until it is assigned again; after its second return with
    the district, as the referee. Raises NotFound, TicketChanged, and MoveRefused where the state, the role, something
    missing or the same person stand against it.
    """
    step = Step(action, actor, role, at or datetime.now(UTC), reason, facts or {}, photos)
    return move_through(session, number, [step], scope=scope, seen=seen)


def move_through(
    session: Session, number: str, steps: Sequence[Step], *, scope: Scope = ALL, seen: Seen = None
) -> Ticket:
    """Make several moves one after the other, all or none; see `move_ticket`."""
    held = history.locked(session, number, scope=scope, seen=seen)
    past = history.events(session, held)
    asker, handlers = _people(past)
    made: list[Entry] = []
    known = None
    # what changes is written out once, with the events
    with session.no_autoflush:
        for step in steps:
            move = allowed(held, step, asker=asker, handlers=handlers, last=made[-1] if made else _entry(past))
            facts = _facts(session, held, step, [*past, *made])
            entry = Entry(step.action, step.actor, held.state, move.target or held.state, facts, step.at)
            if step.action in HANDLING:
                handlers.add(step.actor)
            if move.asks:
                asker = step.actor
            apply(session, held, entry)
            is_refereed = step.action == "return" and held.pending == "referee"
            effects = (*move.clocks, "start:referee") if is_refereed else move.clocks
            known = clocks.run(session, held, effects, at=step.at, facts=facts, known=known)
            made.append(entry)
    last = past[-1].seq if past else 0
    history.append_all(session, held, made, last=last)
    for seq, entry in enumerate(made, start=last + 1):
        if entry.action == "done":
            pledges.keep(session, held, seq=seq, at=entry.at)
    return held


def apply(session: Session, held: Ticket, entry: Entry, *, unit_id: int | None = None) -> None:
    """Fold one more event into the ticket's columns; the event itself is for `history` to keep.

    unit_id   of the unit that the event names, where the caller knows it.
    """
    now = after(standing_of(held), entry)
    for name, value in vars(now).items():
        if name not in {"unit_code", "office_code"}:
            setattr(held, name, value)
    if now.unit_code is None:
        held.unit_id = None
    elif "unit_code" in entry.facts:
        of_code = select(MemberUnit.id).where(MemberUnit.code == now.unit_code)
        held.unit_id = session.scalars(of_code).one() if unit_id is None else unit_id
    held.office_code = now.office_code
    held.updated_at = entry.at


def standing_of(held: Ticket) -> Standing:
    """The ticket's columns as a fold; of the unit only that there is one, as its code is not among them."""
    names = [name for name in Standing.__dataclass_fields__ if name != "unit_code"]
    known: dict[str, Any] = {name: getattr(held, name) for name in names}
    # rows that are not in the table yet have none of its defaults
    counts = {name: known[name] or 0 for name in ("rework_count", "return_count", "reopen_count")}
    flags = {name: bool(known[name]) for name in ("is_supervised", "is_binding", "is_excused", "is_self_handled")}
    return Standing(**{**known, **counts, **flags}, unit_code=None if held.unit_id is None else "*")


def allowed(held: Ticket, step: Step, *, asker: str | None, handlers: set[str], last: Entry | None) -> Move:
    """The move of a step. Raises NotFound for one that is not made by hand, MoveRefused with the reason."""
    move = MOVES.get(step.action)
    if move is None or move.is_by_rule:
        raise NotFound("move", step.action, [each.action for each in MOVES.values() if not each.is_by_rule])
    check_state(held, move, last=last)
    check_role(held, move, step.role)
    _check_asked(held, move, step, asker)
    _check_needs(held, move, step, handlers)
    return move


def check_state(held: Ticket, move: Move, *, last: Entry | None = None) -> None:
    """Raise MoveRefused, with who brought the ticket where it is, unless the move begins there."""
    if held.state in move.sources:
        return
    wanted = " or ".join(sorted(move.sources))
    since = f", by {last.actor} since {last.at:%Y-%m-%d %H:%M %Z}" if last else ""
    raise MoveRefused(
        held.number,
        move.action,
        f"it is {held.state!r}{since} and must be {wanted}",
        word="state",
        state=held.state,
        by=last.actor if last else None,
        at=last.at if last else None,
    )


def check_role(held: Ticket, move: Move, role: str) -> None:
    """Raise MoveRefused unless the role may make the move now."""
    able = roles_of(move, held.pending)
    if role in able:
        return
    word = "referee" if able < move.roles or able != move.roles else "role"
    raise MoveRefused(held.number, move.action, f"the role {role!r} may not; ask {', '.join(sorted(able))}", word=word)


def need_reason(held: Ticket, action: str, reason: str | None) -> None:
    """Raise MoveRefused unless somebody says why."""
    if not (reason or "").strip():
        raise MoveRefused(held.number, action, "it needs a reason; say why", word="reason")


def _check_asked(held: Ticket, move: Move, step: Step, asker: str | None) -> None:
    if move.answers is not None and held.pending != move.answers:
        raise MoveRefused(held.number, move.action, f"nobody has asked for {move.answers!r}", word="not_asked")
    if move.asks is not None and held.pending is not None:
        why = f"{held.pending!r} is asked for already; it must be answered first"
        raise MoveRefused(held.number, move.action, why, word="asked")
    if workflow.OTHER_THAN_ASKER in move.needs and step.actor == asker:
        why = f"{step.actor!r} asked for it; somebody else must grant it"
        raise MoveRefused(held.number, move.action, why, word="asker")
    if move.action == "return" and held.pending == "appeal":
        raise MoveRefused(held.number, move.action, "an appeal is open; it must be answered first", word="asked")
    if move.action == "return" and held.is_binding:
        why = "the referee has decided; appeal instead"
        raise MoveRefused(held.number, move.action, why, word="binding")


def _check_needs(held: Ticket, move: Move, step: Step, handlers: set[str]) -> None:
    def missing(what: str, word: str) -> MoveRefused:
        return MoveRefused(held.number, step.action, what, word=word)

    if workflow.REASON in move.needs:
        need_reason(held, step.action, step.reason)
    if workflow.OTHER_PERSON in move.needs and step.actor in handlers:
        raise missing(f"{step.actor!r} handled it; somebody else must look at the result", "four_eyes")
    if workflow.BOTH_PHOTOS in move.needs and not {"before", "after"} <= set(step.photos):
        raise missing("it needs a photo from before and one from after", "both_photos")
    if workflow.SATISFIED in move.needs and not isinstance(step.facts.get("satisfied"), bool):
        raise missing("it needs yes or no: is whoever reported it satisfied", "satisfied")
    amount = step.facts.get("amount")
    is_amount = isinstance(amount, int | float) and not isinstance(amount, bool) and 0 < amount <= LONGEST_EXTENSION
    if workflow.AMOUNT in move.needs and not is_amount:
        raise missing(f"it needs how much longer: above 0, at most {LONGEST_EXTENSION:g}", "amount")


def _facts(session: Session, held: Ticket, step: Step, past: Sequence[TicketEvent | Entry]) -> dict[str, Any]:
    """What the event keeps; what needs the records to be checked is checked here. `past` are the events before it."""
    needs = MOVES[step.action].needs
    facts: dict[str, Any] = {**({"reason": step.reason.strip()} if step.reason else {}), **step.facts}
    if step.photos:
        facts["photos"] = list(step.photos)
    if workflow.PHOTO in needs and not step.photos and held.rule_id is not None:
        rule = session.get(FilingRule, held.rule_id)
        if rule is not None and rule.needs_photo:
            raise MoveRefused(held.number, step.action, "its filing rule asks for a photo of the result", word="photo")
    if step.action in FILING:
        rule = file_under(session, held, at=step.at, code=facts.get("rule"))
        facts |= {"rule": rule.code} if rule else {}
    if workflow.CODE in needs:
        facts["code"] = _return_code(session, facts.get("code"))
    if step.action == "return":
        facts |= _returned_to(session, held)
    if step.action == "grant_extend":
        facts["amount"] = next(one.facts["amount"] for one in reversed(past) if one.action == "ask_extend")
    return facts


def _return_code(session: Session, code: Any) -> str:  # noqa: ANN401 - a fact is any JSON value
    known = list(session.scalars(select(ReturnReason.code).order_by(ReturnReason.code)))
    if code is None and "other" in known:
        return "other"
    if code not in known:
        raise NotFound("return reason", str(code), known)
    return str(code)


def _returned_to(session: Session, held: Ticket) -> dict[str, Any]:
    """Which unit returns it, and which office it goes to: the town's, at the second time the district's."""
    settings = installation(session)
    is_refereed = (held.return_count or 0) + 1 >= workflow.RETURNS_TO_REFEREE
    facts: dict[str, Any] = {"office_code": settings.code if is_refereed else held.town_code or settings.code}
    if held.unit_id is not None:
        unit = session.get_one(MemberUnit, held.unit_id)
        facts |= {"returned_by_id": unit.id, "returned_by": unit.code}
    return facts


def _people(past: Sequence[TicketEvent]) -> tuple[str | None, set[str]]:
    """Who asked last for anything, and all who handled the ticket."""
    askers = [event.actor for event in past if (move := MOVES.get(event.action)) and move.asks]
    return (askers[-1] if askers else None), {event.actor for event in past if event.action in HANDLING}


def _entry(past: Sequence[TicketEvent]) -> Entry | None:
    """The last event that changed the state, as one who comes too late is told of it."""
    found = [event for event in past if event.from_state != event.to_state]
    return history.entry(found[-1]) if found else None
