"""What programs read: tiles, exports, who is responsible here, and whether we are well."""

from flask import Blueprint

from webmap.api import exports, health, tiles, where


def blueprints() -> tuple[Blueprint, ...]:
    """One blueprint a noun."""
    return (exports.bp, health.bp, tiles.bp, where.bp)
