"""Replies of other houses' geocoders, written here in the formats that they document; nobody was asked for them."""

import json
from urllib.parse import parse_qs, urlsplit

from geodata.geocode.adapters.asking import Reply
from spatial.coordinates import Coordinates
from spatial.crs import BD09, GCJ02, WGS84


def shifted(lon, lat, datum):
    there = Coordinates(lon, lat, WGS84).to_wgs84().written_in(datum)
    return float(there.x[0]), float(there.y[0])


def amap(lon, lat, level="门牌号", **more):
    x, y = shifted(lon, lat, GCJ02)
    one = {
        "formatted_address": "上海市试验区西镇临河路200号",
        "country": "中国",
        "district": "试验区",
        "township": [],
        "street": "临河路",
        "number": "200号",
        "adcode": "310112",
        "location": f"{x:.6f},{y:.6f}",
        "level": level,
        **more,
    }
    return {"status": "1", "info": "OK", "infocode": "10000", "count": "1", "geocodes": [one]}


def amap_nothing():
    return {"status": "1", "info": "OK", "infocode": "10000", "count": "0", "geocodes": []}


def amap_failure(infocode):
    return {"status": "0", "info": "SOMETHING", "infocode": infocode}


def baidu(lon, lat, level="门址", *, precise=1, confidence=80, **more):
    x, y = shifted(lon, lat, BD09)
    place = {"lng": x, "lat": y}
    result = {"location": place, "precise": precise, "confidence": confidence, "comprehension": 100, "level": level}
    return {"status": 0, "result": {**result, **more}}


def baidu_failure(status, msg="AK"):
    return {"status": status, "message": msg}


def baidu_nothing():
    return {"status": 1, "msg": "Internal Service Error:无相关结果", "results": []}


def tianditu(lon, lat, level="门址", *, score=90, **more):
    place = {"score": score, "level": level, "lon": f"{lon:.6f}", "lat": f"{lat:.6f}", "keyWord": "试验区临河路200号"}
    return {"msg": "ok", "location": {**place, **more}, "searchVersion": "6.4.9V", "status": "0"}


def tianditu_nothing():
    return {"msg": "无结果", "status": "101"}


def tianditu_gate(code, msg):
    return {"msg": msg, "code": code}


class Wire:
    """A transport that answers from a list, then with its last again, and remembers what was sent."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.sent = []

    def __call__(self, target):
        self.sent.append(target)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, Reply):
            return reply
        body = reply if isinstance(reply, bytes) else json.dumps(reply, ensure_ascii=False).encode("utf-8")
        return Reply(200, body)

    @property
    def questions(self):
        """The parameters of what was sent."""
        return [{name: values[0] for name, values in parse_qs(urlsplit(one).query).items()} for one in self.sent]


def saying(reply, *, heard=None, status="200 OK"):
    """What a geocoder on this machine does with each connection: hear one question, answer it, hang up."""
    body = reply if isinstance(reply, bytes) else json.dumps(reply, ensure_ascii=False).encode("utf-8")

    def answer(connection, _stop):
        got = connection.recv(8192).decode()
        if heard is not None and got:
            heard.append(got)
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)

    return answer
