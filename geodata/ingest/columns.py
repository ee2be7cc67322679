"""Which column of a file holds which field of a kind."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from geodata.formats.table import Value
from geodata.ingest.cells import Checker
from geodata.ingest.errors import BadMapping, FieldsMissing, PersonalData
from geodata.privacy import reason
from spatial.crs import Datum
from spatial.errors import UnknownDatum

CONSTANT = "="

# Lists of posts come with columns about whoever is on the post; these stay outside, and the rest comes in.
_OF_HOLDERS = re.compile(
    "姓名|手机|电话|联系方式|微信|工号|性别|年龄|出生|照片|(网格员|网格长|责任人|负责人|联系人|人员)$|"
    "fullname|mobile|phone|cellular|wechat|gender|birth|(officer|person)(name)?$"
)


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a row may tell.

    headings   spellings recognised, beside the name itself; compared without case, spaces and signs.
    required   every row must have it.
    """

    name: str
    check: Checker
    headings: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where a field's value comes from: a column, or one constant for all rows."""

    column: str | None = None
    constant: str | None = None

    def of(self, row: Mapping[str, Value]) -> Value:
        """The value in one row."""
        return self.constant if self.column is None else row[self.column]


@dataclass(slots=True)
class Binding:
    """The fields that were found, and the columns that nobody asked for.

    of_holders   columns about whoever is on a post, which are not taken in.
    place_hint   the datum in the headings of the coordinates, None when they tell none.
    """

    sources: dict[str, Source]
    unused: tuple[str, ...] = ()
    of_holders: tuple[str, ...] = ()
    place_hint: Datum | None = None


class Asked(TypedDict):
    """What `bind` is told beside fields and headings."""

    mapping: Mapping[str, str] | None
    places: bool
    declared: Datum | None
    posts_only: bool


def key_of(heading: str) -> str:
    """A heading without case, width, spaces and signs: `Lng_BD09` and `lng bd09` are one."""
    return re.sub(r"[^0-9a-z\u3400-\u9fff]", "", unicodedata.normalize("NFKC", heading).lower())


def refuse_personal(headings: Sequence[str]) -> None:
    """Raise PersonalData, with the reasons, when a heading is about a person."""
    found = {heading: why for heading in headings if (why := reason(heading))}
    if found:
        raise PersonalData(found)


def bind(
    fields: Sequence[Field],
    headings: Sequence[str],
    *,
    mapping: Mapping[str, str] | None = None,
    places: bool,
    declared: Datum | None,
    posts_only: bool = False,
) -> Binding:
    """Find each field's column.

    mapping    field → heading, or `=value` for a constant; goes before what is recognised. A field may be
               named by any heading it is recognised by.
    places     whether this kind may have `lon` and `lat` columns.
    declared   the declared datum: of several pairs of coordinates the one named after it is taken.
    posts_only leave columns about whoever is on a post outside; a mapping to one of them is refused.

    Raises BadMapping, FieldsMissing and PersonalData.
    """
    refuse_personal(headings)
    sources = _mapped(fields, headings, mapping or {}, places=places)
    taken = {source.column for source in sources.values()}
    of_holders = tuple(one for one in headings if posts_only and _OF_HOLDERS.search(key_of(one)))
    if asked := [one for one in of_holders if one in taken]:
        raise PersonalData(dict.fromkeys(asked, "whoever is on a post"))
    headings = [one for one in headings if one not in of_holders]
    by_key: dict[str, str] = {}
    for heading in headings:
        by_key.setdefault(key_of(heading), heading)
    for one in fields:
        if one.name in sources:
            continue
        spellings = (by_key.get(key_of(spelling)) for spelling in (one.name, *one.headings))
        found = next((heading for heading in spellings if heading is not None and heading not in taken), None)
        if found is not None:
            sources[one.name] = Source(column=found)
            taken.add(found)
    binding = Binding(sources, of_holders=of_holders)
    if places:
        _bind_place(binding, headings, declared)
    missing = [one.name for one in fields if one.required and one.name not in sources]
    if missing:
        raise FieldsMissing(missing, headings)
    used = {source.column for source in binding.sources.values()}
    binding.unused = tuple(heading for heading in headings if heading not in used)
    return binding


def _mapped(
    fields: Sequence[Field], headings: Sequence[str], mapping: Mapping[str, str], *, places: bool
) -> dict[str, Source]:
    names = [one.name for one in fields] + (["lon", "lat"] if places else [])
    # a field answers to the headings it is recognised by as well; its own name goes before those of others
    spelled = {key_of(spelling): one.name for one in reversed(fields) for spelling in one.headings}
    spelled |= {key_of(name): name for name in names}
    sources = {}
    for asked, said in mapping.items():
        name = spelled.get(key_of(asked))
        if name is None:
            raise BadMapping("field", asked, names)
        if said.startswith(CONSTANT):
            sources[name] = Source(constant=said.removeprefix(CONSTANT))
        elif said in headings:
            sources[name] = Source(column=said)
        else:
            raise BadMapping("heading", said, headings)
    return sources


_LON = re.compile(r"(?:(?:raw|gps|poi)?(?:longitude|long|lon|lng)|xcoordinate|xcoord|x|经度|东经|x坐标|横坐标)(.*)")
_LAT = re.compile(r"(?:(?:raw|gps|poi)?(?:latitude|lat)|ycoordinate|ycoord|y|纬度|北纬|y坐标|纵坐标)(.*)")
_Pair = tuple[str, str, Datum | None]


def _bind_place(binding: Binding, headings: Sequence[str], declared: Datum | None) -> None:
    named = {"lon", "lat"} & binding.sources.keys()
    if len(named) == 1:
        raise FieldsMissing(sorted({"lon", "lat"} - named), headings)
    if named:
        hints = {_hint(binding.sources[name].column or "", like) for name, like in (("lon", _LON), ("lat", _LAT))}
        hint = next(iter(hints)) if len(hints) == 1 else None
    else:
        pair = _chosen_pair(headings, declared)
        if pair is None:
            return
        lon, lat, hint = pair
        binding.sources |= {"lon": Source(column=lon), "lat": Source(column=lat)}
    binding.place_hint = hint


def _chosen_pair(headings: Sequence[str], declared: Datum | None) -> _Pair | None:
    """The pair named after the declared datum, else a pair without datum, else the first."""
    lons, lats = _candidates(headings, _LON), _candidates(headings, _LAT)
    pairs: list[_Pair] = [(lons[hint], lats[hint], hint) for hint in lons if hint in lats]
    order: list[Callable[[_Pair], Any]] = [lambda pair: pair[2] == declared, lambda pair: pair[2] is None]
    for wanted in order:
        found = next((pair for pair in pairs if wanted(pair)), None)
        if found:
            return found
    return pairs[0] if pairs else None


def _candidates(headings: Sequence[str], like: re.Pattern[str]) -> dict[Datum | None, str]:
    """Headings of one coordinate, by the datum in their name; those with any other tail are no candidates."""
    found: dict[Datum | None, str] = {}
    for heading in headings:
        match = like.fullmatch(key_of(heading))
        if match is None:
            continue
        if not match[1]:
            found.setdefault(None, heading)
        elif (datum := _datum(match[1])) is not None:
            found.setdefault(datum, heading)
    return found


def _hint(heading: str, like: re.Pattern[str]) -> Datum | None:
    match = like.fullmatch(key_of(heading))
    return _datum(match[1]) if match and match[1] else None


def _datum(tail: str) -> Datum | None:
    try:
        return Datum.parse(tail)
    except UnknownDatum:
        return None
