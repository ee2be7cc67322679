"""Schemas of our own API: tickets, their history, who may take them."""

from collections.abc import Mapping
from typing import Any

from webmap.openapi.shapes import (
    AN_OBJECT,
    MOMENT,
    NUMBER,
    TEXT,
    WHOLE,
    YES_OR_NO,
    an_object,
    list_of,
    one_of,
    or_null,
    page_of,
    ref,
)

COUNT = {"type": "integer", "minimum": 0}
CODE_AND_NAME = an_object({"code": TEXT, "name": or_null(TEXT)})
UNIT = an_object({"code": TEXT, "name": TEXT, "kind": TEXT})

SUMMARY = {
    "number": TEXT,
    "href": TEXT,
    "title": {**TEXT, "description": "Masked for those who may not read words."},
    "category": CODE_AND_NAME,
    "state": TEXT,
    "state_name": TEXT,
    "group": one_of("new", "work", "check", "closed"),
    "pending": or_null(one_of("extend", "suspend", "appeal", "referee")),
    "is_supervised": YES_OR_NO,
    "returns": COUNT,
    "reworks": COUNT,
    "reported_at": MOMENT,
    "due_at": or_null(MOMENT),
    "deadline": one_of("late", "soon", "ontime", "none"),
    "place": ref("Ground"),
    "unit": or_null(CODE_AND_NAME),
    "office": or_null(CODE_AND_NAME),
}

WHOLE_TICKET = {
    **SUMMARY,
    "version": {**COUNT, "description": "Grows with whatever happens to the ticket; ETag and If-Match have it, too."},
    "description": or_null(TEXT),
    "source": TEXT,
    "source_ref": or_null(TEXT),
    "reported_by": or_null(TEXT),
    "datum": or_null(TEXT),
    "accuracy_m": or_null(NUMBER),
    "duty_grid": or_null(TEXT),
    **dict.fromkeys(("filed_at", "dispatched_at", "done_at", "closed_at"), or_null(MOMENT)),
    "updated_at": MOMENT,
    "is_self_handled": YES_OR_NO,
    "is_binding": YES_OR_NO,
    "is_excused": YES_OR_NO,
    "is_satisfied": or_null(YES_OR_NO),
    "reopens": COUNT,
    "merged_into": or_null(TEXT),
    "rule": or_null(an_object({"condition": TEXT, "closing": TEXT, "limit": TEXT})),
    "clocks": list_of(ref("Clock")),
    "borders": {**list_of(TEXT), "description": "Rulings at borders near by, in sentences."},
    "moves": list_of(an_object({"action": TEXT, "title": TEXT, "asks": list_of(TEXT)})),
    "may_be_assigned": YES_OR_NO,
    "may_be_given": YES_OR_NO,
    "may_be_placed": YES_OR_NO,
    "may_be_merged": YES_OR_NO,
}

MOVED = {
    "number": TEXT,
    "version": COUNT,
    "event": ref("Event"),
    "ticket": {**or_null(ref("Ticket")), "description": "Null where the ticket lies with others now."},
}

STANDING = {"unit": UNIT, "metres": or_null(NUMBER), "reasons": list_of(ref("Reason"))}
DECISION = {
    "outcome": one_of("unit", "town_office"),
    "unit": or_null(UNIT),
    "candidates": list_of(an_object({"rank": {"type": "integer", "minimum": 1}, **STANDING})),
    "rejected": list_of(an_object(STANDING)),
    "refused": {"type": "object", "additionalProperties": COUNT, "description": "Units refused, by word of reason."},
}

SIDES = an_object(
    {
        **dict.fromkeys(("assigned", "unassigned", "holders", "same_village", "same_town"), COUNT),
        "metres": NUMBER,
    }
)

TICKET_SHAPES: Mapping[str, Mapping[str, Any]] = {
    "Ground": an_object(
        {
            "lon": or_null(NUMBER),
            "lat": or_null(NUMBER),
            "address": or_null(TEXT),
            "town": or_null(CODE_AND_NAME),
            "village": or_null(CODE_AND_NAME),
            "cell": or_null(TEXT),
        }
    ),
    "TicketSummary": an_object(SUMMARY),
    "TicketPage": page_of(
        ref("TicketSummary"), {"total": {**or_null(COUNT), "description": "Of the first page; null where not counted."}}
    ),
    "Ticket": an_object(WHOLE_TICKET),
    "Clock": an_object(
        {
            "stage": TEXT,
            "title": TEXT,
            "limit": an_object({"amount": NUMBER, "unit": TEXT, "said": TEXT}),
            "standing": one_of("running", "paused", "intime", "late"),
            "started_at": MOMENT,
            "due_at": or_null(MOMENT),
            "stopped_at": or_null(MOMENT),
        }
    ),
    "Event": an_object(
        {
            "seq": {"type": "integer", "minimum": 1},
            "at": MOMENT,
            "action": TEXT,
            "title": TEXT,
            "by": TEXT,
            "from_state": or_null(TEXT),
            "to_state": TEXT,
            "unit_code": or_null(TEXT),
            "reason": or_null(TEXT),
            "told": list_of(TEXT),
        }
    ),
    "EventPage": page_of(ref("Event")),
    "PhotoPage": page_of(
        an_object(
            {
                **dict.fromkeys(("id", "seq", "width", "height"), WHOLE),
                "kind": one_of("report", "before", "after", "check", "other"),
                "by": TEXT,
                "at": MOMENT,
                "href": TEXT,
                "small": TEXT,
            }
        )
    ),
    "Moved": an_object(MOVED),
    "Similar": an_object(
        {
            **dict.fromkeys(("number", "href", "title", "category", "state"), TEXT),
            "reported_at": MOMENT,
            "metres": NUMBER,
        }
    ),
    "Reported": an_object(
        {
            "number": TEXT,
            "version": COUNT,
            "ticket": {**or_null(ref("Ticket")), "description": "Null for a key that may not read."},
            "similar": list_of(ref("Similar")),
        }
    ),
    "Reason": an_object({"word": TEXT, "said": TEXT, "facts": AN_OBJECT}),
    "Decision": an_object(DECISION),
    "Candidates": an_object({"number": TEXT, "at": MOMENT, **DECISION}),
    "Assigned": an_object(
        {
            **MOVED,
            "event": or_null(ref("Event")),
            "is_dry_run": YES_OR_NO,
            "method": one_of("rule", "hand"),
            "refusals": {**list_of(ref("Reason")), "description": "What the rule says against a unit chosen by hand."},
            "decision": or_null(ref("Decision")),
        }
    ),
    "Batch": an_object(
        {
            "is_dry_run": YES_OR_NO,
            "town": or_null(TEXT),
            "method": TEXT,
            **dict.fromkeys(("tickets", "to_unit", "to_office", "for_referee"), COUNT),
            "gaps": {"type": "object", "additionalProperties": COUNT, "description": "Tickets by code of office."},
            **dict.fromkeys(("greedy", "optimum", "optimum_of_as_many"), SIDES),
            "metres_saved": NUMBER,
            "is_proven": YES_OR_NO,
            "decisions": list_of(an_object({"number": TEXT, "unit": or_null(TEXT)})),
        }
    ),
    "Me": an_object(
        {
            "name": TEXT,
            "role": TEXT,
            "area": or_null(TEXT),
            "unit": or_null(CODE_AND_NAME),
            "is_by_key": YES_OR_NO,
            "scopes": {**or_null(list_of(TEXT)), "description": "Null without a key."},
        }
    ),
}
