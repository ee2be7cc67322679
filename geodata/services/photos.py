"""Photos of tickets: made clean before the records are touched, kept in the same transaction as their event.

They are in the database and nowhere else, so a ticket and its photos are stored, backed up and lost together.
None is ever changed or deleted; the event they came with holds their checksums, and so the chain proves them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geodata.errors import NotFound, PictureRefused, TooManyPhotos
from geodata.models import Photo, Ticket, TicketEvent
from geodata.pictures import Picture, clean_picture
from geodata.queries.scope import ALL, Scope
from geodata.services.history import Seen
from geodata.services.moves import move_ticket

MOST_AT_ONCE = 6
MOST_OF_A_TICKET = 60

KINDS = ("report", "before", "after", "check", "other")


class NewPhoto(NamedTuple):
    """A photo to keep; `kind` is one of KINDS."""

    kind: str
    picture: Picture


class PhotoLine(NamedTuple):
    """What is known of a photo, but for its bytes; `seq` is the event it came with."""

    id: int
    seq: int
    kind: str
    width: int
    height: int
    actor: str
    created_at: datetime


class PhotoFile(NamedTuple):
    """The bytes of a photo as JPEG, and the checksum of the large one."""

    content: bytes
    sha256: str


def clean_photos(uploads: Iterable[tuple[str, bytes]]) -> list[NewPhoto]:
    """Uploads with their kinds as they may be kept; touches no records.

    Raises TooManyPhotos, and what `clean_picture` raises, with the number of the photo.
    """
    given = list(uploads)
    if len(given) > MOST_AT_ONCE:
        raise TooManyPhotos(len(given), MOST_AT_ONCE)
    made = []
    for number, (kind, content) in enumerate(given, start=1):
        try:
            made.append(NewPhoto(kind, clean_picture(content)))
        except PictureRefused as error:
            error.number = number
            raise
    return made


def add_photos(session: Session, ticket: Ticket, photos: Sequence[NewPhoto], *, actor: str, seq: int) -> None:
    """Keep photos with an event of a ticket that this transaction holds. Raises TooManyPhotos."""
    if not photos:
        return
    there = session.scalar(select(func.count()).select_from(Photo).where(Photo.ticket_id == ticket.id)) or 0
    if there + len(photos) > MOST_OF_A_TICKET:
        raise TooManyPhotos(there + len(photos), MOST_OF_A_TICKET, there=there)
    session.add_all(
        Photo(
            ticket_id=ticket.id,
            seq=seq,
            kind=photo.kind,
            actor=actor,
            width=photo.picture.width,
            height=photo.picture.height,
            sha256=photo.picture.sha256,
            content=photo.picture.content,
            thumbnail=photo.picture.thumbnail,
        )
        for photo in photos
    )
    session.flush()


def move_with_photos(
    session: Session,
    number: str,
    action: str,
    *,
    actor: str,
    role: str,
    reason: str | None = None,
    facts: Mapping[str, Any] | None = None,
    photos: Sequence[NewPhoto] = (),
    at: datetime | None = None,
    scope: Scope = ALL,
    seen: Seen = None,
) -> Ticket:
    """Make a move of the workflow by hand, and keep what was photographed with its event.

    Raises as `move_ticket` does, and TooManyPhotos.
    """
    kinds = tuple(photo.kind for photo in photos)
    told = {**(facts or {}), **checksums(photos)}
    moved = move_ticket(
        session,
        number,
        action,
        actor=actor,
        role=role,
        reason=reason,
        facts=told,
        photos=kinds,
        at=at,
        scope=scope,
        seen=seen,
    )
    if photos:
        seq = session.scalar(select(func.max(TicketEvent.seq)).where(TicketEvent.ticket_id == moved.id))
        add_photos(session, moved, photos, actor=actor, seq=seq or 1)
    return moved


def checksums(photos: Sequence[NewPhoto]) -> dict[str, list[str]]:
    """What the event that photos came with keeps of them: nothing where there are none."""
    return {"photo_sha256": [photo.picture.sha256 for photo in photos]} if photos else {}


def photos_of(session: Session, ticket: Ticket) -> list[PhotoLine]:
    """The photos of a ticket in the order they came."""
    columns = [getattr(Photo, name) for name in PhotoLine._fields]
    wanted = select(*columns).where(Photo.ticket_id == ticket.id).order_by(Photo.id)
    return [PhotoLine(*row) for row in session.execute(wanted)]


def photo_file(session: Session, ticket: Ticket, photo_id: int, *, is_small: bool = False) -> PhotoFile:
    """A photo of a ticket. Raises NotFound, also for the photo of another ticket."""
    column = Photo.thumbnail if is_small else Photo.content
    row = session.execute(
        select(column, Photo.sha256).where(Photo.ticket_id == ticket.id, Photo.id == photo_id)
    ).first()
    if row is None:
        raise NotFound("photo", str(photo_id))
    return PhotoFile(*row)
