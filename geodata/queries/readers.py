"""Who asks: collections of which not everybody is told the same are narrowed by it."""

from dataclasses import dataclass
from typing import Any

from geodata.queries.whistle import NO_CALLS, CallScope

OF_A_READER = frozenset({"whistle_calls", "registrations", "registrations_of_towns"})


@dataclass(frozen=True)
class CountsTold:
    """Counts of double registration as they are told to somebody, as JSON; see `services.registrations.as_json`."""

    json: str = "[]"

    is_empty = False

    def clause(self) -> str:
        """Nothing more is left out: what is not told is not among them."""
        return "TRUE"

    def values(self) -> dict[str, Any]:
        """What the rows are made from."""
        return {"told": self.json}


@dataclass(frozen=True)
class Reader:
    """The whistle calls that somebody may read, and the counts that they are told. Without a word it is nobody."""

    calls: CallScope = NO_CALLS
    counts: CountsTold = CountsTold()

    def of(self, collection_id: str) -> CallScope | CountsTold:
        """What narrows one of the collections OF_A_READER."""
        return self.calls if collection_id == "whistle_calls" else self.counts


NOBODY = Reader()
