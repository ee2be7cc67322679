"""Writing the parts of an address out again, in the one order that the grammar reads."""

from geodata.geocode import signs
from geodata.geocode.address import ParsedAddress

_WINDS = {"N": "北", "S": "南", "E": "东", "W": "西", "NE": "东北", "NW": "西北", "SE": "东南", "SW": "西南"}
_CARRIAGEWAYS = {letters: sign for sign, letters in signs.CARRIAGEWAYS.items()}


def write_address(parts: ParsedAddress) -> str:
    """A Chinese address of these parts: reading it gives them again.

    Areas come first, then the street or the village, what lies behind the door, and the name; `village_name` is
    written where there is no `place`.
    """
    areas = "".join(filter(None, (parts.province, parts.city, parts.district, parts.town_name)))
    behind = "".join(filter(None, (parts.building, parts.inside)))
    if parts.road is None and parts.to_road is None:
        return areas + _village(parts) + behind + _offset(parts)
    has_door = parts.lane is not None or parts.number is not None
    near = f"近{parts.cross_road}" if has_door and parts.cross_road else ""
    return areas + _street(parts) + near + behind + (parts.place or "") + _offset(parts)


def _village(parts: ParsedAddress) -> str:
    group = f"{parts.group}组" if parts.group else ""
    inside = group + (parts.homestead or "") + _lanes(parts) + _number(parts)
    return (parts.place or parts.village_name or "") + inside


def _street(parts: ParsedAddress) -> str:
    if parts.road is None:
        return f"{parts.cross_road}与{parts.to_road}之间"
    if parts.to_road is not None:
        return f"{parts.road}({parts.cross_road}-{parts.to_road})"
    side = f"{_CARRIAGEWAYS[parts.side]}侧" if parts.side else ""
    if parts.km_post is not None:
        return f"{parts.road}{side}{parts.km_post:g}KM"
    if parts.cross_road and not (parts.lane or parts.number):
        return f"{parts.road}{side}与{parts.cross_road}路口"
    return parts.road + side + _lanes(parts) + _number(parts)


def _lanes(parts: ParsedAddress) -> str:
    lane = f"{parts.lane}弄" if parts.lane else ""
    return lane + (f"{parts.sublane}支弄" if parts.sublane else "")


def _number(parts: ParsedAddress) -> str:
    if parts.number is None:
        return ""
    suffix = parts.suffix or ""
    return f"{parts.number}号{suffix}" if suffix in {"甲", "乙", "丙", "丁"} else f"{parts.number}{suffix}号"


def _offset(parts: ParsedAddress) -> str:
    wind = f"{_WINDS[parts.direction]}侧" if parts.direction else ""
    return wind + (f"约{parts.offset_m:g}米" if parts.offset_m is not None else "")
