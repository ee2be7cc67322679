"""The form of a report as it was typed, what is wrong with it by field, and what it tells."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import gettext as _

from geodata.errors import NotFound
from geodata.models import Category
from geodata.queries.scope import NOTHING
from geodata.services import reports
from geodata.services.datums import datum_named
from geodata.services.photos import MOST_AT_ONCE
from geodata.services.reports import Alike, Exactness, Telling
from geodata.services.search import SearchHit, search
from geodata.services.tickets import Position
from spatial.errors import DecodingOff, UnknownDatum
from webmap.access import actor, may, ticket_scope
from webmap.languages import language
from webmap.pages.pick_place import PLACES
from webmap.params import lon_lat, number, text
from webmap.records import current_session

LONGEST = {"title": 100, "description": 2000, "address": 200}
LONGEST_FIND = 200

# A report that waited less was sent at once, and one that says it waited longer is not believed.
SHORTEST_WAIT_S = 60
LONGEST_WAIT_S = 7 * 86_400

MOST_SEEN = 50

# How the place was found, and what that says of its coordinates.
ORIGINS = {"device": "device", "pin": "declared", "address": "geocoded", "unit": "declared", "point": "declared"}

# Fields of photos, and what a photo in them shows.
PHOTO_FIELDS = {"photos": "report", "before": "before", "after": "after"}


@dataclass
class Draft:
    """What has been typed so far, as it was typed, and what is wrong with it by field.

    x, y    in `datum`; of WGS 84 longitude and latitude.
    find    what was typed to find the place, `spots` what it may mean.
    seen    numbers of tickets like it that have been looked at.
    """

    x: float | None = None
    y: float | None = None
    datum: str = "wgs84"
    origin: str = ""
    accuracy_m: float | None = None
    find: str = ""
    category: str = ""
    title: str = ""
    description: str = ""
    address: str = ""
    is_handled: bool = False
    seen: list[str] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)
    spots: list[SearchHit] = field(default_factory=list)

    @property
    def position(self) -> Position | None:
        """Where it is, as it was told; None while that is not known."""
        if self.x is None or self.y is None:
            return None
        evidence = ORIGINS.get(self.origin) or ("declared" if self.accuracy_m is None else "device")
        return Position(self.x, self.y, self.datum, evidence, self.accuracy_m)

    @property
    def at(self) -> tuple[float, float] | None:
        """Where it is in WGS 84 degrees; None while that is not known."""
        return None if self.position is None else reports.lon_lat(current_session(), self.position)


def given() -> Draft:
    """What the address of the page says: `lon` and `lat` (with `accuracy`), a `unit` or a `point`; a `category`."""
    draft = Draft(category=text("category") or "")
    for kind in ("unit", "point"):
        if code := text(kind):
            place = reports.place_of(current_session(), kind, code)
            draft.x, draft.y, draft.origin, draft.find = place.lon, place.lat, kind, place.name
            draft.address = place.address or place.name
    if text("lon") or text("lat"):
        draft.x, draft.y = lon_lat()
        draft.accuracy_m = number("accuracy", low=0, high=1_000_000)
    if draft.position:
        check_place(draft)
    return draft


def typed() -> Draft:
    """What the form carried; line ends and blanks around are not part of it."""
    draft = Draft(
        x=_number("lon"),
        y=_number("lat"),
        origin=_word("origin", ORIGINS),
        accuracy_m=_number("accuracy_m", low=0, high=1_000_000),
        find=_plain("find")[:LONGEST_FIND],
        category=_plain("category_other") or _plain("category"),
        title=_plain("title"),
        description=_plain("description"),
        address=_plain("address"),
        is_handled=request.form.get("handled") == "yes",
        seen=request.form.get("seen", "").split()[:MOST_SEEN],
    )
    take_datum(draft, _plain("datum") or "wgs84")
    _take_spot(draft)
    return draft


def look_up(draft: Draft) -> None:
    """Let a place that was typed in words be chosen from what it may mean; with one meaning it is that."""
    hits = search(current_session(), draft.find, scope=NOTHING) if draft.find else []
    draft.spots = [hit for hit in hits if hit.kind in PLACES and hit.lon is not None]
    if not draft.spots:
        draft.wrong["place"] = _("Nothing in this district is called so. Try another name or an address.")


def spot_value(hit: SearchHit) -> str:
    """A place as the form carries it."""
    origin = {"unit": "unit", "point": "point", "place": "address"}.get(hit.kind, "pin")
    accuracy = "" if hit.error_m is None else f"{hit.error_m:g}"
    return f"{hit.lon:.7f},{hit.lat:.7f},{accuracy},{origin}"


def check(draft: Draft, *, photos: Sequence[tuple[str, bytes]]) -> None:
    """Write down what is wrong with a draft that is to be sent."""
    check_place(draft)
    kind = current_session().get(Category, draft.category) if draft.category else None
    if kind is None:
        draft.wrong["category"] = _("Choose what kind of issue it is.")
    for name, most in LONGEST.items():
        if len(getattr(draft, name)) > most:
            many = len(getattr(draft, name))
            draft.wrong[name] = _("At most %(most)s characters; these are %(many)s.", most=most, many=many)
    kinds = {kind for kind, _content in photos}
    if len(photos) > MOST_AT_ONCE:
        draft.wrong["photos"] = _("At most %(most)s photos; these are %(many)s.", most=MOST_AT_ONCE, many=len(photos))
    elif draft.is_handled and not {"before", "after"} <= kinds:
        draft.wrong["photos"] = _("What was put right at once needs a photo from before and one from after.")
    if draft.is_handled and not may("ticket.handle"):
        draft.wrong["handled"] = _("Your role does not allow this.")


def check_place(draft: Draft) -> None:
    """Write down what is wrong with its place."""
    at = draft.at
    if at is None:
        draft.wrong.setdefault("place", _("Say where it is: by your position, on the map, or by an address."))
    elif draft.accuracy_m is not None and draft.accuracy_m > reports.WORST_ACCURACY_M:
        draft.wrong["place"] = badly_known(draft.accuracy_m, draft.origin)
    elif not reports.is_reportable(current_session(), lon=at[0], lat=at[1]):
        draft.wrong["place"] = _("This place lies outside the district.")
    elif not is_ours(*at):
        draft.wrong["place"] = _("This place lies in another town: let its office know.")


def is_ours(lon: float, lat: float) -> bool:
    """Whether whoever reports takes in what is reported there; a place of no town is the district's."""
    return may("ticket.report", town_code=reports.town_at(current_session(), lon=lon, lat=lat) or "")


def badly_known(accuracy_m: float, origin: str) -> str:
    """Why a place cannot be reported, by how it was found."""
    metres = round(accuracy_m)
    if origin == "address":
        return str(
            _(
                "This address is only known to %(metres)s m. Choose the place on the map, or add a number.",
                metres=metres,
            )
        )
    return str(_("Your position is only known to %(metres)s m. Choose the place on the map.", metres=metres))


def exactly(found: Exactness) -> str:
    """How well a position is known, in words."""
    metres = round(found.accuracy_m)
    if found.level == reports.REFUSED:
        return badly_known(found.accuracy_m, "device")
    if found.level == reports.COARSE:
        wide = round(found.wide_m or 0)
        return str(
            _(
                "good to about %(metres)s m, more than the %(wide)s m of a cell: check it on the map",
                metres=metres,
                wide=wide,
            )
        )
    if found.level == reports.NEIGHBOUR:
        return str(_("good to about %(metres)s m, may lie in the next cell", metres=metres))
    if found.wide_m is None:
        return str(_("good to about %(metres)s m", metres=metres))
    return str(_("good to about %(metres)s m, within this cell", metres=metres))


def alike(draft: Draft) -> list[Alike]:
    """Tickets that may be the same thing; none while place or kind is missing or wrong."""
    if draft.at is None or not draft.category or "category" in draft.wrong:
        return []
    lon, lat = draft.at
    if current_session().get(Category, draft.category) is None:
        return []
    return reports.alike(current_session(), lon=lon, lat=lat, category=draft.category, scope=ticket_scope())


def telling(draft: Draft, *, source: str = "map", source_ref: str | None = None, at: datetime | None = None) -> Telling:
    """What a draft without anything wrong tells; a title that nobody wrote is the name of its kind."""
    kind = current_session().get_one(Category, draft.category)
    name = kind.name_en if language() == "en" else kind.name_zh
    return Telling(
        position=draft.position,
        category=draft.category,
        title=draft.title or name,
        actor=actor(),
        description=draft.description or None,
        address=draft.address or None,
        source=source,
        source_ref=source_ref,
        reported_at=at,
    )


def asked_for(draft: Draft, *more: str) -> list[str]:
    """All that a draft asks for, for the hash of its request; not which tickets have been looked at."""
    place = (draft.x, draft.y, draft.datum, draft.origin, draft.accuracy_m)
    words = (draft.category, draft.title, draft.description, draft.address, draft.is_handled)
    return [*(str(part) for part in (*place, *words)), *more]


def moment(name: str, zone: str) -> tuple[datetime | None, str]:
    """A date and time of the form in the district's zone, None for none; and how it was typed."""
    given_ = request.form.get(name, "").strip()
    try:
        found = datetime.fromisoformat(given_).replace(tzinfo=ZoneInfo(zone)) if given_ else None
    except ValueError:
        return None, given_
    return (found.astimezone(UTC) if found else None), given_


def made_at() -> datetime | None:
    """When a report was made that has waited for a network, by the seconds it says it waited; None for just now."""
    waited_s = _number("waited_s", low=SHORTEST_WAIT_S, high=LONGEST_WAIT_S)
    return None if waited_s is None else datetime.now(UTC) - timedelta(seconds=waited_s)


def plain(text: str) -> str:
    """A text as it is kept: line ends alike, no other control characters, no blanks around."""
    told = text.replace("\r\n", "\n").strip()
    return "".join(sign for sign in told if sign >= " " or sign == "\n")


def take_datum(draft: Draft, named: str) -> None:
    """Set the datum of a draft's numbers by its name; with one that is not known here they are nowhere."""
    try:
        draft.datum = datum_named(current_session(), named).name
    except DecodingOff:
        draft.wrong["place"] = _("GCJ-02 and BD-09 are not decoded here. Choose the place on the map.")
        draft.x = draft.y = None
    except (NotFound, UnknownDatum):
        draft.wrong["place"] = _("There is no datum “%(name)s” here.", name=named[:20])
        draft.x = draft.y = None
    degrees = draft.datum in {"wgs84", "cgcs2000", "gcj02", "bd09"}
    if degrees and not (_within(draft.x, 180) and _within(draft.y, 90)):
        draft.x = draft.y = None


def _take_spot(draft: Draft) -> None:
    """A place chosen from a list counts where none was told otherwise."""
    parts = request.form.get("spot", "").split(",")
    if draft.position is not None or len(parts) != 4:
        return
    numbers = [_read(part) for part in parts[:3]]
    if numbers[0] is not None and numbers[1] is not None and _within(numbers[0], 180) and _within(numbers[1], 90):
        draft.x, draft.y, draft.accuracy_m = numbers
        draft.origin = parts[3] if parts[3] in ORIGINS else ""
        draft.wrong.pop("place", None)


def _plain(name: str) -> str:
    return plain(request.form.get(name, ""))


def _word(name: str, known: Sequence[str] | dict[str, str]) -> str:
    told = _plain(name)
    return told if told in known else ""


def _number(name: str, *, low: float = -1e8, high: float = 1e8) -> float | None:
    """A number of the form within bounds; None for anything else."""
    found = _read(request.form.get(name, ""))
    return found if found is not None and low <= found <= high else None


def _read(told: str) -> float | None:
    try:
        found = float(told)
    except ValueError:
        return None
    # NaN is neither less nor more
    return found if abs(found) < 1e9 else None


def _within(value: float | None, most: float) -> bool:
    return value is not None and -most <= value <= most
