"""Making an installation this district's, once."""

import re
from collections.abc import Sequence
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Engine, inspect, select
from sqlalchemy.orm import Session

from geodata import migrations, seed
from geodata.db import check_letters, session_on
from geodata.errors import AlreadyInitialised, BadSetting, NotInitialised
from geodata.geocode.text import normalise
from geodata.models import (
    Area,
    Base,
    CalendarDay,
    Category,
    DutyRule,
    FilingRule,
    IndexWeight,
    Installation,
    ResourceKind,
    ReturnReason,
    ServiceAttribute,
    StageLimit,
    UnitKind,
    WarningStep,
    WorkingHours,
)
from geodata.services import service_attributes
from spatial.codes import CodePattern
from spatial.crs import metre_crs

DEFAULT_PATTERN = "{district:6}{town:3}{village:3}{cell:3}"
LANGUAGES = ("zh_Hans", "en")

_KEPT = "installation"
# Province, prefecture, county-level city and one more.
_MOST_UPPER = 4
_LONGEST_UPPER = 100


def installation(session: Session) -> Installation:
    """The settings of this district. Raises NotInitialised where there is none."""
    found = session.get(Installation, 1)
    if found is None:
        raise NotInitialised
    # a session forgets at once what nobody holds, and would ask the database each time
    session.info[_KEPT] = found
    return found


def is_initialised(engine: Engine) -> bool:
    """Whether a district lives in this database."""
    if not inspect(engine).has_table(Installation.__tablename__):
        return False
    with Session(engine) as session:
        # the number alone: an older schema lacks other columns
        return session.scalar(select(Installation.id)) is not None


def init_district(
    engine: Engine,
    *,
    code: str,
    name: str,
    metre_crs: str,
    timezone: str = "Asia/Shanghai",
    lang: str = "zh_Hans",
    code_pattern: str = DEFAULT_PATTERN,
    within: Sequence[str] = (),
    is_made_up: bool = False,
) -> Installation:
    """Build the schema and the seeds of an empty district, and return its settings.

    `within` is what it lies in, from the outermost inwards, as `set_within` takes it; not told where empty.
    `metre_crs` becomes part of every table and cannot be changed later. The same call again changes
    nothing; another district in the same database raises AlreadyInitialised. Raises NotMetric,
    BadCode or BadSetting for values that cannot be used.
    """
    srid = _checked_srid(metre_crs)
    _check_settings(code=code, name=name, timezone=timezone, lang=lang, code_pattern=code_pattern)
    upper = _checked_within(within, district=name)
    if is_initialised(engine):
        with Session(engine) as session:
            # these alone: an older schema lacks other columns
            there = session.execute(select(Installation.code, Installation.name, Installation.metre_srid)).one()
            if (there.code, there.metre_srid) != (code, srid):
                raise AlreadyInitialised(there.code, there.name)
    migrations.upgrade(engine, metre_srid=srid)
    check_letters(engine)
    with session_on(engine) as session:
        session.expire_on_commit = False
        found = session.get(Installation, 1)
        if found is not None:
            return found
        made = Installation(
            id=1,
            code=code,
            name=name,
            within=upper,
            metre_srid=srid,
            timezone=timezone,
            lang=lang,
            code_pattern=code_pattern,
            is_made_up=is_made_up,
        )
        session.add(made)
        session.add(Area(level="district", code=code, name=name, origin="init"))
        _plant_seeds(session)
    # connections opened before the district was known keep another clock
    engine.dispose()
    return made


def set_within(session: Session, names: Sequence[str]) -> list[str]:
    """Say what the district lies in, from the outermost inwards, or that nobody says; returns what is kept.

    names   such as `浙江省`, `舟山市`: each with its other forms behind slashes where they do not follow from it.

    Addresses found before stay as they are until they are looked for again. Raises BadSetting, NotInitialised.
    """
    place = installation(session)
    place.within = _checked_within(names, district=place.name)
    session.flush()
    return place.within


def _checked_within(names: Sequence[str], *, district: str) -> list[str]:
    told = ["/".join(filter(None, map(normalise, name.split("/")))) for name in names]
    wanted = f"up to {_MOST_UPPER} names, such as 浙江省 and 舟山市, of areas that the district lies in"
    for said, kept in zip(names, told, strict=True):
        forms = kept.split("/")
        if not kept or len(kept) > _LONGEST_UPPER or min(map(len, forms)) < 2 or normalise(district) in forms:
            raise BadSetting("--within", said, wanted)
    if len(told) > _MOST_UPPER or len(set(told)) < len(told):
        raise BadSetting("--within", ", ".join(names), wanted + ", each once")
    return told


def _checked_srid(name: str) -> int:
    crs = metre_crs(name)
    srid = crs.to_epsg()
    if srid is None:
        raise BadSetting("--metre-crs", name, "a CRS with an EPSG number, such as EPSG:4549")
    return int(srid)


def _check_settings(*, code: str, name: str, timezone: str, lang: str, code_pattern: str) -> None:
    if not re.fullmatch(r"[0-9A-Za-z]{1,20}", code):
        raise BadSetting("--code", code, "1 to 20 letters or digits")
    if not name.strip():
        raise BadSetting("--name", name, "the name of the district")
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadSetting("--timezone", timezone, "a zone such as Asia/Shanghai") from error
    if lang not in LANGUAGES:
        raise BadSetting("--lang", lang, "one of " + ", ".join(LANGUAGES))
    CodePattern.parse(code_pattern)


def _plant_seeds(session: Session) -> None:
    session.add_all(Category(**{**row, "is_local": row["is_local"] == "true"}) for row in seed.rows("categories"))
    session.add_all(UnitKind(**row) for row in seed.rows("unit_kinds"))
    session.flush()
    session.add_all(DutyRule(**row) for row in seed.rows("duty_list"))
    session.flush()
    plant_missing(session)


def plant_missing(session: Session) -> None:
    """Plant the seeds of rules, kinds and calendar whose table is empty: of a new district, or of one from before them.

    Public holidays are those of the district's time zone; where the seeds know none, no day is off but by its weekday.
    Rules of categories that the district has given up are left out.
    """
    zone = installation(session).timezone
    categories = set(session.scalars(select(Category.code)))
    planted: list[tuple[type[Base], list[dict[str, Any]]]] = [
        (ReturnReason, seed.rows("return_reasons")),
        (ResourceKind, seed.rows("resource_kinds")),
        (IndexWeight, [{**row, "weight": float(row["weight"])} for row in seed.rows("index_weights")]),
        (FilingRule, [_rule(row) for row in seed.rows("filing_rules") if row["category_code"] in categories]),
        (ServiceAttribute, [one for one in service_attributes.planted() if one["category_code"] in categories]),
        (StageLimit, [{**row, "amount": float(row["amount"])} for row in seed.rows("stage_limits")]),
        (WarningStep, [{**row, "share": float(row["share"])} for row in seed.rows("warning_steps")]),
        (CalendarDay, [_day(row) for row in seed.rows("calendar_days") if row["zone"] == zone]),
        (WorkingHours, [_spell(row) for row in seed.rows("working_hours")]),
    ]
    for model, rows in planted:
        if session.scalars(select(model).limit(1)).first() is None:
            session.add_all(model(**row) for row in rows)
    session.flush()


def _rule(row: dict[str, str]) -> dict[str, Any]:
    kept: dict[str, Any] = dict(row)
    return kept | {
        "rank": int(row["rank"]),
        "amount": float(row["amount"]),
        "needs_photo": row["needs_photo"] == "true",
    }


def _day(row: dict[str, str]) -> dict[str, Any]:
    return {
        "day": date.fromisoformat(row["day"]),
        "is_workday": row["is_workday"] == "true",
        "as_weekday": int(row["as_weekday"]) if row["as_weekday"] else None,
        "name_zh": row["name_zh"],
        "name_en": row["name_en"],
    }


def _spell(row: dict[str, str]) -> dict[str, Any]:
    return {
        "weekday": int(row["weekday"]),
        "opens": time.fromisoformat(row["opens"]),
        "closes": time.fromisoformat(row["closes"]),
    }
