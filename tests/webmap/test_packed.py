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
    etag = client.get("/static/js/map.js", headers=PACKED, buffered=True).headers["ETag"]
    assert client.get("/static/js/map.js", headers={**PACKED, "If-None-Match": etag}, buffered=True).status_code == 304


def test_what_is_short_is_sent_as_it_is(client):
    assert "Content-Encoding" not in client.get("/healthz", headers=PACKED).headers


def test_tiles_of_several_collections_come_together(client):
    assert client.get("/tiles/several/towns,units/12/3400/1680.mvt?v=1").status_code in {200, 204}
    assert client.get("/tiles/several/towns,tickets/12/3400/1680.mvt").status_code in {401, 404}
    assert client.get("/tiles/several/towns,nothing/12/3400/1680.mvt").status_code == 404
    assert client.get("/tiles/several/towns,units/2/9/9.mvt").status_code == 404
    assert client.get("/tiles/several/towns/2/1/1.mvt?state=new").status_code == 400
