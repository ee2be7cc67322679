"""What tests of taking back share."""

from geodata.services.import_runs import listed


def newest(session):
    """Number of the last import, None before the first."""
    return next((one.number for one in listed(session, limit=1)), None)


def why(found):
    """What stands in the way, in three words each."""
    return [(one.why, one.table, one.code) for one in found.conflicts]
