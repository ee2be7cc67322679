"""The records of co-governance of the made-up district: a file a noun, each filled in turn."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from geodata.demo.demands import add_demands
from geodata.demo.duty import add_deputies
from geodata.demo.evaluation import add_evaluation
from geodata.demo.meetings import add_meetings
from geodata.demo.network_terms import add_network_terms
from geodata.demo.pledges import add_pledges
from geodata.demo.projects import add_projects
from geodata.demo.registrations import add_figures, add_registrations
from geodata.demo.roster import add_roster
from geodata.demo.scene import Scene
from geodata.demo.whistle import add_whistle

# In the order in which they refer to one another.
ADDERS: tuple[Callable[[Session, Scene], None], ...] = (
    add_projects,
    add_demands,
    add_network_terms,
    add_deputies,
    add_registrations,
    add_figures,
    add_roster,
    add_pledges,
    add_meetings,
    add_whistle,
    add_evaluation,
)


def add_systems(session: Session, scene: Scene) -> None:
    """Add the records of every noun."""
    for add in ADDERS:
        add(session, scene)
        session.flush()
