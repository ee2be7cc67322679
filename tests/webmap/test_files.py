"""Scripts and styles under addresses that change with them."""

import re
import shutil

import pytest

from webmap import files


@pytest.fixture
def version():
    files.version.cache_clear()
    yield files.version
    files.version.cache_clear()


def test_what_a_page_names_is_kept_for_a_year(client):
    page = client.get("/login").text
    named = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(named) > 3
    for address in named:
        answer = client.get(address, buffered=True)
        assert answer.status_code == 200, address
        assert dict(answer.cache_control) == {"public": None, "immutable": None, "max-age": "31536000"}, address


def test_a_script_reads_its_neighbours_of_the_same_version(client):
    address = files.address("js/map.js")
    script = client.get(address, buffered=True).text
    neighbour = re.search(r'from "\./([\w-]+\.js)"', script)[1]
    assert client.get(address.replace("map.js", neighbour), buffered=True).status_code == 200
    assert re.findall(r'from "/', script) == []


@pytest.mark.parametrize("before", ["", "v000000000000/"])
def test_without_the_version_that_is_served_a_file_is_asked_about_each_time(client, before):
    answer = client.get(f"/static/{before}js/map.js", buffered=True)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
    again = client.get(f"/static/{before}js/map.js", headers={"If-None-Match": answer.headers["ETag"]}, buffered=True)
    assert again.status_code == 304


@pytest.mark.parametrize("name", ["nothing.js", "../app.py", "%2e%2e/app.py", "v000000000000/../app.py", "js", ""])
def test_there_is_nothing_else(client, name):
    for address in (f"/static/{name}", files.address(name)):
        assert client.get(address).status_code == 404, address


def test_the_version_follows_every_byte_and_name(version, monkeypatch, tmp_path):
    folder = tmp_path / "static"
    shutil.copytree(files.FOLDER / "css", folder / "css")
    monkeypatch.setattr(files, "FOLDER", folder)

    def now():
        version.cache_clear()
        return version()

    first = now()
    assert now() == first
    style = folder / "css" / "forms.css"
    style.write_bytes(style.read_bytes() + b" ")
    second = now()
    style.rename(folder / "css" / "form.css")
    assert len({first, second, now()}) == 3
