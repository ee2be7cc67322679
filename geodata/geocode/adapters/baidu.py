"""Baidu (百度): one answer in BD-09, with a word for its level and what it thinks of its own error.

It would convert to GCJ-02 where that is asked for. A gateway that loses this wish would shift every place by a
kilometre unnoticed, so its own datum is taken, which it answers in when nothing is said.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from geodata.geocode.adapters.asking import Find, WebGeocoder, code_of, word
from geodata.geocode.errors import BadReply, GeocoderRefused, GeocoderUnreachable, QuotaExceeded
from spatial.crs import BD09

# Its scale of confidence: from so much on, the error is below so many metres.
_CONFIDENCE_M = (
    *((100, 20.0), (90, 50.0), (80, 100.0), (75, 200.0), (70, 300.0), (60, 500.0)),
    *((50, 1000.0), (40, 2000.0), (30, 5000.0), (25, 8000.0)),
)
_NO_CONFIDENCE_M = 10_000.0
# What it marks as not exact is little more than a guess.
_VAGUE = 0.5

_NOTHING = "无相关结果"
_PLACES = (
    *("地产小区", "商务大厦", "政府机构", "生活服务", "休闲娱乐", "餐饮", "宾馆", "购物", "金融", "教育", "医疗"),
    *("工业园区", "旅游景点", "汽车服务", "火车站", "长途汽车站", "桥", "停车场", "停车区", "港口", "码头"),
    *("收费站", "飞机场", "加油站", "绿地"),
)


class Baidu(WebGeocoder):
    """The web service `geocoding`, third version."""

    name = "baidu"
    title = "百度地图"
    base_url = "https://api.map.baidu.com"
    datum = BD09
    max_qps = 3.0
    daily_quota = 5000
    terms = (
        "Baidu's terms decide whether its results may be stored, and off its own map; most keys do not allow it. "
        "Read your contract before you accept what it offers."
    )
    levels = {  # noqa: RUF012 - read only, and one for the class
        "门址": "door",
        "交叉路口": "crossing",
        **dict.fromkeys(_PLACES, "place"),
        "道路": "road",
        "村庄": "village",
    }
    longest_bytes = 84

    def target(self, text: str, key: str) -> str:
        """Path and query of a question."""
        return "/geocoding/v3/?" + urlencode({"address": text, "output": "json", "ak": key})

    def finds(self, document: Mapping[str, Any], text: str) -> Iterable[Find]:
        """The answer in a reply, none where it knows no such place."""
        status = document.get("status")
        if isinstance(status, bool) or not isinstance(status, int):
            raise BadReply(self.name, "its status is no whole number")
        if status == 1 and _NOTHING in word(document.get("msg") or document.get("message")):
            return []
        if status != 0:
            self._fail(status)
        result = document.get("result")
        if result in ([], {}):
            return []
        place = result.get("location") if isinstance(result, dict) else None
        if not isinstance(result, dict) or not isinstance(place, dict):
            raise BadReply(self.name, "it has no location")
        error_m = _error_m(result.get("confidence"))
        factor = 1.0 if result.get("precise") == 1 else _VAGUE
        # its answer has no name, so what was asked stands for it
        return [Find(word(result.get("level")), place.get("lng"), place.get("lat"), text, error_m, factor)]

    def _fail(self, status: int) -> None:
        code = code_of(status)
        if status == 1:
            raise GeocoderUnreachable(self.name, f"it has a fault of its own (its code: {code})")
        if status in {4, 301, 302}:
            raise QuotaExceeded(self.name, "day")
        if status in {401, 402}:
            raise QuotaExceeded(self.name, "rate")
        if status == 210:
            raise GeocoderRefused(self.name, "address", code)
        if status in {101, 203, 220, 230, 240, 260, 261}:
            raise GeocoderRefused(self.name, "service", code)
        if status in {3, 5, 102} or 200 <= status < 300:
            raise GeocoderRefused(self.name, "key", code)
        raise GeocoderRefused(self.name, "request", code)


def _error_m(confidence: object) -> float:
    """Its own confidence (0 to 100) as metres; the worst where it gives none."""
    if isinstance(confidence, bool) or not isinstance(confidence, int | float):
        return _NO_CONFIDENCE_M
    return next((metres for least, metres in _CONFIDENCE_M if confidence >= least), _NO_CONFIDENCE_M)
