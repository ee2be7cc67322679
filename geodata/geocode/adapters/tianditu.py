"""Tianditu (天地图): one answer in CGCS2000, with a word for its level and a score of its own."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from geodata.geocode.adapters.asking import Find, WebGeocoder, code_of, decimal, word
from geodata.geocode.errors import BadReply, GeocoderRefused, GeocoderUnreachable, QuotaExceeded
from spatial.crs import CGCS2000


class Tianditu(WebGeocoder):
    """The national platform's service `geocoder`."""

    name = "tianditu"
    title = "天地图"
    base_url = "https://api.tianditu.gov.cn"
    datum = CGCS2000
    max_qps = 5.0
    daily_quota = 10_000
    terms = (
        "Tianditu is the state's own platform and answers in CGCS2000; its terms name the uses that are permitted. "
        "Ask your surveying office whether its results may be stored before you accept what it offers."
    )
    levels = {  # noqa: RUF012 - read only, and one for the class
        "门址": "door",
        "门牌": "door",
        "门牌号": "door",
        "门楼址": "door",
        "交叉口": "crossing",
        "交叉路口": "crossing",
        "道路交叉口": "crossing",
        "地名地址": "place",
        "兴趣点": "place",
        "POI": "place",
        "小区": "place",
        "建筑物": "place",
        "道路": "road",
        "街巷": "road",
        "村": "village",
        "村庄": "village",
        "行政村": "village",
    }

    def target(self, text: str, key: str) -> str:
        """Path and query of a question."""
        words = json.dumps({"keyWord": text}, ensure_ascii=False, separators=(",", ":"))
        return "/geocoder?" + urlencode({"ds": words, "tk": key})

    def finds(self, document: Mapping[str, Any], text: str) -> Iterable[Find]:
        """The answer in a reply, none where it knows no such place."""
        if "status" not in document and "code" in document:
            self._fail(document)
        # a text, or a number in older versions
        status = code_of(document.get("status"))
        if status == "101":
            return []
        if status in {"404", "1"}:
            raise GeocoderUnreachable(self.name, f"it has a fault of its own (its code: {status})")
        if status != "0":
            raise BadReply(self.name, f"its status {status} is none of its list")
        place = document.get("location")
        if place in ({}, "", None):
            return []
        if not isinstance(place, dict):
            raise BadReply(self.name, "its location is no object")
        x, y = decimal(place.get("lon")), decimal(place.get("lat"))
        return [Find(word(place.get("level")), x, y, word(place.get("keyWord")) or text, None, _factor(place))]

    def _fail(self, document: Mapping[str, Any]) -> None:
        """Its gate, before the service, answers with a code and a sentence; the codes have changed before."""
        said, code = word(document.get("msg")), code_of(document.get("code"))
        if any(sign in said for sign in ("配额", "超限", "上限", "次数")):
            raise QuotaExceeded(self.name, "day")
        if "频" in said:
            raise QuotaExceeded(self.name, "rate")
        if "IP" in said.upper() or "白名单" in said:
            raise GeocoderRefused(self.name, "address", code)
        raise GeocoderRefused(self.name, "service" if "权限" in said else "key", code)


def _factor(place: Mapping[str, Any]) -> float:
    """Its score from 0 to 100 as 0 to 1; half of it all where it gives none."""
    score = decimal(place.get("score"))
    return score / 100.0 if isinstance(score, int | float) and not isinstance(score, bool) else 0.5
