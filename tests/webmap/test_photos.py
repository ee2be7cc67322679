import io
import re

import pytest
from makers import add_areas, add_unit
from pictures import photo_bytes, photo_file
from PIL import Image
from sqlalchemy import select

from geodata.models import Photo, TicketEvent

GOOD = {"lon": "121.405", "lat": "31.105", "category": "0501", "title": "路边摆摊"}
JSON = {"Accept": "application/json"}


@pytest.fixture
def officer(signed_in, records):
    with records() as session:
        add_areas(session)
        add_unit(session, "MARKET", 0.51, 0.5, kind="market", town_code="310112101000")
    return signed_in("officer")


@pytest.fixture
def ticket(officer):
    """Number of a ticket with one photo."""
    exif = Image.Exif()
    exif[0x010F] = "CANARY-MAKER"
    exif.get_ifd(0x8825).update({1: "N", 2: (31.0, 6.0, 12.5)})
    photo = io.BytesIO(photo_bytes(exif=exif, comment=b"<script>CANARY</script>")), "CANARY.jpg"
    return officer.post("/report", data={**GOOD, "photos": photo}).location.rsplit("/", 1)[1]


def addresses(browser, number):
    return sorted(
        set(re.findall(rf"/tickets/{number}/photos/\d+(?:-small)?\.jpg", browser.get(f"/tickets/{number}").text))
    )


def test_a_photo_is_a_picture_and_nothing_else(officer, ticket):
    small, large = sorted(addresses(officer, ticket), key=len, reverse=True)
    for address, size in ((large, (400, 300)), (small, (320, 240))):
        answer = officer.get(address)
        assert answer.mimetype == "image/jpeg"
        assert Image.open(io.BytesIO(answer.data)).size == size
        assert b"CANARY" not in answer.data
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Content-Disposition"] == "inline"
        assert answer.headers["Cache-Control"] == "private, max-age=86400, immutable"
        again = officer.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Cache-Control"].startswith("private")


def test_no_name_of_a_file_is_kept_anywhere(officer, ticket, records):
    assert "CANARY" not in officer.get(f"/tickets/{ticket}").text
    with records() as session:
        row = session.scalars(select(Photo)).one()
        held = [getattr(row, name) for name in Photo.__table__.columns.keys()]  # noqa: SIM118 - a collection of columns
        assert not any("CANARY" in str(value) for value in held)


def test_who_may_not_see_the_ticket_may_not_see_its_photos(client, officer, ticket):
    for address in addresses(officer, ticket):
        assert client.get(address, headers=JSON).status_code == 401
    large = addresses(officer, ticket)[-1]
    id_ = re.search(r"photos/(\d+)", large)[1]
    other = officer.post("/report", data={**GOOD, "lat": "31.109"}).location.rsplit("/", 1)[1]
    for wrong in (f"/tickets/{other}/photos/{id_}.jpg", f"/tickets/none/photos/{id_}.jpg"):
        assert officer.get(wrong, headers=JSON).status_code == 404
    for wrong in (f"/tickets/{ticket}/photos/99.jpg", f"/tickets/{ticket}/photos/{'9' * 30}.jpg"):
        assert officer.get(wrong, headers=JSON).status_code == 404
    assert officer.get(f"/tickets/{ticket}/photos/{id_}.svg", headers=JSON).status_code == 404


def test_photos_come_with_the_steps_of_work(officer, ticket, records):
    for action in ("accept", "handle"):
        assert officer.post(f"/tickets/{ticket}/{action}").status_code == 302
    page = officer.get(f"/tickets/{ticket}").text
    assert 'enctype="multipart/form-data"' in page
    done = officer.post(f"/tickets/{ticket}/done", data={"photo": [photo_file("green"), photo_file("blue")]})
    assert done.status_code == 302
    with records() as session:
        event = session.scalars(select(TicketEvent).where(TicketEvent.action == "done")).one()
        photos = session.scalars(select(Photo).where(Photo.seq == event.seq).order_by(Photo.id)).all()
        assert [one.kind for one in photos] == ["after", "after"]
        assert event.facts == {"photos": ["after", "after"], "photo_sha256": [one.sha256 for one in photos]}
    assert len(addresses(officer, ticket)) == 6


def test_a_step_that_is_refused_keeps_no_photo(officer, ticket, records):
    answer = officer.post(f"/tickets/{ticket}/done", data={"photo": photo_file()}, headers=JSON)
    assert answer.status_code == 409
    bad = officer.post(
        f"/tickets/{ticket}/note", data={"reason": "看", "photo": (io.BytesIO(b"GIF89a"), "x")}, headers=JSON
    )
    assert bad.status_code == 422
    with records() as session:
        assert len(session.scalars(select(Photo)).all()) == 1
