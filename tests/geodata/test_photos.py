import io

import pytest
from makers import add_areas, at
from PIL import Image

from geodata.errors import NotFound, PictureRefused, TooManyPhotos
from geodata.queries.photos import first_photos
from geodata.services import photos
from geodata.services.photos import NewPhoto, add_photos, clean_photos, photo_file, photos_of
from geodata.services.tickets import Position, open_ticket


def upload(colour="red", size=(400, 200)):
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, "JPEG")
    return written.getvalue()


@pytest.fixture
def ticket(session):
    add_areas(session)
    return open_ticket(
        session, category="0102", title="垃圾", actor="officer", position=Position(*at(0.5, 1.0), "wgs84")
    )


def test_photos_are_kept_with_the_event_they_came_with(session, ticket):
    given = clean_photos([("before", upload("red")), ("after", upload("green"))])
    add_photos(session, ticket, given, actor="officer", seq=1)
    lines = photos_of(session, ticket)
    assert [(one.kind, one.seq, one.width, one.height, one.actor) for one in lines] == [
        ("before", 1, 400, 200, "officer"),
        ("after", 1, 400, 200, "officer"),
    ]
    large, small = (photo_file(session, ticket, lines[0].id, is_small=small) for small in (False, True))
    assert large.content == given[0].picture.content
    assert Image.open(io.BytesIO(small.content)).size == (320, 160)
    assert large.sha256 == small.sha256 == given[0].picture.sha256


def test_the_photo_of_another_ticket_is_not_there(session, ticket):
    add_photos(session, ticket, clean_photos([("report", upload())]), actor="officer", seq=1)
    other = open_ticket(session, category="0102", title="别的", actor="officer")
    mine = photos_of(session, ticket)[0].id
    for ticket_, id_ in ((other, mine), (ticket, mine + 1)):
        with pytest.raises(NotFound, match="no photo"):
            photo_file(session, ticket_, id_)
    assert photos_of(session, other) == []


def test_a_photo_that_is_refused_is_named_by_its_number():
    with pytest.raises(PictureRefused) as refused:
        clean_photos([("report", upload()), ("report", b"GIF89a")])
    assert (refused.value.number, refused.value.reason) == (2, "unknown")


def test_more_photos_than_are_taken_are_refused(session, ticket, monkeypatch):
    with pytest.raises(TooManyPhotos, match="at most 6"):
        clean_photos([("report", upload())] * 7)
    monkeypatch.setattr(photos, "MOST_OF_A_TICKET", 3)
    add_photos(session, ticket, clean_photos([("report", upload())] * 2), actor="officer", seq=1)
    with pytest.raises(TooManyPhotos, match="a ticket has at most 3"):
        add_photos(session, ticket, clean_photos([("check", upload())] * 2), actor="officer", seq=2)
    assert len(photos_of(session, ticket)) == 2


def test_the_first_photos_of_several_tickets(session, ticket):
    bare = open_ticket(session, category="0102", title="别的", actor="officer")
    picture = clean_photos([("report", upload())])[0].picture
    add_photos(session, ticket, [NewPhoto("report", picture)] * 4, actor="officer", seq=1)
    ids = [one.id for one in photos_of(session, ticket)]
    assert first_photos(session, [ticket.number, bare.number, "20200101-000001"], most=3) == {ticket.number: ids[:3]}
