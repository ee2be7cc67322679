"""What can be wrong with a record that somebody writes, or with a filter that somebody asks for records by."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from geodata.errors import Refused
from spatial.errors import WanggeError

Fact = str | int | float


class BadValue(WanggeError):
    """A value that a record cannot have, told by its field and a word of WANTED, so that a form can show it there."""

    WANTED: ClassVar[dict[str, str]] = {
        "missing": "it must not be empty",
        "too_long": "it may have {most} characters",
        "number": "it must be a number from {low} to {high}",
        "whole": "it must be a whole number from {low} to {high}",
        "day": "it must be a day such as 2026-03-02",
        "moment": "it must be a day and time such as 2026-03-02T14:00",
        "time": "it must be a time such as 08:30",
        "choice": "it must be one of {known}",
        "unknown": "there is none of this code or name",
        "after": "it must be after {other}",
        "hours": "it must be opening hours such as Mo-Fr 08:30-17:00 or 24/7",
        "place": "it must be a place within the district",
        "shape": "it must be a polygon that does not cross itself, within the district",
        "member": "it must be a unit of this network on {day}",
        "crosses": "its border crosses itself at {lon}, {lat}; move a corner there",
        "outside": "{m2} m² of it lie outside {town}; draw it within its town",
        "overlaps": "it overlaps {names}; at most {most} % of the smaller may be shared",
        "elsewhere": "it lies in {town}; choose a place in the town of the record",
        "several": "several have this name; give the code",
        "twice": "it is named already; name each unit once",
        "code": "it may have letters, digits and hyphens, at most 20",
        "small": "it must have an area of {least} m² or more",
        "taken": "another record has it already",
        "past": "it must be over",
        "early": "the meeting is on {day}; note it from that day on, or change its time first",
        "text": "it must be text of {most} characters or fewer, without control characters",
        "property": "this collection has no such property; its schema lists those there are",
        "fixed": "it cannot be changed; leave it out, or send what it is now",
        "region": "it is more than {km} km beyond the district; check the order and the system of its coordinates",
        "common": "it has {m2} m² in common with {names}; draw that border on one line",
        "leaves": "it would leave {names} outside; change the outline of these first",
        "period": "it must be a period such as 2026, 2026-Q1 or 2026-03",
    }

    def __init__(self, field: str, word: str, value: object = "", **facts: Fact) -> None:
        shown = str(value)[:80]
        super().__init__(f"{field} is {shown!r}: {self.WANTED[word].format(**facts)}")
        self.field = field
        self.word = word
        self.value = shown
        self.facts = facts


class PersonalColumn(WanggeError):
    """A table would hold what is never stored about a person."""

    def __init__(self, table: str, column: str, what: str) -> None:
        super().__init__(
            f"{table}.{column} would hold {what} of a person, which is never stored; keep a count or a post"
        )
        self.column = column
        self.what = what


class Overlaps(Refused):
    """Two records would hold at the same time where there can be one."""

    def __init__(self, what: str, other: str) -> None:
        super().__init__(f"{what} overlaps {other}; end that one first, or choose other days")
        self.what = what
        self.other = other


class FieldProblem(NamedTuple):
    """One thing that is wrong with what was sent: the field, and what it must be."""

    field: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.field} {self.wanted}"


class FieldsWrong(WanggeError):
    """Fields of a request cannot be used; all of them are told at once."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__("; ".join(str(one) for one in problems))
        self.problems = tuple(problems)


class RecordChanged(Refused):
    """Somebody else has changed the record since it was opened."""

    def __init__(self, kind: str, code: str) -> None:
        super().__init__(f"{kind} {code} has been changed since it was opened; open it again and look")
        self.kind = kind
        self.code = code


class TicketChanged(WanggeError):
    """Something has happened to a ticket since it was looked at.

    version   number of the newest event that it has now.
    """

    def __init__(self, number: str, version: int) -> None:
        super().__init__(
            f"ticket {number} has changed and is of version {version} now; read it again, then decide anew"
        )
        self.number = number
        self.version = version


class StillUsed(Refused):
    """A record cannot be removed while others hang on it."""

    def __init__(self, kind: str, code: str, *, count: int, users: str) -> None:
        super().__init__(f"{kind} {code} still has {count} {users}; give them to another one first")
        self.kind = kind
        self.code = code
        self.count = count
        self.users = users


class StateRefused(Refused):
    """A record's state does not allow what is asked; look at it again."""

    def __init__(self, what: str, state: str, action: str) -> None:
        super().__init__(f"{what} is {state}, and so cannot be {action}; look at it again")
        self.what = what
        self.state = state
        self.action = action


class DemandTaken(Refused):
    """A project cannot be taken up again: what was asked for is looked after otherwise, or not wanted any more."""

    def __init__(self, project: str, demand: str, state: str, *, by: str | None = None) -> None:
        there = f"project {by} looks after demand {demand}" if by else f"demand {demand} is {state}"
        super().__init__(f"project {project} cannot begin again: {there}; stop that first, or start another project")
        self.project = project
        self.demand = demand
        self.state = state
        self.by = by


class HasResolutions(Refused):
    """What was resolved upon cannot be called off; it took place."""

    def __init__(self, code: str, count: int) -> None:
        super().__init__(f"{code} has {count} resolutions, and so took place; write its minutes and close it instead")
        self.code = code
        self.count = count


class DoesNotFit(Refused):
    """A resource that is to meet a demand does not fit it; `words` say why, as the rule of matching has them."""

    def __init__(self, demand: str, resource: str, words: Sequence[str]) -> None:
        super().__init__(f"resource {resource} does not fit demand {demand} ({', '.join(words)}); choose another")
        self.demand = demand
        self.resource = resource
        self.words = tuple(words)


class FilterRefused(WanggeError):
    """A filter that is not taken, told by a word of REASONS and the facts of it.

    where   the place in the filter: a character, counted from 1; in JSON the path of a value such as `/args/0`, or
            line and column; None where it is the filter as a whole.
    """

    REASONS: ClassVar[dict[str, str]] = {
        # what is told of the filter as a whole
        "empty": "it is empty; write a condition such as name = 'x', or leave it out",
        "language": "{found} is no language of filters here; use cql2-text or cql2-json",
        "long": "it has more than {most} bytes; shorten it",
        "deep": "it has more than {most} levels of nesting; write it flatter",
        "conditions": "it has more than {most} conditions; ask in several requests",
        "items": "a list has more than {most} values; ask in several requests",
        "vertices": "its geometries have more than {most} vertices, those of long edges counted; simplify them",
        "character": "it holds a character that no text can have; remove it",
        # how it is written
        "sign": "{found} cannot be read; put texts in '…', and names with other signs than letters in \"…\"",
        "arithmetic": "nothing is calculated in filters; write the result",
        "syntax": "{found} does not fit there; it may be {expected}",
        "end": "it ends too early; there may follow {expected}",
        "json": "it is not JSON ({why}); correct it there",
        "form": "{found} is not CQL2; write {wanted}",
        "operator": "there is no {found} here; what there is: {known}",
        "bare": "{found} alone is no condition; compare it with something",
        # what it asks for
        "property": "there is no property {found}; it may be {known}",
        "kinds": "{left} ({left_kind}) cannot be compared with {right} ({right_kind}); both must be of one kind",
        "spatial": "{found} is a geometry; relate it to another one by S_INTERSECTS and its like",
        "scalar": "{found} ({kind}) is no geometry; name geom, or write one such as POINT(121.4 31.1)",
        "order": "TRUE and FALSE have no order; compare {found} with = or <>",
        "text": "{found} ({kind}) is no text, and LIKE and CASEI take only texts",
        "range": "{found} ({kind}) is neither a number nor a time, and BETWEEN takes only these",
        "pattern": "LIKE takes a text in quotes, in which % stands for any signs and _ for one",
        "escape": "the pattern ends with the escape sign; write it twice to mean the sign itself",
        "number": "{found} is too large for a number",
        "day": "{found} is no day of the calendar, such as 2026-03-02",
        "moment": "{found} is no moment, such as 2026-03-02T06:30:00Z",
        # its geometries
        "position": "{found} does not fit into a {kind}; write positions of two numbers, nested as the kind needs",
        "few": "a {kind} needs {least} positions or more there",
        "open_ring": "a ring does not end where it begins; repeat its first position",
        "invalid": "the geometry crosses itself, or its parts lie upon each other, at {lon}, {lat}; correct it",
        "box": "a box has four numbers, or six with heights; the least of both axes, then the greatest",
        "place": "{x}, {y} is no place on the globe in EPSG:{srid}; check the order of the two and the CRS",
        "edges": "the edges of the geometry are more than {most_km} km in all; ask in degrees",
        "collection": "a collection of several kinds of geometry goes with S_INTERSECTS and S_DISJOINT alone",
    }

    def __init__(self, word: str, where: int | str | None = None, **facts: Fact) -> None:
        place = f" at character {where}" if isinstance(where, int) else f" at {where}" if where else ""
        super().__init__(f"the filter is refused{place}: {self.REASONS[word].format(**facts)}")
        self.word = word
        self.where = where
        self.facts = facts


class ImportBusy(Refused):
    """Somebody else imports, or takes an import back, at this moment."""

    def __init__(self) -> None:
        super().__init__(
            "a file is being imported, or an import taken back, at this moment; try again when that is done"
        )


class NotUndoable(Refused):
    """An import cannot be taken back; `word` of WHY says why."""

    WHY: ClassVar[dict[str, str]] = {
        "undone": "was taken back already",
        "nothing": "changed nothing, so there is nothing to take back",
        "forgotten": (
            "has no changes kept: it is more than {days} days old, changed more than {rows} rows, or came before this "
            "program kept them; correct the records, or import the former file again"
        ),
        "large": "changed {rows} rows, more than the {most} that a page takes back; use `wangge undo`",
        "whole": "can only be taken back as a whole, as its boundaries belong together; {conflicts}",
        "partly": "{conflicts}",
    }

    def __init__(self, run: int, word: str, **facts: Fact) -> None:
        super().__init__(f"import {run} {self.WHY[word].format(**facts)}")
        self.run = run
        self.word = word
        self.facts = facts


class UploadsFull(Refused):
    """Somebody has as many files waiting for their import as one may have; `unit` is `files` or `bytes`."""

    def __init__(self, unit: str, most: int) -> None:
        super().__init__(f"at most {most:,} {unit} wait for an import; import or discard one of yours first")
        self.unit = unit
        self.most = most


class PreviewOutdated(Refused):
    """What was looked at is no longer what would be stored: options were changed elsewhere, or a check is missing."""

    def __init__(self) -> None:
        super().__init__("the preview is not that of these options any more; look at it again, then import")


class ImportsBusy(WanggeError):
    """As many imports as this server works on at once are under way, or others hold the records."""

    def __init__(self) -> None:
        super().__init__("other imports are under way; try again in a few seconds")
