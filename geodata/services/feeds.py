"""News of an area or cell, and the addresses by which a feed reader hears what one person may read.

Feed readers seldom send headers, and an API key in an address would stand in the logs of every server and proxy on
its way. So a person makes an address of their own for one feed: its token opens nothing but this feed, reads only,
and is good for nothing from the moment it is revoked.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geodata.errors import FeedEnded, NotFound, TooMany
from geodata.models import FEED_LEVELS, FeedLink, User
from geodata.queries import feeds as queries
from geodata.queries.feeds import Ground, News
from geodata.queries.scope import Scope
from geodata.services import link_tokens
from geodata.services.installation import installation

MOST_NEWS = 50

# More feeds of one person are not meant; a loop that makes addresses ends here.
MOST_OF_A_USER = 50

_PURPOSE = "feed"


class Feed(NamedTuple):
    """What is new on a piece of ground, the newest first."""

    level: str
    code: str
    ground: Ground
    news: Sequence[News]


class ListedLink(NamedTuple):
    """An address of somebody's that is good, and the name of its ground; None where that is no more."""

    link: FeedLink
    name: str | None


def ground(session: Session, level: str, code: str) -> Ground:
    """The area or cell of a code today. Raises NotFound."""
    found = queries.ground(session, level, code) if level in FEED_LEVELS else None
    if found is None:
        raise NotFound(level, code)
    return found


def feed(session: Session, level: str, code: str, *, scope: Scope, with_meetings: bool) -> Feed:
    """The newest of an area or cell: of tickets those of a scope, of meetings all or none. Raises NotFound."""
    there = ground(session, level, code)
    found = queries.news(
        session,
        level,
        code,
        since=there.since,
        zone=installation(session).timezone,
        scope=scope,
        with_meetings=with_meetings,
        most=MOST_NEWS,
    )
    return Feed(level, code, there, found)


def make_link(session: Session, user_id: int, level: str, code: str, *, key: str) -> tuple[FeedLink, str]:
    """Make an address of a user's own for a feed; returns it with its token, which nobody can find out afterwards.

    key   the secret of this installation that signs tokens.

    Raises NotFound for a ground that there is not, and TooMany.
    """
    ground(session, level, code)
    # two at once wait for each other, so that they do not both become the last
    session.get_one(User, user_id, with_for_update=True)
    good = select(func.count()).where(FeedLink.user_id == user_id, FeedLink.revoked_at.is_(None))
    count = session.scalar(good) or 0
    if count >= MOST_OF_A_USER:
        raise TooMany("feed addresses of one user", count + 1, MOST_OF_A_USER)
    token = link_tokens.new(_PURPOSE, key=key)
    made = FeedLink(user_id=user_id, level=level, code=code, token_hash=link_tokens.hashed(token))
    session.add(made)
    session.flush()
    return made, token


def reader(session: Session, token: str, level: str, code: str, *, key: str) -> User:
    """The user whose address for this feed a token is, as they are today.

    Raises NotFound for a token that we never made for this feed, FeedEnded for one that is good no longer.
    """
    if not link_tokens.is_ours(_PURPOSE, token, key=key):
        raise NotFound("feed", "of this address")
    wanted = (
        select(FeedLink, User)
        .join(User, User.id == FeedLink.user_id)
        .where(FeedLink.token_hash == link_tokens.hashed(token))
    )
    row = session.execute(wanted).first()
    if row is None or (row[0].level, row[0].code) != (level, code):
        raise NotFound("feed", "of this address")
    link, user = row
    if link.revoked_at is not None or not user.is_active:
        raise FeedEnded
    return user


def links_of(session: Session, user_id: int) -> list[ListedLink]:
    """A user's own addresses that are good, the newest first."""
    good = select(FeedLink).where(FeedLink.user_id == user_id, FeedLink.revoked_at.is_(None))
    found = session.scalars(good.order_by(FeedLink.created_at.desc(), FeedLink.id.desc()))
    grounds = [(link, queries.ground(session, link.level, link.code)) for link in found.all()]
    return [ListedLink(link, there.name if there else None) for link, there in grounds]


def revoke_link(session: Session, user_id: int, link_id: int) -> FeedLink:
    """Make one of a user's own addresses good no more, at once and for ever. Raises NotFound."""
    found = session.get(FeedLink, link_id)
    if found is None or found.user_id != user_id:
        raise NotFound("feed address", str(link_id))
    if found.revoked_at is None:
        found.revoked_at = datetime.now(UTC)
        session.flush()
    return found
