"""What stands in the way of taking an import back, and what it comes to."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from geodata.queries.import_runs import Run
from geodata.queries.undo import Count

# Boundaries of one generation tile the ground together: with some of them left, two would lie on one place.
WHOLE = frozenset({"areas", "grid"})

_TOLD = 3


class Conflict(NamedTuple):
    """A record that stands in the way.

    why    `changed` or `gone` since the import (by the import `by_run`, where it was one), `used` by `uses` records of
           table `by_table`, one of them `by`; `stamped`: a ticket whose area codes would not hold any more (`by` is
           the column); `bound`: a rule of the tables (`by`) forbids what was before.
    table  where the record is; `code` names it there, `name` says more where it has one.
    """

    why: str
    table: str
    code: str
    name: str | None = None
    by_run: int | None = None
    by_table: str | None = None
    by: str | None = None
    uses: int | None = None

    def says(self) -> str:
        """The conflict as a sentence."""
        record = f"{self.table} {self.code}" + (f" ({self.name})" if self.name else "")
        if self.why == "used":
            return f"{record} is referred to by {self.uses} of {self.by_table}, as {self.by}"
        if self.why == "stamped":
            return f"{record} was reported since, and its {self.by} would not hold any more"
        if self.why == "bound":
            return f"{record} cannot be as it was before: {self.by}"
        did = "changed" if self.why == "changed" else "removed"
        if self.by_run is not None:
            return f"{record} was {did} by import {self.by_run}; take that one back first"
        return f"{record} was {did} since"


@dataclass(frozen=True)
class UndoPlan:
    """What taking an import back does, or did.

    counts          by table, without rows that only follow.
    conflicts       the first of `conflict_count`.
    """

    run: Run
    counts: tuple[Count, ...]
    conflicts: tuple[Conflict, ...]
    conflict_count: int

    @property
    def removed(self) -> int:
        """How many records go."""
        return sum(one.removed for one in self.counts)

    @property
    def put_back(self) -> int:
        """How many records are as they were before."""
        return sum(one.put_back for one in self.counts)

    @property
    def ended(self) -> int:
        """How many tickets are cancelled and projects stopped."""
        return sum(one.ended for one in self.counts)

    @property
    def may_be_part(self) -> bool:
        """Whether the records in the way can stay while the rest is taken back."""
        return not self.is_whole_only and all(one.why not in {"stamped", "bound"} for one in self.conflicts)

    @property
    def is_whole_only(self) -> bool:
        """Whether no part of it can be taken back alone."""
        return self.run.kind in WHOLE

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON values."""
        return {
            "run": self.run.to_json(),
            "removed": self.removed,
            "put_back": self.put_back,
            "ended": self.ended,
            "tables": {one.table: {k: v for k, v in one._asdict().items() if k != "table"} for one in self.counts},
            "conflict_count": self.conflict_count,
            "conflicts": [{**one._asdict(), "says": one.says()} for one in self.conflicts],
        }

    def says(self) -> str:
        """The first conflicts as sentences."""
        told = "; ".join(one.says() for one in self.conflicts[:3])
        more = f"; and {self.conflict_count - 3} more" if self.conflict_count > 3 else ""
        return f"{told}{more}"
