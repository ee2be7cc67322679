"""What an address says, part by part."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ParsedAddress:
    """The parts found in one address; None where it does not say.

    `road` and `cross_road` are in text order. `to_road` is set where the place lies between two roads: on `road`
    between `cross_road` and `to_road`; `road` is then None when no third road is named. `cross_road` alone is the
    road on which a village or an estate with house numbers of its own lies. With a `lane`, `number` is a building
    behind the lane's gate and not a door of the road; without a road it is the number of a house in the village that
    `place` names. `suffix` is what follows a number ("甲", "-65", "之70-71", "、12、14"). `direction` is in letters, N,
    NE, E …; `offset_m` metres in that direction. `km_post` counts along a motorway, on the carriageway of `side` (N,
    E, S, W, `inner`, `outer`); with a post, `offset_m` is how far beyond it. `group` and `homestead` are parts of a
    village (a homestead or a team with a name); `building` and `inside` (floor, room) lie behind a door. `place` is
    what remains: an estate, a market, a village nobody listed. `town_name` without `town_code`: a town that is not
    ours. `province` is also the state of an American address; that and its `city` are only read where the dictionary
    knows what the district lies in.

    `spans` gives, for each part, its start and end in `norm`.
    """

    raw: str
    norm: str
    province: str | None = None
    city: str | None = None
    district: str | None = None
    town_code: str | None = None
    town_name: str | None = None
    village_code: str | None = None
    village_name: str | None = None
    road: str | None = None
    cross_road: str | None = None
    to_road: str | None = None
    lane: str | None = None
    sublane: str | None = None
    number: str | None = None
    suffix: str | None = None
    building: str | None = None
    inside: str | None = None
    group: str | None = None
    homestead: str | None = None
    side: str | None = None
    direction: str | None = None
    offset_m: float | None = None
    km_post: float | None = None
    place: str | None = None
    spans: Mapping[str, Span] = field(default_factory=dict)

    @property
    def form(self) -> str:
        """What kind of place is described, in one word; `nothing` when nothing was understood."""
        if self.to_road and not (self.road and self.number):
            return "between"
        if self.km_post is not None:
            return "km_post"
        if self.road and (self.number or self.lane):
            return "door"
        if self.road and self.cross_road:
            return "crossing" if self.offset_m is None else "offset"
        return self._form_of_name

    @property
    def _form_of_name(self) -> str:
        if self.place and (self.number or self.lane):
            return "village_door"
        if self.place and self.offset_m is not None:
            return "beside"
        named = (self.place, "place"), (self.road, "road"), (self.village_code, "village"), (self.town_name, "town")
        return next((form for name, form in named if name), "nothing")

    def parts(self) -> dict[str, str | float]:
        """The parts that are there, by name, for a record or a spreadsheet."""
        names = (name for name in self.__slots__ if name not in {"raw", "norm", "spans"})
        found = {name: getattr(self, name) for name in names}
        return {name: value for name, value in found.items() if value is not None}
