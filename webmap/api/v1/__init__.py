"""Our own API for other systems of the district: tickets, places, assignment, coverage, the lists they need.

One file a noun. Each address asks the services that the pages ask, with the same permissions, and answers plain JSON.
"""

from flask import Blueprint

from webmap.api.v1 import assignment, coverage, indices, lists, me, moves, photos, places, reports, siting, tickets


def blueprints() -> tuple[Blueprint, ...]:
    """One blueprint a noun."""
    return (
        assignment.bp,
        coverage.bp,
        indices.bp,
        lists.bp,
        me.bp,
        moves.bp,
        photos.bp,
        places.bp,
        reports.bp,
        siting.bp,
        tickets.bp,
    )
