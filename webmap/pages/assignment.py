"""Giving tickets to units: many at once, both ways beside each other, and one by hand."""

import re
from datetime import UTC, datetime
from typing import NamedTuple

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from geodata.models import Ticket
from geodata.queries import batches as queries
from geodata.queries.batches import WaitingTicket
from geodata.services import assignment, batches, policies, units
from geodata.services.assignment import Weighed
from geodata.services.batches import METHODS, Proposal
from geodata.services.moves import check_role, check_state
from geodata.services.workflow import MOVES
from spatial.assign_arrays import Choice
from spatial.optimum import Total
from webmap import access, params
from webmap.access import actor, demand, needs, own_area, role, ticket_scope, told
from webmap.errors import BadParameter
from webmap.pages import areas, policy_words, words
from webmap.records import current_session, district

bp = Blueprint("assignment", __name__, url_prefix="/assign")

# So many are weighed at once, the oldest first, and so many are listed.
MOST, LISTED = 1000, 100
LONGEST_REASON = 500
BETWEEN = re.compile(r"[\s,;]+")


class Row(NamedTuple):
    """A ticket of a proposal: who would have it each way, by code; None for its office."""

    ticket: WaitingTicket
    in_turn: Choice
    best: Choice

    @property
    def differs(self) -> bool:
        """Whether the two ways part."""
        return self.in_turn.unit_code != self.best.unit_code


class Figure(NamedTuple):
    """A line of the comparison."""

    title: str
    in_turn: str
    best: str


@bp.get("")
@needs("ticket.assign")
def index() -> str:
    """What giving a town's waiting tickets to units would come to, each in turn and at its best."""
    params.only("town")
    town = params.text("town") or own_area()
    # the whole district is for those who work for it
    demand("ticket.assign", town_code=town or "")
    session = current_session()
    waiting = queries.count_waiting(session, town_code=town, scope=ticket_scope())
    proposal = batches.propose(session, town, role=role(), limit=MOST, scope=ticket_scope())
    return _page(proposal, town=town, beyond=max(0, waiting - MOST))


@bp.post("/selection")
@needs("ticket.assign")
def selection() -> str:
    """The same for tickets picked elsewhere; the form carries their `numbers`."""
    numbers = _numbers()
    proposal = batches.propose(current_session(), numbers=numbers, role=role(), scope=ticket_scope())
    gone = len(numbers) - len(proposal.tickets) - proposal.for_referee
    return _page(proposal, town=own_area(), is_selection=True, gone=gone)


@bp.post("")
@needs("ticket.assign")
def give() -> Response:
    """Give the tickets of a proposal to units; the form carries their `numbers` and the `method`."""
    method = request.form.get("method", "")
    if method not in METHODS:
        raise BadParameter("method", method, f"one of {', '.join(METHODS)}")
    numbers = _numbers()
    made = batches.assign_batch(
        current_session(), numbers=numbers, method=method, actor=actor(), role=role(), scope=ticket_scope()
    )
    flash(_("Given: %(to_unit)s to units, %(to_office)s to offices.", to_unit=made.to_unit, to_office=made.to_office))
    if gone := len(numbers) - made.tickets:
        flash(_("No longer waiting: %(count)s.", count=gone))
    town = request.form.get("town") or None
    return redirect(url_for("assignment.index", town=None if town == own_area() else town))


@bp.get("/<number>")
@needs("ticket.assign")
def choose(number: str) -> str:
    """The units that may take a ticket and those that may not, to choose from by hand."""
    params.only()
    ticket, found = weighed(number)
    return render_template(
        "assign_one.html",
        ticket=ticket,
        told=told,
        now=next((code for code, id_ in found.ids.items() if id_ == ticket.unit_id), None),
        decision=found.decision,
        ruling=policy_words.whose(found.ruling, areas.names("town")),
        reason=words.reason,
    )


@bp.post("/<number>")
@needs("ticket.assign")
def give_one(number: str) -> Response:
    """Give a ticket to the unit somebody chose; the form carries `unit` or `other`, a code, and `reason`."""
    session = current_session()
    demand("ticket.assign", ticket=access.ticket(number))
    code = request.form.get("other", "").strip() or request.form.get("unit", "").strip()
    if not units.names(session, [code]):
        said = (
            _("There is no unit with the code “%(code)s”.", code=code) if code else _("Choose a unit, or write a code.")
        )
        flash(said)
        return redirect(url_for("assignment.choose", number=number))
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    assignment.choose(session, number, code, reason=reason, actor=actor(), role=role(), scope=ticket_scope())
    return redirect(url_for("tickets.show", number=number))


def _numbers() -> list[str]:
    """Numbers of the form, in one field or many, each once. Raises NotFound for one that whoever asks may not see."""
    found = [one for field in request.form.getlist("numbers") for one in BETWEEN.split(field) if one]
    numbers = list(dict.fromkeys(found))
    if not numbers or len(numbers) > MOST:
        raise BadParameter("numbers", f"{len(numbers)}", f"from 1 to {MOST} ticket numbers")
    batches.states_of(current_session(), numbers, scope=ticket_scope())
    return numbers


def weighed(number: str) -> tuple[Ticket, Weighed]:
    """A ticket that whoever asks may give to a unit by hand, with what the rule says of the units.

    Raises NotFound, NotAllowed and MoveRefused.
    """
    ticket = access.ticket(number)
    demand("ticket.assign", ticket=ticket)
    check_state(ticket, MOVES["choose"])
    check_role(ticket, MOVES["choose"], role())
    return ticket, assignment.weigh(current_session(), ticket, at=datetime.now(UTC))


def _page(proposal: Proposal, *, town: str | None, beyond: int = 0, is_selection: bool = False, gone: int = 0) -> str:
    session = current_session()
    rows = [Row(*row) for row in zip(proposal.tickets, proposal.in_turn, proposal.best, strict=True)]
    shown = sorted(rows, key=lambda row: not row.differs)[:LISTED]
    codes = {code for row in shown for code in (row.in_turn.unit_code, row.best.unit_code) if code}
    towns = areas.names("town")
    ruling = policies.in_force(session, town, at=datetime.now(UTC))
    return render_template(
        "assign.html",
        proposal=proposal,
        rows=shown,
        told=told,
        differing=sum(row.differs for row in rows),
        hidden=len(rows) - len(shown),
        beyond=beyond,
        gone=gone,
        is_selection=is_selection,
        figures=_figures(proposal),
        saved=_saved(proposal),
        names=units.names(session, sorted(codes)),
        town=town,
        towns=towns,
        area=towns.get(town or "", district().name),
        may_choose_town=own_area() is None and not is_selection,
        ruling=policy_words.whose(ruling, towns),
        order=policy_words.order_in_words(ruling.policy),
    )


def _figures(proposal: Proposal) -> list[Figure]:
    """What the two ways come to, line by line."""
    turn, best = proposal.total_in_turn, proposal.total_best

    def metres(total: Total) -> str:
        return f"{total.metres:,.0f}"

    def mean(total: Total) -> str:
        return f"{total.metres / total.assigned:,.0f}" if total.assigned else "–"

    return [
        Figure(_("Given to units"), f"{turn.assigned:,}", f"{best.assigned:,}"),
        Figure(_("Stay with the office"), f"{turn.unassigned:,}", f"{best.unassigned:,}"),
        Figure(_("To holders of the point or block"), f"{turn.holders:,}", f"{best.holders:,}"),
        Figure(_("To units in the same village"), f"{turn.same_village:,}", f"{best.same_village:,}"),
        Figure(_("To units in the same town"), f"{turn.same_town:,}", f"{best.same_town:,}"),
        Figure(_("Metres together"), metres(turn), metres(best)),
        Figure(_("Metres a ticket"), mean(turn), mean(best)),
    ]


def _saved(proposal: Proposal) -> str:
    """The comparison in a sentence, for as many tickets both ways."""
    count, metres = proposal.total_as_many.assigned, proposal.metres_saved
    more = proposal.total_best.assigned - proposal.total_in_turn.assigned
    found = []
    if more:
        found.append(_("Weighed together, %(count)s more find a unit.", count=more))
    if round(metres) > 0:
        share = f"{100 * metres / proposal.total_in_turn.metres:.0f}"
        told = {"count": count, "metres": f"{metres:,.0f}", "share": share}
        found.append(_("For the same %(count)s tickets the ways are %(metres)s m shorter (%(share)s %%).", **told))
    elif round(metres) < 0:
        found.append(
            _(
                "For the same %(count)s tickets the ways are %(metres)s m longer: more of them go to holders or to "
                "units of their village, which the policy puts before metres.",
                count=count,
                metres=f"{-metres:,.0f}",
            )
        )
    elif not more:
        found.append(_("Both ways come to the same."))
    if not proposal.is_proven:
        found.append(_("It is not proven that nothing better exists."))
    return " ".join(found)
