"""AMap (高德): answers in GCJ-02, with a word for the level of each answer."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from geodata.geocode.adapters.asking import Find, WebGeocoder, code_of, decimal, word
from geodata.geocode.errors import BadReply, GeocoderRefused, GeocoderUnreachable, QuotaExceeded
from spatial.crs import GCJ02

_DAY = {"10003", "10010", "10044", "10045"}
_RATE = {"10004", "10014", "10015", "10019", "10020", "10021", "10029"}
_KEY = {"10001", "10007", "10008", "10013", "10026", "40000", "40002"}
_ADDRESS = {"10005", "10006"}
_SERVICE = {"10002", "10009", "10011", "10012", "10041"}
_FAULT = {"10016", "10017"}


class Amap(WebGeocoder):
    """The web service `geocode/geo`, third version."""

    name = "amap"
    title = "高德地图"
    base_url = "https://restapi.amap.com"
    datum = GCJ02
    max_qps = 3.0
    daily_quota = 5000
    terms = (
        "AMap's terms decide whether its results may be stored, and off its own map; most keys do not allow it. "
        "Read your contract before you accept what it offers."
    )
    levels = {  # noqa: RUF012 - read only, and one for the class
        "门牌号": "door",
        "门址": "door",
        "单元号": "door",
        "楼号": "door",
        "道路交叉路口": "crossing",
        "兴趣点": "place",
        "住宅区": "place",
        "公交站台": "place",
        "公交地铁站点": "place",
        "地铁站": "place",
        "道路": "road",
        "村庄": "village",
    }

    def target(self, text: str, key: str) -> str:
        """Path and query of a question."""
        return "/v3/geocode/geo?" + urlencode({"address": text, "output": "JSON", "key": key})

    def finds(self, document: Mapping[str, Any], text: str) -> Iterable[Find]:
        """The answers in a reply, none where it knows no such place."""
        if document.get("status") != "1":
            self._fail(code_of(document.get("infocode")))
        found = document.get("geocodes")
        if not isinstance(found, list):
            raise BadReply(self.name, "it has no list of places")
        return [self._find(one, text) for one in found]

    def _find(self, one: object, text: str) -> Find:
        if not isinstance(one, dict):
            raise BadReply(self.name, "a place in it is no object")
        x, comma, y = word(one.get("location")).partition(",")
        if not comma:
            raise BadReply(self.name, "a place in it has no location")
        name = word(one.get("formatted_address")) or text
        return Find(word(one.get("level")), decimal(x), decimal(y), name, road=word(one.get("street")))

    def _fail(self, code: str) -> None:
        if code in _DAY:
            raise QuotaExceeded(self.name, "day")
        if code in _RATE:
            raise QuotaExceeded(self.name, "rate")
        if code in _FAULT:
            raise GeocoderUnreachable(self.name, f"it has a fault of its own (its code: {code})")
        if code.startswith("3"):
            # its engine found nothing to read in the question: an address that it does not understand, or a fault
            raise BadReply(self.name, f"its engine failed (its code: {code})")
        reasons = ((_KEY, "key"), (_ADDRESS, "address"), (_SERVICE, "service"))
        raise GeocoderRefused(self.name, next((why for codes, why in reasons if code in codes), "request"), code)
