"""What programs read: tiles, exports, who is responsible here, and whether we are well."""

from flask import Blueprint

from webmap.api import (
    coverage,
    duty,
    exports,
    feeds,
    geocoding,
    health,
    indices,
    lists,
    ogc,
    openapi,
    queue,
    search,
    ticket_counts,
    tiles,
    v1,
    where,
)


def blueprints() -> tuple[Blueprint, ...]:
    """One blueprint a noun."""
    return (
        coverage.bp,
        duty.bp,
        exports.bp,
        feeds.bp,
        geocoding.bp,
        health.bp,
        indices.bp,
        lists.bp,
        ogc.bp,
        openapi.bp,
        queue.bp,
        search.bp,
        ticket_counts.bp,
        tiles.bp,
        *v1.blueprints(),
        where.bp,
    )
