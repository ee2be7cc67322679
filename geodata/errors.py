"""What can go wrong with records, files and the database."""

from collections.abc import Sequence
from datetime import date, datetime

from spatial.errors import WanggeError


class DatabaseError(WanggeError):
    """The database is not usable as it stands."""


class DatabaseUnreachable(DatabaseError):
    """No server answers at the address we were given."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"no database answers at {where}: {reason.strip()}; start it, or set WANGGE_DATABASE_URL")
        self.where = where


class WrongLocale(DatabaseError):
    """Text search cannot see Chinese letters in this database."""

    def __init__(self, database: str) -> None:
        super().__init__(
            f"database {database} cannot compare Chinese text (LC_CTYPE is not a UTF-8 locale); "
            "create it again with ENCODING 'UTF8' LC_CTYPE 'C.UTF-8' TEMPLATE template0"
        )


class NotInitialised(DatabaseError):
    """There is no district in this database yet."""

    def __init__(self) -> None:
        super().__init__(
            "this data folder holds no district yet; run `wangge init --code … --name … --metre-crs EPSG:…` "
            "(or `wangge demo` for a made-up one)"
        )


class AlreadyInitialised(DatabaseError):
    """A district is there already, and another one was asked for."""

    def __init__(self, code: str, name: str) -> None:
        super().__init__(f"this data folder already holds {name} ({code}); choose another folder with --data")
        self.code = code


class SchemaBehind(DatabaseError):
    """The tables are older or newer than the program."""

    def __init__(self, found: str | None, wanted: str) -> None:
        super().__init__(
            f"the database is at schema {found or 'none'} and this program needs {wanted}; run `wangge db upgrade`"
        )
        self.found = found
        self.wanted = wanted


class BadSetting(WanggeError):
    """A setting has a value that cannot be used."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        super().__init__(f"{name} is {value!r}; it must be {wanted}")
        self.name = name
        self.value = value
        self.wanted = wanted


class NotFound(WanggeError):
    """Something asked for by name is not there."""

    def __init__(self, kind: str, name: str, known: Sequence[str] = ()) -> None:
        hint = f"; known are {', '.join(known)}" if known else ""
        super().__init__(f"there is no {kind} {name!r}{hint}")
        self.kind = kind
        self.name = name


class NotCalculated(NotFound):
    """Coverage is asked for that nobody has had calculated."""

    def __init__(self, radius_m: float | None, category: str | None) -> None:
        named = [f"radius={radius_m:g}"] if radius_m is not None else []
        named += [f"category={category}"] if category is not None else []
        name = "&".join(named)
        super().__init__("stored coverage with", name)
        self.args = (f"no coverage is stored for {name}; open /coverage?{name} first, which calculates it",)


class Refused(WanggeError):
    """The rules on records do not allow this."""


class NoBoundary(Refused):
    """Ground is asked for whose outline nobody has imported."""

    def __init__(self, what: str) -> None:
        super().__init__(f"there is no boundary for {what} yet; import it with `wangge import areas`")
        self.what = what


class NoCells(Refused):
    """Ground is to be worked with by its cells, and nobody has cut them."""

    def __init__(self, what: str) -> None:
        super().__init__(f"there are no grid cells in {what} yet; cut them with `wangge grid make`")
        self.what = what


class OutsideDistrict(WanggeError):
    """A place is asked about that lies beyond the district's boundary."""

    def __init__(self, lon: float, lat: float) -> None:
        super().__init__(f"the place {lon:.6f},{lat:.6f} (WGS 84) lies outside the district; choose one within it")
        self.lon = lon
        self.lat = lat


class BadLimit(WanggeError):
    """A time limit that nothing could be held to."""

    def __init__(self, amount: float, unit: str, units: Sequence[str]) -> None:
        super().__init__(
            f"{amount} {unit} is no time limit; write a number above 0 and one of the units {', '.join(units)}"
        )
        self.amount = amount
        self.unit = unit


class DayPassed(WanggeError):
    """A rule is to change from a day that is over, under which tickets have been filed."""

    def __init__(self, day: date, today: date) -> None:
        super().__init__(f"{day} is over; a rule changes from today ({today}) or a later day")
        self.day = day
        self.today = today


class BadCalendar(WanggeError):
    """A working calendar that contradicts itself, or cannot be read."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the working calendar cannot be used: {what}; correct its days and hours")
        self.what = what


class NoWorkingTime(BadCalendar):
    """Working time is counted with a calendar that has none."""

    def __init__(self, zone: str, first_year: int, last_year: int) -> None:
        super().__init__(f"it has no working time in {first_year} and {last_year} ({zone})")
        self.zone = zone
        self.first_year = first_year
        self.last_year = last_year


class BeyondCalendar(WanggeError):
    """Time is counted further away than calendars go."""

    def __init__(self, first_year: int, last_year: int) -> None:
        super().__init__(f"time is counted in the years {first_year} to {last_year} only; check the date and the limit")
        self.first_year = first_year
        self.last_year = last_year


class NaiveMoment(WanggeError):
    """A moment without a time zone, which could be any of many."""

    def __init__(self, moment: str) -> None:
        super().__init__(f"the moment {moment} has no time zone; give it one")
        self.moment = moment


class BadPause(WanggeError):
    """A clock that goes on before it stops."""

    def __init__(self, begins: str, ends: str) -> None:
        super().__init__(f"a pause begins at {begins} and ends before, at {ends}; correct one of them")
        self.begins = begins
        self.ends = ends


class MoveRefused(Refused):
    """A ticket cannot go this way now.

    word    which kind of reason it is, for a sentence in the reader's language.
    state   where the ticket is, with who brought it there and when, where that is the reason.
    """

    def __init__(
        self,
        number: str,
        action: str,
        why: str,
        *,
        word: str = "other",
        state: str | None = None,
        by: str | None = None,
        at: datetime | None = None,
    ) -> None:
        super().__init__(f"ticket {number} cannot be moved by {action!r}: {why}")
        self.number = number
        self.action = action
        self.why = why
        self.word = word
        self.state = state
        self.by = by
        self.at = at


class PolicyBegun(Refused):
    """A policy of assignment would begin before the one it follows."""

    def __init__(self, area_code: str, since: datetime) -> None:
        super().__init__(
            f"the assignment policy of {area_code} has begun at {since:%Y-%m-%d %H:%M:%S %Z}; "
            "let another begin at a later moment"
        )
        self.area_code = area_code
        self.since = since


class TooMany(Refused):
    """More at once than is taken."""

    def __init__(self, what: str, count: int, most: int) -> None:
        super().__init__(f"{count} {what} are too many; at most {most} are taken")
        self.what = what
        self.count = count
        self.most = most


class CellElsewhere(Refused):
    """A cell is said to have been walked by somebody whose duty grids do not hold it."""

    def __init__(self, cell_code: str) -> None:
        super().__init__(f"cell {cell_code} is in none of the duty grids that you walk; its own post writes it down")
        self.cell_code = cell_code


class PositionTooVague(Refused):
    """A device knows less exactly where it is than a cell is large."""

    def __init__(self, accuracy_m: float, side_m: float) -> None:
        super().__init__(
            f"the position is good to {accuracy_m:.0f} m only and a cell is {side_m:.0f} m wide; "
            "wait for a better one under the open sky"
        )
        self.accuracy_m = accuracy_m
        self.side_m = side_m


class ViewNameTaken(Refused):
    """Somebody has a saved view of that name already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"you have a saved view {name!r} already; choose another name, or delete that one first")
        self.name = name


class SourceKnown(Refused):
    """What is to be written down has been written down before.

    number   of the ticket that it is.
    """

    def __init__(self, source: str, source_ref: str, number: str) -> None:
        super().__init__(f"{source_ref!r} of {source!r} is ticket {number} already; look at that one")
        self.source = source
        self.source_ref = source_ref
        self.number = number


class NameTaken(Refused):
    """A user, or another kind of thing, of that name is there already."""

    def __init__(self, name: str, *, kind: str = "user", remedy: str = "set the role with `wangge user role`") -> None:
        super().__init__(f"there is a {kind} {name!r} already; choose another name, or {remedy}")
        self.kind = kind
        self.name = name


class PictureRefused(WanggeError):
    """An uploaded photo cannot be used.

    reason   `empty`; `heic`, the format of some phones; `unknown`, none of the formats taken; `damaged`, one of
             them but not whole; `too_large`.
    number   which of several, from 1; None where there is one.
    """

    number: int | None = None

    _REMEDIES = {  # noqa: RUF012 - a table, never written to
        "empty": "the photo is empty; choose it again",
        "heic": "the photo is in HEIC; set the camera of the phone to its most compatible format (JPEG), "
        "or save the photo as JPEG, and send that",
        "unknown": "this is no photo in JPEG, PNG or WebP; choose one of these",
        "damaged": "the photo is damaged or not whole; take or choose it again",
    }

    def __init__(self, reason: str, sentence: str | None = None) -> None:
        super().__init__(sentence or self._REMEDIES[reason])
        self.reason = reason


class PictureTooLarge(PictureRefused):
    """An uploaded photo has more bytes or pixels than are taken.

    found   how many, None where they are too many to say; `most` are taken.
    unit    `bytes`, `pixels` or `pixels on one side`.
    """

    def __init__(self, found: int | None, most: int, *, unit: str) -> None:
        many = f"{found:,}" if found is not None else "far too many"
        super().__init__("too_large", f"the photo has {many} {unit} and at most {most:,} are taken; send a smaller one")
        self.found = found
        self.most = most
        self.unit = unit


class TooManyPhotos(WanggeError):
    """More photos than one report, or one ticket, takes.

    there   how many of them the ticket has already.
    """

    def __init__(self, found: int, most: int, *, there: int = 0) -> None:
        whose = "a ticket has at most" if there else "at most"
        super().__init__(f"{whose} {most} photos, and these would be {found}; send fewer")
        self.found = found
        self.most = most
        self.there = there


class KeyReused(WanggeError):
    """A key that names one request came with another.

    number   of the ticket that the first one made, None where it made none.
    """

    def __init__(self, key: str, number: str | None) -> None:
        made = f" and made ticket {number}" if number else ""
        super().__init__(f"the key {key!r} was used for another request{made}; make a new key for each")
        self.key = key
        self.number = number


class KeyBusy(Refused):
    """A request with the same key is still under way."""

    def __init__(self, key: str) -> None:
        super().__init__(f"a request with the key {key!r} is under way; send it again in a moment")
        self.key = key


class PicturesBusy(WanggeError):
    """Other photos are being worked on, one at a time, and there were too many of them."""

    def __init__(self) -> None:
        super().__init__("other photos are being worked on; try again in a few seconds")


class NotJson(WanggeError):
    """A text that is not JSON as the standard has it; `position` is its line and column."""

    def __init__(self, reason: str, position: str) -> None:
        super().__init__(f"this is not JSON: {reason} at {position}; correct it there")
        self.reason = reason
        self.position = position


class DestinationRefused(WanggeError):
    """An address that messages may not be sent to.

    word   which kind of reason it is, for a sentence in the reader's language: `address`, `userinfo`, `listed`
           (the operator's list does not name it) or `resolved` (it leads somewhere that the list does not allow).
    """

    def __init__(self, where: str, word: str, why: str) -> None:
        super().__init__(f"messages cannot be sent to {where}: {why}")
        self.where = where
        self.word = word
        self.why = why


class DeliveryFailed(WanggeError):
    """A message has not arrived.

    is_unreachable   whether the other side could not be spoken to at all, so that others would not arrive either.
    """

    def __init__(self, why: str, *, is_unreachable: bool) -> None:
        super().__init__(f"the message has not arrived: {why}")
        self.why = why
        self.is_unreachable = is_unreachable


class LinkEnded(Refused):
    """A link to one ticket that was good once and is no longer.

    word   `used`, `revoked`, `expired`, or `reassigned` where the ticket no longer lies with the link's unit.
    """

    def __init__(self, word: str) -> None:
        super().__init__(f"this link is good no longer ({word}); ask the office that sent it for a new one")
        self.word = word


class FeedEnded(Refused):
    """An address of somebody's own for a feed that was good once and is no longer."""

    def __init__(self) -> None:
        super().__init__("this feed address was revoked; make another at /subscribe")


class AddressSettled(Refused):
    """Somebody else has decided about an address in the meantime.

    choice   `candidate`, `pin` or `nowhere`; None where it was placed without a person. `by` and `at` say who and
             when, as far as that is known.
    """

    def __init__(self, code: str, *, choice: str | None, by: str | None, at: datetime | None) -> None:
        super().__init__(
            f"{code} no longer waits: {by or 'geocoding'} settled it ({choice or 'placed'}); take the next"
        )
        self.code = code
        self.choice = choice
        self.by = by
        self.at = at


class AddressChanged(Refused):
    """What was shown of an address is no longer what is known: it was looked up anew."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the address of {code} was looked up anew; look at its candidates again")
        self.code = code


class DecisionEnded(Refused):
    """A decision cannot be taken back: it does not stand any more, or the record was given another place since."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the decision about {code} no longer stands; open the record to see what holds")
        self.code = code
