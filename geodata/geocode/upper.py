"""What a district lies in, as addresses name it: a province and a city, or a state and a city."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from geodata.geocode.address import ParsedAddress
from geodata.geocode.text import HAN, normalise

_PROVINCES = (
    *("河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西", "山东", "河南"),
    *("湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海"),
    *("台湾", "内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门"),
)
# Cities that are a province as well.
_MUNICIPALITIES = frozenset({"北京", "天津", "上海", "重庆"})
# Code and name, which ends at the semicolon.
_LISTED = (
    "AL ALABAMA;AK ALASKA;AZ ARIZONA;AR ARKANSAS;CA CALIFORNIA;CO COLORADO;CT CONNECTICUT;DE DELAWARE;"
    "DC DISTRICT OF COLUMBIA;FL FLORIDA;GA GEORGIA;HI HAWAII;ID IDAHO;IL ILLINOIS;IN INDIANA;IA IOWA;"
    "KS KANSAS;KY KENTUCKY;LA LOUISIANA;ME MAINE;MD MARYLAND;MA MASSACHUSETTS;MI MICHIGAN;MN MINNESOTA;"
    "MS MISSISSIPPI;MO MISSOURI;MT MONTANA;NE NEBRASKA;NV NEVADA;NH NEW HAMPSHIRE;NJ NEW JERSEY;"
    "NM NEW MEXICO;NY NEW YORK;NC NORTH CAROLINA;ND NORTH DAKOTA;OH OHIO;OK OKLAHOMA;OR OREGON;"
    "PA PENNSYLVANIA;RI RHODE ISLAND;SC SOUTH CAROLINA;SD SOUTH DAKOTA;TN TENNESSEE;TX TEXAS;UT UTAH;"
    "VT VERMONT;VA VIRGINIA;WA WASHINGTON;WV WEST VIRGINIA;WI WISCONSIN;WY WYOMING"
)
STATES = {code: name for code, _, name in (one.partition(" ") for one in _LISTED.split(";"))}
_CODES = {name: code for code, name in STATES.items()}
PROVINCE_IN_SHORT = re.compile("|".join(_PROVINCES))

_HAN = re.compile(f"[{HAN}]")
_TAIL = re.compile(r"(.{2,}?)(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|自治州|省|市|地区|盟)")
_TAIL_IN_ENGLISH = re.compile(r"(.{2,}?) (?:STATE|CITY)")
# After 上海市 these belong to another word: 上海市场, 上海市政府.
_NO_WORD = "(?![场政区集立]|民[政生]|中[心学医])"
_BETWEEN_FORMS = "/"
_FULL = ("省", "市", "自治区", "自治州", "地区", "盟")


class Upper(NamedTuple):
    """An area that the district lies in: its name as told, and all its forms as addresses are compared.

    Of its `levels`, `province` and `city`, a municipality such as 上海市 has both.
    """

    name: str
    forms: frozenset[str]
    levels: frozenset[str]


def is_full(form: str) -> bool:
    """Whether a form says what the area is (上海市), so that it needs nothing behind it to be known."""
    return form.endswith(_FULL)


class UpperAreas:
    """What a district lies in, from the outermost inwards; nothing is known of a level that is not told.

    told  names such as `浙江省`, each with other forms behind a slash where it has any (`恩施土家族苗族自治州/恩施州`).
          Those that leave a word such as 省 or 市 out, or stand for a state, are known by themselves.
    own   the district's own name, which is never another city.
    """

    def __init__(self, told: Iterable[str] = (), *, own: str | None = None) -> None:
        self.areas = tuple(_upper(one, is_first=number == 0) for number, one in enumerate(told))
        self._ours = frozenset[str]().union(*(area.forms for area in self.areas), {own} if own else ())
        forms = sorted((form for area in self.areas for form in area.forms), key=lambda form: (-len(form), form))
        chinese = [re.escape(form) + (_NO_WORD if form.endswith("市") else "") for form in forms if _HAN.search(form)]
        self._at = re.compile("|".join(chinese)) if chinese else None

    def __bool__(self) -> bool:
        return bool(self.areas)

    def at(self, norm: str, start: int) -> tuple[Upper, int] | None:
        """The area whose name begins at `start` of a Chinese text, in its longest form, and where that ends."""
        found = self._at.match(norm, start) if self._at else None
        if found is None:
            return None
        return next(area for area in self.areas if found[0] in area.forms), found.end()

    def is_ours(self, name: str) -> bool:
        """Whether a normalised name is one of these areas, or the district itself."""
        return name in self._ours

    def against(self, parsed: ParsedAddress) -> tuple[str, str] | None:
        """What an address names that the district does not lie in, and the area that it does lie in; None mostly."""
        if not self.areas:
            return None
        for said, level in ((parsed.province, "province"), (parsed.city, "city")):
            if said is None or self.is_ours(said):
                continue
            levels = {level, "province"} if _without_tail(said) in _MUNICIPALITIES else {level}
            known = [area for area in self.areas if levels & area.levels]
            if known:
                return said, known[-1].name
        return None


def _upper(told: str, *, is_first: bool) -> Upper:
    name, *others = (normalise(one) for one in told.split(_BETWEEN_FORMS))
    forms = {form for form in (name, *others) if form}
    if not _HAN.search(name):
        plain = _without_tail(name)
        is_state = is_first and plain in _CODES
        codes = {_CODES[plain]} if is_state else set()
        return Upper(name, frozenset({*forms, plain, *codes}), frozenset({"province" if is_state else "city"}))
    stem = _without_tail(name)
    forms |= {stem, f"{stem}市"} if stem == name and stem not in _PROVINCES else {stem}
    if stem in _MUNICIPALITIES:
        return Upper(name, frozenset(forms), frozenset({"province", "city"}))
    if stem in _PROVINCES:
        # 吉林省 holds 吉林市: a name that could be both is the province, unless it says that it is the city
        level = "city" if name.endswith("市") else "province"
        in_full = {f"{stem}省"} if name == stem else set()
        return Upper(name, frozenset(forms | in_full), frozenset({level}))
    return Upper(name, frozenset(forms), frozenset({"city"}))


def _without_tail(name: str) -> str:
    found = (_TAIL if _HAN.search(name) else _TAIL_IN_ENGLISH).fullmatch(name)
    return found[1] if found else name
