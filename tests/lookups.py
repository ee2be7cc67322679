"""What a test wants to look up in the records again and again."""

from sqlalchemy import select, text

from geodata.models import GeocodeResult, MemberUnit


def unit(session, code):
    return session.scalars(select(MemberUnit).where(MemberUnit.code == code)).one()


def position(session, code):
    row = session.execute(
        text("SELECT ST_X(geom), ST_Y(geom) FROM member_unit WHERE code = :code"), {"code": code}
    ).one()
    return tuple(row)


def result(session, code, kind="units"):
    wanted = select(GeocodeResult).where(GeocodeResult.target_code == code, GeocodeResult.target_kind == kind)
    return session.scalars(wanted).one()
