"""What an import tells its reader: evidence on the datum, refusals, problems of rows and notes, in their language."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from flask_babel import gettext as _

from webmap.languages import language

# Sentences of ours with what varies in them, and how each goes on in the reader's language; English stays as it is.
_NAMED = re.compile(r"%\((\w+)\)s")


class Reading(NamedTuple):
    """A way to read the coordinates, and what speaks for it."""

    name: str
    title: str
    evidence: list[str]
    is_chosen: bool
    is_likely: bool


class DatumTold(NamedTuple):
    """What the check says of the datum: one sentence, and the readings that were weighed.

    mark   `ok`, `warn` or `late`, for its colour and shape.
    """

    mark: str
    says: str
    advice: str
    readings: list[Reading]


def datum_title(name: str | None) -> str:
    """A datum as people write it."""
    titles = {
        "wgs84": "WGS 84",
        "cgcs2000": "CGCS2000",
        "gcj02": str(_("GCJ-02 (AMap, Tencent)")),
        "bd09": str(_("BD-09 (Baidu)")),
        "unknown": str(_("I do not know")),
    }
    if not name:
        return "–"
    return titles.get(name, name.upper() if name.startswith("epsg:") else name)


def datum_told(facts: Mapping[str, Any]) -> DatumTold | None:
    """What a check found out about the datum; None where the file has no places, or nothing was weighed."""
    finding, verdict, chosen = facts.get("finding"), facts.get("verdict"), facts.get("datum")
    readings = _readings(finding, verdict, chosen)
    if facts.get("refused_for") == "datum":
        return DatumTold("late", str(_("The places speak against this datum.")), "", readings)
    if finding is None:
        return None
    if not any(reading.evidence for reading in readings) and finding["hypotheses"]:
        says = _("Nothing is known to weigh the datum by. Ask whoever made the file.")
        return DatumTold("warn", str(says), "", [])
    if chosen not in {None, "unknown"}:
        fits = finding["datum"] == chosen
        says = _("The places fit this datum.") if fits else _("Nothing speaks clearly against this datum.")
        return DatumTold("ok", str(says), "", readings)
    return _guess(finding, readings)


def _guess(finding: Mapping[str, Any], readings: list[Reading]) -> DatumTold:
    """What the places look like where no datum was chosen."""
    if not finding["hypotheses"]:
        says = _("No way to read these numbers puts the file near the district. Is it the right file?")
        return DatumTold("late", str(says), "", readings)
    if finding["is_clear"]:
        says = _("It looks like %(datum)s.", datum=datum_title(finding["datum"]))
        return DatumTold("ok", str(says), _advice(finding), readings)
    says = _(
        "It cannot be told what datum this is. Ask whoever made the file; a file of 20 rows or more with "
        "addresses tells more."
    )
    return DatumTold("warn", str(says), "", readings)


def _advice(finding: Mapping[str, Any]) -> str:
    if finding["form"] not in {None, "plain"}:
        return str(_("Write the degrees as decimal numbers first."))
    if finding["is_swapped"]:
        return str(_("Longitude and latitude are exchanged: choose their columns the other way round."))
    return str(_("Choose it if whoever made the file says so too."))


def _readings(
    finding: Mapping[str, Any] | None, verdict: Mapping[str, Any] | None, chosen: str | None
) -> list[Reading]:
    """The likeliest four."""
    found: list[Reading] = []
    # how degrees may be written otherwise is of interest where it is the likeliest alone
    weighed = [
        one for i, one in enumerate((finding or {}).get("hypotheses", [])) if i == 0 or one["form"] in {None, "plain"}
    ]
    for one in weighed[:4]:
        more = [str(_("x and y exchanged"))] if one["is_swapped"] else []
        name = one["datum"]
        is_likely = bool(finding and finding["is_clear"] and finding["datum"] == name and not found)
        parts = [told(part) for part in one["told"].split(", ") if part]
        found.append(
            Reading(
                one["datum"], ", ".join([datum_title(one["datum"]), *more]), parts, one["datum"] == chosen, is_likely
            )
        )
    if not found and verdict:
        for weight in verdict["weights"]:
            parts = []
            if weight["inside_of"]:
                parts.append(told(f"{weight['inside']} of {weight['inside_of']} inside the district"))
            if weight["named_of"]:
                parts.append(told(f"{weight['named']} of {weight['named_of']} in the area their address names"))
            name = weight["datum"]
            found.append(Reading(name, datum_title(name), parts, name == chosen, name == verdict["best"]))
    return found


def refusal(error: Mapping[str, Any]) -> str:
    """Why a file cannot be taken in as it stands, and what to do; `error` as `told_error` gives it."""
    word, fields = error["word"], _(", ").join(field_title(name) for name in error.get("fields", ()))
    known = {
        "DatumNeeded": _("Choose below what its coordinates mean. A wrong datum is off by 500 to 1,100 m, "
                         "and shows on no map."),
        "FieldsMissing": _("No column was recognised as: %(fields)s. Choose it below, or give all rows one value.",
                           fields=fields),
        "PersonalData": _("The columns %(headings)s are about persons. No such data is held here about anybody, and "
                          "the file was deleted at once. Take the columns out and send it again.",
                          headings=_(", ").join(error.get("headings", ()))),
        "DatumDisagrees": _("The file itself says another coordinate system than the one chosen. Choose that one, or "
                            "say below that the file is mislabelled."),
        "LayerNeeded": _("The file has several sheets or layers. Choose one below."),
        "UnknownDatum": _("There is no coordinate system of this name. Write EPSG and its number, such as EPSG:4549."),
        "NotFound": _("There is no coordinate system of this name. Write EPSG and its number, such as EPSG:4549."),
        "DecodingOff": _("GCJ-02 and BD-09 are not decoded here. Use coordinates in CGCS2000 or WGS 84."),
        "UnknownFormat": _(
            "Files of this kind are not read here. Save it as CSV, XLSX, GeoJSON, GeoPackage, FlatGeobuf, GeoParquet, "
            "KML, GPX, or a Shapefile in a zip file."
        ),
        "WrongFormat": _("The content is not what the ending of its name says. Save it again in its own format."),
        "UnsafeArchive": _("This zip file is not safe to open. Pack the files again, in one plain folder."),
        "TooLarge": _("The file is larger than is read at once. Split it into several."),
        "ImportsBusy": _("Somebody else is changing the same records just now. Try again in a few seconds."),
        "PreviewOutdated": _("The records have changed since this was looked at, so nothing was stored. Look at it "
                             "again, then import."),
        "TooSlow": _("It takes longer than an import on the web may. Split the file, or ask the operator to import it "
                     "on the command line."),
        "NoRoom": _("The server has no room for it now. Try again later, or tell the operator."),
        "Unexpected": _("An error of the program: nothing was stored, and it has been written to the log."),
        "BadOption": _("Choose a level for the areas."),
    }  # fmt: skip
    if word in known:
        return str(known[word])
    return f"{_('The file cannot be read.')} {error['said']}"


def field_title(name: str, headings: Sequence[str] = ()) -> str:
    """A field as a reader knows it: in Chinese the heading that lists mostly have."""
    known = {"lon": _("longitude"), "lat": _("latitude"), "geometry": _("boundary"), "position": _("position")}
    if name in known:
        return str(known[name])
    if language() != "en":
        chinese = next((one for one in headings if re.fullmatch("[\u4e00-\u9fff]+", one)), None)
        if chinese:
            return chinese
    common = {
        "name": _("name"),
        "code": _("code"),
        "address": _("address"),
        "kind": _("kind"),
        "town": _("town"),
        "accuracy_m": _("accuracy, m"),
        "level": _("level"),
        "parent_code": _("code of the area above"),
        "town_code": _("code of the town"),
        "village_code": _("code of the village"),
        "valid_from": _("holds from"),
        "valid_to": _("holds until"),
        "is_active": _("active"),
        "source": _("source"),
        "origin": _("where it is from"),
    }
    return str(common.get(name, name.replace("_", " ")))


def told(sentence: str) -> str:
    """A sentence of an import in the reader's language, and without options of the command line.

    One that nobody has translated stays as it is.
    """
    for pattern, words in _sentences(language()):
        if found := pattern.fullmatch(sentence):
            named = found.groupdict()
            if "what" in named:
                named["what"] = _records().get(named["what"], named["what"])
            return words % named
    return sentence


def _records() -> dict[str, str]:
    """What a row refers to and is not there."""
    return {
        "category": _("kind of issue"),
        "kind of unit": _("kind of unit"),
        "kind of resource": _("kind of resource"),
        "unit": _("unit"),
        "district": _("district"),
        "town": _("town"),
        "village": _("village"),
        "region": _("region"),
        "block": _("block"),
        "team": _("team"),
        "point": _("point"),
    }


def standings() -> dict[str, str]:
    """What would become of a row."""
    return {
        "new": _("newly added"),
        "changed": _("changed"),
        "unchanged": _("unchanged"),
        "bad": _("bad"),
        "read": _("read"),
    }


@cache
def _sentences(_language: str) -> list[tuple[re.Pattern[str], str]]:
    """What imports say most: the pattern of each sentence, and its translation with the same names."""
    english = {
        "%(n)s of %(of)s inside the district": _("%(n)s of %(of)s inside the district"),
        "%(n)s of %(of)s in the area their address names": _("%(n)s of %(of)s in the area their address names"),
        "%(n)s of %(of)s that name another district outside of this one": _(
            "%(n)s of %(of)s that name another district outside of this one"
        ),
        "%(m)s m in the median from known places (%(n)s)": _("%(m)s m in the median from known places (%(n)s)"),
        "%(m)s m in the median from known points of %(n)s roads": _(
            "%(m)s m in the median from known points of %(n)s roads"
        ),
        "%(n)s of %(of)s known places of the district in its areas": _(
            "%(n)s of %(of)s known places of the district in its areas"
        ),
        "%(n)s of %(of)s points on the right side of the district's outline": _(
            "%(n)s of %(of)s points on the right side of the district's outline"
        ),
        "%(n)s of %(of)s areas inside the district": _("%(n)s of %(of)s areas inside the district"),
        "%(n)s of %(of)s places in the area their address names": _(
            "%(n)s of %(of)s places in the area their address names"
        ),
        "it is empty": _("it is empty"),
        "it is not a number": _("it is not a number"),
        "it is not a finite number": _("it is not a finite number"),
        "it must be above 0": _("it must be above 0"),
        "it must be a whole number, 0 or more": _("it must be a whole number, 0 or more"),
        "one of the two coordinates is missing": _("one of the two coordinates is missing"),
        "it has no position, and this kind needs one": _("it has no position, and this kind needs one"),
        "write degrees as a decimal number": _("write degrees as a decimal number"),
        "write yes or no (是 or 否)": _("write yes or no (是 or 否)"),
        "it must be one of %(list)s": _("it must be one of %(list)s"),
        "a code has no spaces": _("a code has no spaces"),
        "there is no %(what)s of this code or name": _("there is no %(what)s of this code or name"),
        "it is no place on the globe in %(datum)s": _("it is no place on the globe in %(datum)s"),
        "row %(row)s has the same key (%(key)s) and differs in %(list)s": _(
            "row %(row)s has the same key (%(key)s) and differs in %(list)s"
        ),
        "a point is needed, and this is a %(what)s": _("a point is needed, and this is a %(what)s"),
        "columns not taken in: %(list)s": _("columns not taken in: %(list)s"),
        "%(n)s positions lie outside the district": _("%(n)s positions lie outside the district"),
        "%(n)s rows repeat an earlier row word for word and count once": _(
            "%(n)s rows repeat an earlier row word for word and count once"
        ),
        "row %(row)s: the address names %(named)s, the position lies in %(found)s": _(
            "row %(row)s: the address names %(named)s, the position lies in %(found)s"
        ),
        "%(n)s more rows lie in another town than their address names": _(
            "%(n)s more rows lie in another town than their address names"
        ),
        "the file has no rows": _("the file has no rows"),
        "the district's boundary was derived from its %(n)s towns: %(area)s": _(
            "the district's boundary was derived from its %(n)s towns: %(area)s"
        ),
        "%(n)s gaps of together %(area)s between the areas: %(list)s": _(
            "%(n)s gaps of together %(area)s between the areas: %(list)s"
        ),
        "%(n)s units got codes made of name and address": _("%(n)s units got codes made of name and address"),
        "the file does not tell the kind of unit: new units are 'other'; give it with --map kind==CODE": _(
            "the file does not tell the kind of unit: new units are “other”; give all rows one value for it above"
        ),
        "taken as %(datum)s, as you said to, although: %(why)s": _(
            "taken as %(datum)s, as you said to, although: %(why)s"
        ),
        "%(n)s of %(of)s rows have problems, so nothing was stored; "
        "correct them, or store the others with --skip-bad": _(
            "%(n)s of %(of)s rows have problems, so nothing was stored"
        ),
        "coordinates have so few decimals that they are good to %(m)s m only": _(
            "coordinates have so few decimals that they are good to %(m)s m only"
        ),
        "the file was read as %(what)s": _("the file was read as %(what)s"),
        "%(n)s areas have no boundary yet": _("%(n)s areas have no boundary yet"),
    }
    return [(_pattern(sentence), str(words)) for sentence, words in english.items()]


def _pattern(sentence: str) -> re.Pattern[str]:
    pieces = _NAMED.split(sentence)
    made = "".join(f"(?P<{piece}>.+?)" if i % 2 else re.escape(piece) for i, piece in enumerate(pieces))
    return re.compile(made, re.DOTALL)
