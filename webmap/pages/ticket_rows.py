"""Tickets as the lines of a list, with their words."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from geodata.queries import worklist
from geodata.queries.ticket_filter import GROUPS
from webmap.access import told
from webmap.pages import words


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
