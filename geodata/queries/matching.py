"""What was decided of demands and resources that met."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

SHOWN = """
    SELECT m.state, m.reasons, m.note, m.decided_by, m.at, d.code AS demand_code, d.name AS demand_name,
           r.code AS resource_code, r.name AS resource_name, u.code AS unit_code, u.name AS unit_name,
           j.code AS project_code, j.name AS project_name, j.stage AS project_stage
      FROM joint_match AS m
      JOIN demand AS d ON d.id = m.demand_id
      JOIN resource AS r ON r.id = m.resource_id
      LEFT JOIN member_unit AS u ON u.id = r.unit_id
      LEFT JOIN project AS j ON j.id = m.project_id
"""

OF_DEMAND = text(f"{SHOWN} WHERE m.demand_id = :id ORDER BY m.at DESC, m.id DESC")
OF_RESOURCE = text(f"{SHOWN} WHERE m.resource_id = :id ORDER BY m.at DESC, m.id DESC")


class MatchRow(NamedTuple):
    """A decision about a demand and a resource; what concerns the project is None unless it was accepted.

    reasons   as they were, records of `word` and `facts`.
    """

    state: str
    reasons: list[dict[str, Any]]
    note: str | None
    decided_by: str
    at: datetime
    demand_code: str
    demand_name: str
    resource_code: str
    resource_name: str
    unit_code: str | None
    unit_name: str | None
    project_code: str | None
    project_name: str | None
    project_stage: str | None


def of_demand(session: Session, demand_id: int) -> list[MatchRow]:
    """What was decided about a demand, the last first."""
    return [MatchRow(*row) for row in session.execute(OF_DEMAND, {"id": demand_id})]


def of_resource(session: Session, resource_id: int) -> list[MatchRow]:
    """What was decided about a resource, the last first."""
    return [MatchRow(*row) for row in session.execute(OF_RESOURCE, {"id": resource_id})]
