"""What the desk of addresses says: parts of an address, reasons for and against a place, keys and decisions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel import format_datetime
from flask_babel import gettext as _

from geodata.geocode.answers import Reason
from geodata.queries.geocode_desk import Ground
from geodata.services.geocode_desk import has_contradiction
from geodata.services.geocode_learning import OtherName
from webmap.pages import words


class Facts(dict[str, Any]):
    """Facts of a reason; one that is not there is a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def kinds() -> dict[str, str]:
    """Kinds of records that get a place from their address."""
    return {"units": _("unit"), "points": _("responsibility point"), "tickets": _("ticket")}


def parts() -> dict[str, str]:
    """What a stretch of an address was read as."""
    return {
        "province": _("Province"),
        "city": _("City"),
        "district": _("District"),
        "town": _("Town"),
        "village": _("Village"),
        "road": _("Road"),
        "cross_road": _("Crossing road"),
        "to_road": _("Second road"),
        "lane": _("Lane"),
        "sublane": _("Sub-lane"),
        "number": _("House number"),
        "suffix": _("After the number"),
        "building": _("Building"),
        "inside": _("Floor or room"),
        "group": _("Group"),
        "homestead": _("Homestead"),
        "side": _("Carriageway"),
        "direction": _("Direction"),
        "offset": _("Distance"),
        "km_post": _("Kilometre"),
        "place": _("Place name"),
    }


def levels() -> dict[str, str]:
    """How exact a place is, with `none` for where nothing fits."""
    return {**words.place_levels(), "none": _("nothing fits")}


def level(word: str | None) -> str:
    """One level in words; one that nobody has named stands as it is."""
    return levels().get(word or "none", word or "")


def reason(one: Reason, towns: Mapping[str, str]) -> str:
    """A reason as a short sentence; an unknown word stands as it is. `towns` are names by code."""
    say = _SAYINGS.get(one.word)
    if say is None:
        return one.word.replace("_", " ")
    facts = Facts({name: value for name, value in one.facts.items() if value is not None})
    if "lies_in" in facts:
        facts["lies_in"] = towns.get(facts["lies_in"], facts["lies_in"])
    return str(say(facts))


def reason_titles() -> dict[str, str]:
    """Why addresses wait, in a few words, for choosing among them."""
    return {
        "ambiguous": _("several places of that name"),
        "default_place": _("many names at one spot"),
        "district_contradicts": _("another district in the record"),
        "door_of_a_record": _("one record alone"),
        "far_from_its_road": _("far from its road"),
        "neighbours_disagree": _("neighbours lie elsewhere"),
        "post_unknown": _("kilometre not known"),
        "road_too_short": _("road too short"),
        "sides_mixed": _("sides of the road mixed"),
        "crossing_unknown": _("crossing not known"),
        "door_unknown": _("number not known"),
        "far_offset": _("far from the crossing"),
        "no_direction": _("direction missing"),
        "not_understood": _("not understood"),
        "only_town": _("names a town only"),
        "only_village": _("names a village only"),
        "other_city": _("another city or province"),
        "other_district": _("another district"),
        "outside_district": _("outside the district"),
        "place_unknown": _("place not listed"),
        "road_contradicts": _("another road than it says"),
        "road_only": _("names a road only"),
        "road_unknown": _("road not listed"),
        "same_sound": _("sounds like a known name"),
        "short_name": _("name too short"),
        "town_contradicts": _("another town than it says"),
        "unknown_town": _("town not known"),
    }


def for_and_against(reasons: Sequence[Reason], towns: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The sentences of the reasons, those that contradict apart."""
    said: dict[bool, list[str]] = {True: [], False: []}
    for one in reasons:
        said[has_contradiction([one])].append(reason(one, towns))
    return said[False], said[True]


def other_name(one: OtherName) -> str:
    """What would be remembered."""
    return str(_("“%(written)s” is another name of “%(means)s”", written=one.written, means=one.means))


def ground(found: Sequence[Ground]) -> dict[str, Any]:
    """Where a place lies, in one line, and which borders the circle of its error crosses.

    `cell` is null where no cell lies there, or where the circle reaches others as well.
    """
    held = {one.level: one for one in found if one.holds}
    names = [held[each].name for each in ("town", "village") if each in held]
    cells = [one for one in found if one.level == "cell"]
    beside = {each: [one.name for one in found if one.level == each and not one.holds] for each in ("town", "village")}
    crosses = []
    if beside["town"]:
        crosses.append(_("The circle reaches %(names)s too.", names=_list(beside["town"])))
    elif beside["village"]:
        crosses.append(_("The circle reaches %(names)s too.", names=_list(beside["village"])))
    if len(cells) > 1:
        crosses.append(_("The circle touches %(count)s cells.", count=len(cells)))
    return {
        "where": " · ".join(names) if names else str(_("in no town of the district")),
        "cell": held["cell"].code if "cell" in held else None,
        "crosses": [str(one) for one in crosses],
        "isOutside": not names,
    }


def decided(choice: str | None) -> str:
    """What somebody chose, in a few words."""
    known = {"candidate": _("a candidate was taken"), "pin": _("placed by hand"), "nowhere": _("has no place")}
    return str(known.get(choice or "", _("placed without a person")))


def keys() -> list[tuple[tuple[str, ...], str]]:
    """The keys of the desk and what they do."""
    return [
        ((_("Enter"),), _("take the first candidate")),
        (("1", "…", "5"), _("take that candidate")),
        (("M",), _("set a pin; the arrow keys move it, Shift faster")),
        (("N",), _("it has no place")),
        (("S",), _("leave it for later")),
        (("U",), _("take the last decision back")),
        (("R",), _("remember the other name, or not")),
        (("/",), _("search")),
        (("?",), _("show or hide the keys")),
    ]


def at_time(moment: Any) -> str:  # noqa: ANN401 - a datetime, or None where nobody knows
    """A time of day as desks say it."""
    return str(format_datetime(moment, "MM-dd HH:mm")) if moment else ""


def script_texts() -> dict[str, str]:
    """Sentences by the key under which the desk's scripts ask for them."""
    return {
        "placeNone": _("No address waits here."),
        "placeNoneAsked": _("No address fits these conditions."),
        "placeClear": _("Clear all"),
        "placeWhy": _("Why it waits"),
        "placeParts": _("Read as"),
        "placeError": _("±%(metres)s m"),
        "placeNoError": _("error not known"),
        "placeArea": _("an area, no place to take"),
        "placeNoCandidate": _("No candidate. Set a pin, or say that it has no place."),
        "placeTake": _("Take candidate %(number)s: %(name)s"),
        "placeCell": _("cell %(code)s"),
        "placeAgainst": _("Against it"),
        "placePinAsk": _("Click the map, or move the pin with the arrow keys; Enter puts it there, Esc leaves it."),
        "placePinAt": _("Pin: %(where)s"),
        "placePinPut": _("Put it here"),
        "placePinStop": _("Leave the pin"),
        "placePin": _("Pin"),
        "placeSettled": _("%(code)s: %(what)s"),
        "placeTaken": _("candidate %(number)s"),
        "placePinned": _("pin"),
        "placeNowhere": _("no place"),
        "placeUndone": _("%(code)s waits again"),
        "placeNothingToUndo": _("There is nothing to take back."),
        "placeSkipped": _("%(code)s left for later"),
        "placeUnsent": _("No connection: %(count)s decisions wait on this page. Do not close it."),
        "placeRetry": _("Send now"),
        "placeRemember": _("Remember: %(what)s"),
        "placeRememberAny": _("Remember the other name that the candidate taken explains"),
        "placeRememberNone": _("Nothing to remember here"),
        "placeUndo": _("Undo"),
        "placeRows": _("%(shown)s of %(total)s addresses"),
        "placePerHour": _("%(count)s in this sitting, %(rate)s an hour"),
        "placeSureNone": _("No address is that sure."),
        "placeSureSome": _("%(count)s would be taken; %(shown)s of them are on the map."),
        "placeSureGo": _("Take these %(count)s"),
        "placeSureDone": _("%(count)s taken."),
        "placeSureMissed": _("%(count)s were settled by others meanwhile."),
        "placeLost": _("The rows did not arrive. Check the network and try again."),
        "placeAll": _("all"),
        "placeWaiting": _("Waiting"),
        "placeToday": _("Decided today"),
        "placeAutomatic": _("Placed without a person"),
        "placeFirst": _("First candidate taken"),
        "placeFirstOf": _("%(share)s of %(count)s"),
        "placeTooFew": _("too few decisions yet"),
        "placeSitting": _("This sitting"),
        "comma": _(", "),
        "mapAway": _("The map did not arrive; the list works without it."),
    }


def _list(names: Sequence[str]) -> str:
    return str(_(", ")).join(names)


def _door(facts: Facts) -> str:
    lane = _(" lane %(lane)s", lane=facts["lane"]) if facts.get("lane") else ""
    number = _(" no. %(number)s", number=facts["number"]) if facts.get("number") else ""
    return f"{facts['road']}{lane}{number}"


def _metres(facts: Facts) -> str:
    return facts["metres"] if isinstance(facts["metres"], str) else f"{facts['metres']:.0f}"


def _way(facts: Facts) -> str:
    ways = {
        "N": _("north"),
        "NE": _("north-east"),
        "E": _("east"),
        "SE": _("south-east"),
        "S": _("south"),
        "SW": _("south-west"),
        "W": _("west"),
        "NW": _("north-west"),
    }
    return str(ways.get(str(facts["direction"]), facts["direction"]))


_SAYINGS: Mapping[str, Callable[[Facts], str]] = {
    "not_understood": lambda _facts: _("No road, place or town could be read from it."),
    "only_town": lambda facts: _("It names %(town)s only, and a town is no place.", town=facts["town"]),
    "only_village": lambda facts: _("It names %(village)s only, and a village is no place.", village=facts["village"]),
    "other_city": lambda facts: _(
        "It says %(says)s, and this district lies in %(own)s.", says=facts["says"], own=facts["own"]
    ),
    "other_district": lambda facts: _("It says %(says)s, and this is %(own)s.", says=facts["says"], own=facts["own"]),
    "outside_district": lambda _facts: _("The place lies outside the district."),
    "unknown_town": lambda facts: _("%(says)s is no town of this district.", says=facts["says"]),
    "town_agrees": lambda facts: _("It lies in %(town)s, as the address says.", town=facts["town"]),
    "town_contradicts": lambda facts: _(
        "The address says %(says)s, but the place lies in %(lies_in)s.", says=facts["says"], lies_in=facts["lies_in"]
    ),
    "town_not_named": lambda _facts: _("The address names no town."),
    "town_unchecked": lambda facts: _("%(town)s has no boundary yet, so this is not checked.", town=facts["town"]),
    "road_only": lambda facts: _("It names %(road)s without a number.", road=facts["road"]),
    "road_unknown": lambda facts: _("%(road)s is not in the gazetteer.", road=facts["road"]),
    "place_unknown": lambda facts: _("“%(name)s” is not in the gazetteer.", name=facts["name"]),
    "same_sound": lambda facts: _(
        "“%(written)s” sounds like “%(taken)s”.", written=facts["written"], taken=facts["taken"]
    ),
    "short_name": lambda facts: _("“%(name)s” is too short to be sure of.", name=facts["name"]),
    "similar_name": lambda facts: _("“%(name)s” is written alike.", name=facts["name"]),
    "place_known": lambda facts: _("“%(name)s” is in the gazetteer.", name=facts["name"]),
    "unit_known": lambda facts: _("“%(name)s” is a unit that has a place.", name=facts["name"]),
    "on_road": lambda facts: _("It lies on %(road)s.", road=facts["road"]),
    "ambiguous": lambda facts: _(
        "%(count)s places fit, up to %(metres)s m apart.", count=facts["count"], metres=facts["apart_m"]
    ),
    "door_known": lambda facts: _("%(door)s is in the gazetteer.", door=_door(facts)),
    "door_unknown": lambda facts: _("%(door)s is not in the gazetteer.", door=_door(facts)),
    "counted_on_map": lambda facts: _(
        "The map counts the numbers of %(road)s along a line from no. %(low)s to no. %(high)s.",
        road=facts["road"],
        low=facts["low"],
        high=facts["high"],
    ),
    "crossing_known": lambda facts: _(
        "The crossing of %(road)s and %(cross_road)s is in the gazetteer.",
        road=facts["road"],
        cross_road=facts["cross_road"],
    ),
    "crossing_unknown": lambda facts: _(
        "The crossing of %(road)s and %(cross_road)s is not in the gazetteer.",
        road=facts["road"],
        cross_road=facts["cross_road"],
    ),
    "across_the_road": lambda facts: _(
        "The road does not run to the %(way)s; left at the crossing, %(metres)s m off.",
        metres=_metres(facts),
        way=_way(facts),
    ),
    "asked_online": lambda facts: _("Found by %(source)s, another house's geocoder.", source=facts["source"]),
    "online_without_offset": lambda _facts: _("The metres that the address names are not walked."),
    "road_contradicts": lambda facts: _(
        "The address says %(says)s, what was found lies on %(answered)s.",
        says=facts["says"],
        answered=facts["answered"],
    ),
    "alias": lambda facts: _("“%(written)s” is known as “%(taken)s”.", written=facts["written"], taken=facts["taken"]),
    "beside_place": lambda facts: _("Measured from “%(name)s”.", name=facts["name"]),
    "between_crossings": lambda facts: _(
        "In the middle between two crossings %(metres)s m apart.", metres=facts["apart_m"]
    ),
    "between_doors": lambda facts: _(
        "On %(road)s between no. %(low)s and no. %(high)s, %(metres)s m apart.",
        road=facts["road"],
        low=facts["low"],
        high=facts["high"],
        metres=facts["apart_m"],
    ),
    "between_posts": lambda facts: _(
        "On %(road)s between km %(low)s and km %(high)s.", road=facts["road"], low=facts["low"], high=facts["high"]
    ),
    "default_place": lambda facts: _("“%(name)s” stands where many other names stand too.", name=facts["name"]),
    "district_contradicts": lambda facts: _(
        "The address says %(says)s, the record there says %(record)s.", says=facts["says"], record=facts["record"]
    ),
    "door_of_a_record": lambda _facts: _("One record alone tells of this number."),
    "doors_agree": lambda facts: _("%(count)s records agree.", count=facts["count"]),
    "far_from_its_road": lambda facts: _("It does not lie near %(road)s.", road=facts["road"]),
    "gate_of_lane": lambda facts: _("The gate of %(door)s.", door=_door(Facts(facts, number=None))),
    "in_range": lambda facts: _(
        "No. %(first)s%(suffix)s holds no. %(number)s.",
        first=facts["first"],
        suffix=facts["suffix"],
        number=facts["number"],
    ),
    "near_its_road": lambda facts: _("It lies near %(road)s.", road=facts["road"]),
    "neighbours_agree": lambda _facts: _("Neighbouring numbers lie where they should."),
    "neighbours_disagree": lambda _facts: _("Neighbouring numbers lie elsewhere."),
    "next_door": lambda facts: _(
        "On %(road)s %(numbers)s numbers from the known no. %(known)s.",
        road=facts["road"],
        numbers=facts["numbers"],
        known=facts["known"],
    ),
    "other_quarter": lambda facts: (
        _("“%(quarter)s” of this lane is not known.", quarter=facts["quarter"])
        if facts["quarter"]
        else _("Only one quarter of this lane is known.")
    ),
    "part_of_place": lambda facts: _("“%(part)s” is a part of it.", part=facts["part"]),
    "post_unknown": lambda facts: _(
        "No post near km %(km)s of %(road)s is in the gazetteer.", road=facts["road"], km=facts["km"]
    ),
    "road_too_short": lambda facts: _(
        "The road ends %(short)s m before %(metres)s m are walked.", short=facts["short_m"], metres=_metres(facts)
    ),
    "sides_mixed": lambda facts: _("Odd and even numbers of %(road)s are not kept apart.", road=facts["road"]),
    "suffix_unknown": lambda facts: _("“%(suffix)s” after the number is not known there.", suffix=facts["suffix"]),
    "walked_along": lambda facts: _(
        "%(metres)s m walked along the road to the %(way)s.", metres=_metres(facts), way=_way(facts)
    ),
    "far_offset": lambda facts: _("%(metres)s m from the crossing is too far to be sure of.", metres=_metres(facts)),
    "no_direction": lambda facts: _("It says %(metres)s m, but not in which direction.", metres=_metres(facts)),
    "walked": lambda facts: _(
        "%(metres)s m walked from the crossing to the %(way)s.", metres=_metres(facts), way=_way(facts)
    ),
}
