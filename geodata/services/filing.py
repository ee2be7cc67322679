"""Under which condition a ticket is filed."""

from datetime import datetime

from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import FilingRule, Ticket
from geodata.queries import rules as queries
from geodata.services.clocks import day_of


def file_under(session: Session, held: Ticket, *, at: datetime, code: str | None = None) -> FilingRule | None:
    """Set the filing rule of a ticket that has none: the one of `code`, or the first of its category.

    Returns the ticket's rule; None where its category has none in its town on that day, and then it has no limit.
    Raises NotFound for a code that the category does not have.
    """
    if held.rule_id is not None and code is None:
        return session.get(FilingRule, held.rule_id)
    found = queries.filing_rules(
        session, category=held.category_code, town_code=held.town_code, day=day_of(session, at)
    )
    if code is not None:
        chosen = next((rule for rule in found if rule.code == code), None)
        if chosen is None:
            raise NotFound("filing rule", code, [rule.code for rule in found])
    else:
        chosen = found[0] if found else None
    held.rule_id = chosen.id if chosen else None
    return chosen
