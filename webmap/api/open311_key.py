"""Who asks by Open311, and what of the district: the key of an application, the jurisdiction, what is told to it."""

from flask import abort, current_app

from geodata.errors import NotFound
from geodata.queries.scope import Scope, area_of_level
from geodata.services.permissions import VISITOR
from geodata.settings import Open311Settings
from webmap import access
from webmap.api import open311_params as asks
from webmap.errors import KeyNeeded
from webmap.records import current_session, district

SETTING = "OPEN311"

READ = "open311.read"


def settings() -> Open311Settings:
    """How the operator has set this door."""
    found: Open311Settings = current_app.config[SETTING]
    return found


def check_door() -> None:
    """Refuse everything where the door is shut."""
    if settings().mode == "off":
        abort(404)


def demand_key() -> None:
    """Raise KeyNeeded unless a good key came with the request: who is signed in by a cookie writes nothing here."""
    if not access.is_vouched_for():
        raise KeyNeeded


def reads_as_anybody() -> bool:
    """Whether whoever asks is told what any visitor is: without a key, or with one that may only report.

    Applications send their key with whatever they ask; one that lacks a scope is not told less than nobody.
    """
    return access.role() == VISITOR or not (access.may(READ) or access.reads_words())


def read_scope() -> Scope:
    """Which tickets are told to whoever asks: all of them to a visitor, to others those that their role reads.

    Raises KeyNeeded where visitors are told of none, ScopeLacking for a key that works on tickets and may not read.
    """
    if not reads_as_anybody():
        access.demand(READ)
        return access.scope_of(READ)
    if settings().mode == "keys":
        raise KeyNeeded
    return access.scope_of(READ, as_anybody=True)


def town() -> str | None:
    """The town that `jurisdiction_id` narrows everything to; None for the whole district.

    The district is meant by nothing, by its code, and by the name that the operator has given it; a town by its code.
    Raises NotFound for anything else.
    """
    named = asks.told("jurisdiction_id")
    known = {district().code.casefold(), (settings().jurisdiction or "").casefold()}
    if named is None or named.casefold() in known:
        return None
    if area_of_level(current_session(), "town", named) is None:
        raise NotFound("jurisdiction_id", named)
    return named


def own_name() -> str:
    """What this district is called as a jurisdiction."""
    return settings().jurisdiction or district().code
