"""Errors in the reader's language. Programs and the command line get the error's own English sentence."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask_babel import format_datetime
from flask_babel import gettext as _

from geodata import errors as records
from geodata import export_errors as exports
from geodata.formats.errors import Unwritable
from geodata.record_errors import (
    BadValue,
    DemandTaken,
    DoesNotFit,
    FilterRefused,
    HasResolutions,
    ImportBusy,
    ImportsBusy,
    NotUndoable,
    Overlaps,
    PreviewOutdated,
    RecordChanged,
    StateRefused,
    StillUsed,
    TicketChanged,
    UploadsFull,
)
from spatial.errors import DecodingOff, NoSuchPlace, UnknownCrs, WanggeError
from webmap.errors import (
    BadBody,
    BadMember,
    BadParameter,
    BodyTooLarge,
    KeyElsewhere,
    KeyNeeded,
    KeyRefused,
    KeysTried,
    NotAllowed,
    PrinterBusy,
    PrintingUnavailable,
    ScopeLacking,
    SignInNeeded,
    SitingBusy,
    VersionNeeded,
    VersionPassed,
    WrongMediaType,
)
from webmap.filter_refusals import filter_refusal
from webmap.refusals import refusal


def sentence(error: WanggeError) -> str:
    """What is wrong and what to do, for a page; a sentence nobody has translated stays as it is."""
    for kind, say in _SAYINGS:
        if isinstance(error, kind):
            return say(error)
    return str(error)


def _taken(error: DemandTaken) -> str:
    if error.by:
        return str(
            _(
                "Project %(other)s looks after its demand %(demand)s now. "
                "Stop that one first, or start another project.",
                other=error.by,
                demand=error.demand,
            )
        )
    return str(
        _(
            "Its demand %(demand)s is withdrawn or met already. Ask for it anew first, or start another project.",
            demand=error.demand,
        )
    )


def _uploads_full(error: UploadsFull) -> str:
    if error.unit == "files":
        return str(_("%(most)s files of yours wait already. Import or discard one of them first.", most=error.most))
    most = error.most // 2**20
    return str(_("Your files that wait have %(most)s MB together. Import or discard one of them first.", most=most))


def explanation(status: HTTPStatus) -> str:
    """What a bare status means to a reader."""
    known = {
        HTTPStatus.NOT_FOUND: _("No page has this address. It may be mistyped, or the page has moved."),
        HTTPStatus.METHOD_NOT_ALLOWED: _("This page can only be read."),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("What was sent is larger than anything this form takes."),
        HTTPStatus.TOO_MANY_REQUESTS: _("After several wrong tries, wait a quarter of an hour."),
        HTTPStatus.FORBIDDEN: _("The form is out of date. Open the page again and send it once more."),
        HTTPStatus.SERVICE_UNAVAILABLE: _("The database does not answer in time. Try again in a moment."),
    }
    otherwise = _("The error has been written to the log. Try again, or tell the operator.")
    return str(known.get(status, otherwise))


def _photo_refused(error: records.PictureRefused) -> str:
    """Why a photo is not taken, and what to do; of several, which."""
    why = _why_refused(error)
    return why if error.number is None else str(_("Photo %(number)s: %(why)s", number=error.number, why=why))


def _why_refused(error: records.PictureRefused) -> str:
    if isinstance(error, records.PictureTooLarge):
        if error.unit == "bytes":
            return str(_("The photo is larger than %(most)s MB. Send a smaller one.", most=error.most // 2**20))
        if error.unit == "pixels on one side":
            return str(_("The photo has more than %(most)s pixels on one side. Cut it smaller.", most=error.most))
        most = round(error.most / 1e6)
        return str(_("The photo has more than %(most)s million pixels. Send a smaller one.", most=most))
    reasons = {
        "empty": _("The photo is empty. Choose it again."),
        "heic": _(
            "Photos in HEIC cannot be taken. Set the camera of the phone to “most compatible” (JPEG), "
            "or save the photo as JPEG, and send that."
        ),
        "unknown": _("This is no photo in JPEG, PNG or WebP. Choose one of these."),
        "damaged": _("The photo is damaged or not whole. Take it or choose it again."),
    }
    return str(reasons[error.reason])


def _destination_refused(error: records.DestinationRefused) -> str:
    """Why nothing is sent to an address, and what to do."""
    reasons = {
        "address": _("This is no whole address: write it as https://host/path."),
        "userinfo": _("An address with a user name or a password in it is not used."),
        "listed": _("The operator has not allowed this host and port. Ask for it to be added to WANGGE_WEBHOOK_HOSTS."),
        "resolved": _("The name of the host leads to an address that the operator has not allowed."),
    }
    return str(reasons[error.word])


def _settled(error: records.AddressSettled) -> str:
    """Who was first at an address, and what they decided."""
    what = {
        "candidate": _("a candidate was taken"),
        "pin": _("placed by hand"),
        "nowhere": _("has no place"),
    }.get(error.choice or "", _("placed without a person"))
    if error.by is None:
        return str(_("%(code)s no longer waits: %(what)s.", code=error.code, what=what))
    time = format_datetime(error.at, "HH:mm") if error.at else "–"
    return str(
        _("%(by)s was first at %(code)s (%(time)s): %(what)s.", by=error.by, code=error.code, time=time, what=what)
    )


def _bad_value(error: BadValue) -> str:
    """What a value of a record must be."""
    facts = error.facts
    wanted = {
        "missing": _("This is needed."),
        "too_long": _("At most %(most)s characters.", most=facts.get("most")),
        "number": _("Write a number from %(low)s to %(high)s.", low=facts.get("low"), high=facts.get("high")),
        "whole": _("Write a whole number from %(low)s to %(high)s.", low=facts.get("low"), high=facts.get("high")),
        "day": _("Write a day such as 2026-03-02."),
        "moment": _("Write a day and time such as 2026-03-02 14:00."),
        "time": _("Write a time such as 08:30."),
        "choice": _("Choose one of %(known)s.", known=facts.get("known")),
        "unknown": _("There is no “%(name)s” here.", name=error.value),
        "after": _("It must be after %(other)s.", other=facts.get("other")),
        "hours": _("Write opening hours such as Mo-Fr 08:30-17:00 or 24/7."),
        "place": _("Choose a place within the district."),
        "shape": _("Draw an area that does not cross itself, within the district."),
        "member": _("“%(name)s” is no member here on %(day)s.", name=error.value, day=facts.get("day")),
        "crosses": _(
            "The border crosses itself at %(lon)s, %(lat)s. Move a corner there.",
            lon=facts.get("lon"),
            lat=facts.get("lat"),
        ),
        "outside": _(
            "%(m2)s m² of it lie outside %(town)s. Draw it within its town.", m2=facts.get("m2"), town=facts.get("town")
        ),
        "overlaps": _(
            "It overlaps %(names)s. At most %(most)s %% of the smaller may be shared.",
            names=facts.get("names"),
            most=facts.get("most"),
        ),
        "elsewhere": _("This place lies in %(town)s. Choose one in the town of the record.", town=facts.get("town")),
        "several": _("Several have this name. Give the code."),
        "twice": _("It is named already. Name each unit once."),
        "code": _("Letters, digits and hyphens, at most 20."),
        "small": _("That is less than %(least)s m². Draw a larger area.", least=f"{facts.get('least', 0):g}"),
        "taken": _("“%(value)s” is taken. Choose another.", value=error.value),
        "past": _("Choose one that is over."),
        "early": _(
            "The meeting is on %(day)s. Note it from that day on, or change its time first.", day=facts.get("day")
        ),
        "text": _("Write text of at most %(most)s characters.", most=facts.get("most")),
        "property": _("This collection has no property “%(name)s”.", name=error.field),
        "fixed": _("This cannot be changed."),
        "region": _("It is more than %(km)s km beyond the district. Check its coordinates.", km=facts.get("km")),
        "common": _(
            "It has %(m2)s m² in common with %(names)s. Draw that border on one line.",
            m2=facts.get("m2"),
            names=facts.get("names"),
        ),
        "leaves": _("It would leave %(names)s outside. Change the outline of these first.", names=facts.get("names")),
        "period": _("Write a period such as 2026, 2026-Q1 or 2026-03."),
    }
    return str(wanted[error.word])


def _not_undoable(error: NotUndoable) -> str:
    """Why an import cannot be taken back."""
    number, facts = error.run, error.facts
    reasons = {
        "undone": _("Import %(number)s was taken back already.", number=number),
        "nothing": _("Import %(number)s changed nothing, so there is nothing to take back.", number=number),
        "forgotten": _(
            "What import %(number)s changed is not kept any more: it is more than %(days)s days old, or too large. "
            "Correct the records, or import the former file again.",
            number=number,
            days=facts.get("days"),
        ),
        "large": _(
            "Import %(number)s changed %(rows)s rows, more than a page can take back. "
            "The operator does it with wangge undo %(number)s.",
            number=number,
            rows=facts.get("rows"),
        ),
    }
    return str(reasons.get(error.word, _("Records stand in the way of taking import %(number)s back.", number=number)))


_SAYINGS: tuple[tuple[type[WanggeError], Callable[[Any], str]], ...] = (
    (
        BadParameter,
        lambda error: _(
            "%(name)s cannot be “%(value)s”. Correct it in the address.", name=error.name, value=error.value
        ),
    ),
    (BadBody, lambda _error: _("What was sent cannot be read as GeoJSON.")),
    (WrongMediaType, lambda error: _("Send this as %(kinds)s.", kinds=" / ".join(error.wanted))),
    (VersionNeeded, lambda _error: _("Say which version of the feature you change: send its ETag as If-Match.")),
    (VersionPassed, lambda _error: _("Somebody has changed this feature since. Read it again, then send your change.")),
    (BadMember, lambda error: _("“%(name)s” of what was sent cannot be used.", name=error.pointer or "/")),
    (BodyTooLarge, lambda _error: explanation(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)),
    (records.NotJson, lambda error: _("What was sent is not JSON: see %(where)s.", where=error.position)),
    (
        TicketChanged,
        lambda error: _("Somebody has changed ticket %(number)s. Look at it again first.", number=error.number),
    ),
    (SignInNeeded, lambda _error: _("Only those who sign in may see this.")),
    (
        KeyElsewhere,
        lambda _error: _("Keys open what is made for programs, not pages. Leave the key out and sign in."),
    ),
    (KeyNeeded, lambda _error: _("A key is needed here (api_key). Ask the administrator for one.")),
    (records.FeedEnded, lambda _error: _("This address was revoked. Make another on the page “Subscribe”.")),
    (KeyRefused, lambda _error: _("This key is wrong, revoked or expired. Make another on the page “Keys”.")),
    (KeysTried, lambda _error: explanation(HTTPStatus.TOO_MANY_REQUESTS)),
    (
        ScopeLacking,
        lambda error: (
            _("This key lacks the scope “%(scope)s”. Make a key that has it.", scope=error.scope)
            if error.scope
            else _("No key may do this. Sign in with name and password.")
        ),
    ),
    (NotAllowed, lambda _error: _("Ask the administrator for another role if you need this.")),
    (records.NotFound, lambda error: _("There is no “%(name)s” here.", name=error.name)),
    (records.MoveRefused, refusal),
    (NoSuchPlace, lambda _error: _("This place is too far away: the district's metres do not reach there.")),
    (UnknownCrs, lambda error: _("“%(crs)s” is no coordinate system that is offered here.", crs=error.text)),
    (FilterRefused, filter_refusal),
    (DecodingOff, lambda _error: _("GCJ-02 and BD-09 are not decoded here. Use coordinates in CGCS2000 or WGS 84.")),
    (
        records.SourceKnown,
        lambda error: _("This has been written down before, as ticket %(number)s.", number=error.number),
    ),
    (
        records.KeyReused,
        lambda error: (
            _("This form has been sent already, as ticket %(number)s. Open a new one.", number=error.number)
            if error.number
            else _("This form has been sent already. Open a new one.")
        ),
    ),
    (records.KeyBusy, lambda _error: _("This report is just being stored. Try again in a moment.")),
    (
        records.TooManyPhotos,
        lambda error: _("At most %(most)s photos; these are %(many)s.", most=error.most, many=error.found),
    ),
    (records.PictureRefused, _photo_refused),
    (
        exports.ExportsBusy,
        lambda _error: _("Other exports are being made. Try again in a few seconds, or take GeoJSON or CSV."),
    ),
    (
        exports.ExportTooLong,
        lambda _error: _("The file was not ready in time. Ask for less: a box, a condition, another format."),
    ),
    (exports.ExportCancelled, lambda _error: _("The export was cancelled.")),
    (Unwritable, lambda _error: _("The file could not be written. Ask for less at a time, or take another format.")),
    (records.PicturesBusy, lambda _error: _("Other photos are being worked on. Try again in a few seconds.")),
    (
        records.DayPassed,
        lambda error: _("The day %(day)s is over; a rule changes from today or a later day.", day=error.day),
    ),
    (
        records.BadCalendar,
        lambda _error: _(
            "The days or hours contradict each other, or leave no working time. Check that the first day stands before "
            "the last (60 days at most), and each spell of work ends before the next begins."
        ),
    ),
    (
        records.TooMany,
        lambda error: _("At most %(most)s at once; here are %(count)s.", most=error.most, count=error.count),
    ),
    (
        records.CellElsewhere,
        lambda error: _("Cell %(code)s is in none of your duty grids.", code=error.cell_code),
    ),
    (
        records.PositionTooVague,
        lambda error: _(
            "The position is good to %(accuracy)s m only, a cell is %(side)s m wide. Try again under the open sky.",
            accuracy=f"{error.accuracy_m:.0f}",
            side=f"{error.side_m:.0f}",
        ),
    ),
    (
        records.ViewNameTaken,
        lambda error: _("You have a view “%(name)s” already. Choose another name.", name=error.name),
    ),
    (records.DestinationRefused, _destination_refused),
    (records.AddressSettled, _settled),
    (
        records.AddressChanged,
        lambda error: _("%(code)s was looked up anew. Look at its candidates again.", code=error.code),
    ),
    (
        records.DecisionEnded,
        lambda error: _("The decision about %(code)s no longer stands, so it was not taken back.", code=error.code),
    ),
    (
        records.NameTaken,
        lambda error: _("The name “%(name)s” is taken. Choose another.", name=error.name),
    ),
    (BadValue, _bad_value),
    (
        Overlaps,
        lambda error: _("This overlaps %(other)s. End that first, or choose other days.", other=error.other),
    ),
    (
        RecordChanged,
        lambda error: _(
            "Somebody has changed %(code)s since you opened it. Open it again, look, and enter your change anew.",
            code=error.code,
        ),
    ),
    (
        StillUsed,
        lambda error: _(
            "%(code)s still has %(count)s that hang on it. Give them to another one first, then remove it.",
            code=error.code,
            count=error.count,
        ),
    ),
    (
        StateRefused,
        lambda _error: _("Somebody has moved this on in the meantime. Open it again and look."),
    ),
    (DemandTaken, _taken),
    (UploadsFull, _uploads_full),
    (
        PreviewOutdated,
        lambda _error: _("This preview is not the newest any more. Look at it again, then import."),
    ),
    (
        ImportsBusy,
        lambda _error: _("Somebody else is changing the same records just now. Try again in a few seconds."),
    ),
    (
        HasResolutions,
        lambda error: _(
            "%(count)s tasks are written down already. Write what it came to and close it instead.", count=error.count
        ),
    ),
    (
        DoesNotFit,
        lambda error: _("Resource %(code)s does not fit this demand any more. Choose another.", code=error.resource),
    ),
    (records.OutsideDistrict, lambda _error: _("This place lies outside the district.")),
    (
        records.NoBoundary,
        lambda error: _("%(what)s has no boundary yet. Import it first, then open this again.", what=error.what),
    ),
    (
        records.NoCells,
        lambda error: _("%(what)s has no grid cells yet. Whoever keeps the grid cuts them first.", what=error.what),
    ),
    (
        records.NotInitialised,
        lambda _error: _("There is no district here yet. The operator makes one with wangge init."),
    ),
    (
        PrintingUnavailable,
        lambda _error: _(
            "This server cannot make PDF yet: Pango or a Chinese font is missing. The operator installs "
            "libpango-1.0-0, libpangoft2-1.0-0, libharfbuzz-subset0 and fonts-noto-cjk. Printing from the page works."
        ),
    ),
    (NotUndoable, _not_undoable),
    (
        ImportBusy,
        lambda _error: _("A file is being imported at this moment, or another import taken back. Try again after it."),
    ),
    (PrinterBusy, lambda _error: _("Another PDF is being made. Try again in a few seconds.")),
    (SitingBusy, lambda _error: _("Sites are being looked for already. Try again in a few seconds.")),
    (records.DatabaseError, lambda _error: explanation(HTTPStatus.SERVICE_UNAVAILABLE)),
)
