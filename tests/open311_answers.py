"""Answers of Open311 as tests look at them."""

from applications import BASE, as_text, key_of, read
from sqlalchemy import func, select

from geodata.models import Ticket

KEY = {"api_key": key_of("district")}


def wrong(answer, status=400):
    """The sentences of a refusal."""
    assert answer.status_code == status, answer.text
    return [one["description"] for one in read(answer)]


def both(client, address, **query):
    """What is told in JSON, after it was told alike in XML."""
    told = [client.get(f"{BASE}/{address}.{form}", query_string=query) for form in ("json", "xml")]
    assert [one.status_code for one in told] == [200, 200], told[0].text
    assert as_text(read(told[0])) == read(told[1])
    return read(told[0])


def made(answer):
    """The one request of an answer that took it in."""
    assert answer.status_code == 200, answer.text
    (told,) = read(answer)
    return told


def count(records, model=Ticket):
    """How many rows a table has."""
    with records() as session:
        return session.scalar(select(func.count()).select_from(model))


# To what is asked with the category of group rental.
ANSWERS = {
    "attribute[PEOPLE]": "12",
    "attribute[SIGNS][]": ["bunks", "wiring"],
}
