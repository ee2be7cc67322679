"""The stages of a joint project as data: from which to which, by what move, and what it needs."""

from collections.abc import Sequence
from typing import NamedTuple

REASON = "reason"
OUTCOME = "outcome"

OPEN = ("proposed", "agreed", "running")
ENDED = ("done", "stopped")


class StageMove(NamedTuple):
    """One move between stages; `needs` is '' or what must be told with it: REASON or OUTCOME."""

    action: str
    sources: tuple[str, ...]
    target: str
    needs: str = ""


MOVES = (
    StageMove("agree", ("proposed",), "agreed"),
    StageMove("begin", ("agreed",), "running"),
    StageMove("finish", ("running",), "done", OUTCOME),
    StageMove("stop", OPEN, "stopped", REASON),
    StageMove("reopen", ENDED, "running", REASON),
)


def moves_from(stage: str) -> Sequence[StageMove]:
    """What can become of a project that has come to a stage, onwards first."""
    return [move for move in MOVES if stage in move.sources]


def move_between(stage: str, target: str) -> StageMove | None:
    """The move from one stage to another; None where there is none."""
    return next((move for move in moves_from(stage) if move.target == target), None)
