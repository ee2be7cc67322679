"""Answers that are packed, and tiles that come together."""

import gzip

import pytest

PACKED = {"Accept-Encoding": "gzip"}


@pytest.mark.parametrize("path", ["/", "/static/js/map.js", "/static/css/map.css"])
def test_text_is_packed_for_those_who_read_it(client, path):
    packed = client.get(path, headers=PACKED, buffered=True)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    again, plain = client.get(path, headers=PACKED, buffered=True), client.get(path, buffered=True)
    assert "Content-Encoding" not in plain.headers
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    if path != "/":
        assert gzip.decompress(packed.data) == gzip.decompress(again.data) == plain.data


def test_a_file_that_is_known_is_not_sent_again(client):
    known = client.get("/static/js/map.js", headers=PACKED, buffered=True)
    asked = {**PACKED, "If-None-Match": known.headers["ETag"]}
    answer = client.get("/static/js/map.js", headers=asked, buffered=True)
    assert answer.status_code == 304
    # a cache refreshes what it holds only when both answers name the same version
    assert [answer.headers[name] for name in ("ETag", "Vary")] == [known.headers[name] for name in ("ETag", "Vary")]


def test_a_part_of_a_file_is_plain_and_no_part_of_packed_bytes_is_offered(client):
    whole = client.get("/static/js/map.js", buffered=True)
    part = client.get("/static/js/map.js", headers={**PACKED, "Range": "bytes=100-2099"}, buffered=True)
    assert (part.status_code, part.data) == (206, whole.data[100:2100])
    assert whole.headers["Accept-Ranges"] == "bytes"
    packed = client.get("/static/js/map.js", headers=PACKED, buffered=True)
    assert "Accept-Ranges" not in packed.headers
    head = client.head("/static/js/map.js", headers=PACKED, buffered=True)
    assert (head.data, head.headers["Content-Length"]) == (b"", packed.headers["Content-Length"])


def test_streams_go_as_they_come(client):
    answer = client.get("/export/units.geojson", headers=PACKED)
    assert answer.is_streamed
    assert "Content-Encoding" not in answer.headers


def test_what_is_short_is_sent_as_it_is(client):
    assert "Content-Encoding" not in client.get("/healthz", headers=PACKED).headers


def test_tiles_of_several_collections_come_together(client):
    assert client.get("/tiles/several/towns,units/12/3400/1680.mvt?v=1").status_code in {200, 204}
    assert client.get("/tiles/several/towns,tickets/12/3400/1680.mvt").status_code in {401, 404}
    assert client.get("/tiles/several/towns,nothing/12/3400/1680.mvt").status_code == 404
    assert client.get("/tiles/several/towns,units/2/9/9.mvt").status_code == 404
    assert client.get("/tiles/several/towns/2/1/1.mvt?state=new").status_code == 400
