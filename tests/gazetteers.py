"""Taking files into the gazetteer, and what stands in it then."""

from sqlalchemy import select

from geodata.models import GazetteerAlias, GazetteerEntry, GazetteerRoad
from geodata.services.imports import import_file


def take(session, path, **options):
    return import_file(session, "gazetteer", path, **{"datum": "wgs84", **options})


def note(report, word):
    return next(one for one in report.notes if one.word == word)


def entries(session, kind=None):
    session.expire_all()
    wanted = select(GazetteerEntry).order_by(GazetteerEntry.kind, GazetteerEntry.name, GazetteerEntry.id)
    return list(session.scalars(wanted if kind is None else wanted.where(GazetteerEntry.kind == kind)))


def roads(session):
    session.expire_all()
    return list(session.scalars(select(GazetteerRoad).order_by(GazetteerRoad.ref)))


def aliases(session):
    session.expire_all()
    wanted = select(GazetteerAlias).order_by(GazetteerAlias.kind, GazetteerAlias.alias_norm)
    return [(one.kind, one.alias_norm, one.target_norm) for one in session.scalars(wanted)]
