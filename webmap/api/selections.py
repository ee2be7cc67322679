"""Which rows of a collection an address means, for whoever asks."""

from typing import Any

from geodata.catalog import Collection, Property
from geodata.queries import cql
from geodata.queries.features import Selection
from geodata.queries.scope import Condition
from geodata.services import classes
from webmap import conditions, params
from webmap.access import may, reword, ticket_scope
from webmap.api import readers  # the module: it asks pages, which may be asking for this one
from webmap.records import current_session

BOX = "bbox"

# A filter in CQL2, beside the conditions of the list.
FILTER, FILTER_LANGUAGE = "filter", "filter-lang"
ALWAYS = (BOX, FILTER, FILTER_LANGUAGE)


def permission(collection: Collection) -> str:
    """The action that whoever takes the rows away needs."""
    return "ticket.export" if collection.id == "tickets" else collection.read


def may_export(collection: Collection) -> bool:
    """Whether whoever asks may take the rows away."""
    return may(permission(collection))


def condition_names(collection: Collection) -> tuple[str, ...]:
    """Parameters that narrow a collection: a box, a filter, and the conditions of its list."""
    if collection.id == "tickets":
        return (*ALWAYS, *params.FILTER_NAMES)
    if collection.id == "units":
        return (*ALWAYS, *params.GROUND_NAMES)
    if collection.id in classes.OF_A_RUN:
        return (*ALWAYS, "radius", "category")
    return (*ALWAYS, *conditions.NAMES.get(collection.id, ()), *readers.names_of(collection))


def selection(collection: Collection, *beside: str) -> Selection:
    """What the address means: `bbox`, and the conditions that the list of the collection takes.

    beside   what else the address may say.

    Raises BadParameter, and FilterRefused for a filter that is not taken.
    """
    names = condition_names(collection)
    params.only(*names, *beside)
    narrowed: dict[str, Any] = {"tickets": params.ticket_filter(ticket_scope())} if collection.id == "tickets" else {}
    if collection.id == "units":
        narrowed["units"] = params.unit_filter()
    elif collection.id in classes.OF_A_RUN:
        radius_m, category = params.run()
        narrowed["run_id"] = classes.run_id(current_session(), radius_m=radius_m, category=category)
    elif collection.id in conditions.NAMES:
        narrowed["codes"] = conditions.codes(current_session(), collection.id, *ALWAYS, *beside)
    return Selection(
        collection, params.box(), condition=_filter(collection), reader=readers.reader_of(collection), **narrowed
    )


def queryable(collection: Collection) -> list[Property]:
    """Properties by which whoever asks may choose: none of those that are told to them in other words.

    Who may ask which tickets say a number, reads that number.
    """
    hidden = collection.free_text if reword() is not None else ()
    return [each for each in collection.properties if each.name not in hidden]


def _filter(collection: Collection) -> Condition | None:
    asked = params.text(FILTER, longest=cql.MAX_BYTES)
    language = params.text(FILTER_LANGUAGE) or cql.LANGUAGES[0]
    if asked is None:
        return None
    return cql.condition(asked, language=language, queryables={one.name: one for one in queryable(collection)})


def conditions_kept(collection: Collection) -> dict[str, str]:
    """The conditions as they came, for links that keep them; read after `selection` has checked them."""
    return params.kept(*condition_names(collection))
