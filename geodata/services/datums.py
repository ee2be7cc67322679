"""The datum that someone names: one of those everybody knows, or one fitted to this district."""

import unicodedata

from sqlalchemy import select
from sqlalchemy.orm import Session

from geodata.errors import NotFound
from geodata.models import LocalDatum
from spatial import decoding_switch
from spatial.crs import BD09, CGCS2000, GCJ02, LOCAL, WGS84, Datum
from spatial.errors import DecodingOff
from spatial.local import Similarity

# A legal declaration of imports: nothing is stored, and the verdict is given.
UNKNOWN = "unknown"
_UNKNOWN_WORDS = {UNKNOWN, "未知", "不明", "不知道", "?"}


def is_unknown(text: str) -> bool:
    """Whether somebody says that the datum is not known."""
    return unicodedata.normalize("NFKC", text).strip().lower() in _UNKNOWN_WORDS


def datum_named(session: Session, text: str) -> Datum:
    """The datum of a name at a door of this installation: every name that comes with coordinates is read here.

    `local:NAME` is looked up among those that were fitted. Raises UnknownDatum, NotFound for a local datum that is not
    there, and DecodingOff for a shifted datum where those are not decoded.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain.lower().startswith(LOCAL):
        return _local(session, plain[len(LOCAL) :].strip())
    found = Datum.parse(text)
    if found.is_shifted and not decoding_switch.is_allowed():
        raise DecodingOff
    return found


def datums_offered(session: Session) -> list[str]:
    """Names of the datums that a form offers: those decoded here, and the local ones."""
    known = [WGS84, CGCS2000, *([GCJ02, BD09] if decoding_switch.is_allowed() else [])]
    return [*(datum.name for datum in known), *(f"{LOCAL}{row.name}" for row in local_datums(session))]


def local_datums(session: Session) -> list[LocalDatum]:
    """All local datums by name."""
    return list(session.scalars(select(LocalDatum).order_by(LocalDatum.name)))


def as_datum(row: LocalDatum) -> Datum:
    """A local datum as coordinates carry it."""
    return Datum(f"{LOCAL}{row.name}", Similarity(row.a, row.b, row.tx, row.ty, row.metre_srid))


def _local(session: Session, name: str) -> Datum:
    found = session.get(LocalDatum, name)
    if found is None:
        raise NotFound("local datum", name, [row.name for row in local_datums(session)])
    return as_datum(found)
