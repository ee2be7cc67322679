"""The evaluation of the last whole quarter, published as the made-up district's centre would."""

from sqlalchemy.orm import Session

from geodata.demo.scene import Scene
from geodata.services.evaluation import freeze
from geodata.services.periods import last_whole


def add_evaluation(session: Session, scene: Scene) -> None:
    """Publish how units and villages stood in the last quarter that is over."""
    period = last_whole("quarter", scene.now.date())
    for kind in ("unit", "village"):
        freeze(session, kind, period, actor="district")
