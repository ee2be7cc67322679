"""Tickets as the lines of a list, with their words."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from geodata.models import FilingRule, Ticket
from geodata.queries import worklist
from geodata.queries.ticket_filter import GROUPS
from webmap.access import told
from webmap.languages import language
from webmap.pages import ticket_words, words
from webmap.records import current_session


class Row(NamedTuple):
    """A ticket as lists show it: its line, its state in words with its group, and how its deadline stands."""

    line: worklist.TicketLine
    group: str
    state: str
    due: str


def list_rows(lines: Sequence[worklist.TicketLine]) -> list[Row]:
    """The lines with their words."""
    now = datetime.now(UTC)
    groups = {state: group for group, states in GROUPS.items() for state in states}
    state_words = words.states()
    return [
        Row(
            line._replace(title=told(line.title) or ""),
            group=(group := groups.get(line.state, "")),
            state=state_words.get(line.state, line.state),
            due=words.due(line.deadline, line.due_at, has_ended=group == "closed", now=now),
        )
        for line in lines
    ]


def rule_of(ticket: Ticket) -> Mapping[str, str] | None:
    """The condition it was filed under, how it is closed, and how long it may take, in words."""
    rule = current_session().get(FilingRule, ticket.rule_id) if ticket.rule_id is not None else None
    if rule is None:
        return None
    is_english = language() == "en"
    return {
        "condition": rule.condition_en if is_english else rule.condition_zh,
        "closing": rule.closing_en if is_english else rule.closing_zh,
        "limit": ticket_words.limit(rule.amount, rule.unit),
    }
