"""The datum that someone names: one of those everybody knows, or one fitted to this district."""

from sqlalchemy.orm import Session

from spatial import decoding
from spatial.crs import Datum
from spatial.errors import DecodingOff


def datum_named(session: Session, text: str) -> Datum:  # noqa: ARG001 - local datums are in the records
    """The datum of a name at a door of this installation: every name that comes with coordinates is read here.

    Raises UnknownDatum, and DecodingOff for a shifted datum where those are not decoded.
    """
    found = Datum.parse(text)
    if found.is_shifted and not decoding.is_allowed():
        raise DecodingOff
    return found
