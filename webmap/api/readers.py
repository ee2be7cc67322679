"""Who asks, for the collections of which not everybody is told the same."""

from geodata.catalog import Collection
from geodata.queries.readers import NOBODY, OF_A_READER, CountsTold, Reader
from geodata.services import registrations
from webmap import params
from webmap.pages import whistle
from webmap.pages.registrations import told
from webmap.records import current_session

CALLS = "whistle_calls"


def names_of(collection: Collection) -> tuple[str, ...]:
    """Parameters that say which rows of such a collection are meant."""
    return ("period",) if collection.id in OF_A_READER and collection.id != CALLS else ()


def reader_of(collection: Collection) -> Reader:
    """Whoever asks, as this collection needs them: as the page of the same records tells them.

    Counts are those of the newest period, or of `period`.
    """
    if collection.id not in OF_A_READER:
        return NOBODY
    if collection.id == CALLS:
        return Reader(calls=whistle.scope())
    known = registrations.known_periods(current_session())
    period = params.one_of("period", known) or (known[0] if known else None)
    return NOBODY if period is None else Reader(counts=CountsTold(registrations.as_json(told(period))))
