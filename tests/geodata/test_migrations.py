import pytest
from alembic import command
from sqlalchemy import Column, Integer, Table, text
from sqlalchemy.exc import DBAPIError

from geodata import migrations
from geodata.errors import NotInitialised, SchemaBehind
from geodata.models import Base
from geodata.services.installation import init_district


def test_models_and_migrations_are_equal(engine):
    with engine.connect() as connection:
        assert migrations.differences(connection) == []
        assert migrations.current(connection) == migrations.newest()


@pytest.fixture
def extra_table():
    table = Table("not_migrated", Base.metadata, Column("id", Integer, primary_key=True))
    yield table
    Base.metadata.remove(table)


def test_a_table_without_a_migration_is_noticed(engine, extra_table):
    with engine.connect() as connection:
        assert [change[0] for change in migrations.differences(connection)] == ["add_table"]


def test_a_metre_column_of_another_shape_is_noticed(session):
    session.execute(text("ALTER TABLE ticket ALTER geom_m DROP EXPRESSION"))
    session.execute(text("ALTER TABLE ticket ALTER geom_m TYPE geometry(LineString, 4549) USING NULL"))
    changes = migrations.differences(session.connection())
    assert changes
    assert "geom_m" in str(changes)


METRE_TWINS = text("""
    SELECT f.f_table_name, t.srid, a.attgenerated,
           EXISTS (SELECT FROM pg_index AS i
                     JOIN pg_class AS c ON c.oid = i.indexrelid
                     JOIN pg_am AS m ON m.oid = c.relam
                    WHERE i.indrelid = a.attrelid AND i.indkey[0] = a.attnum AND m.amname = 'gist') AS indexed
      FROM geometry_columns AS f
      LEFT JOIN geometry_columns AS t ON t.f_table_name = f.f_table_name AND t.f_geometry_column = 'geom_m'
      LEFT JOIN pg_attribute AS a
        ON a.attrelid = CAST(f.f_table_name AS regclass) AND a.attname = 'geom_m'
     WHERE f.srid = 4326
     ORDER BY f.f_table_name
""")


def test_every_geometry_has_an_indexed_generated_metre_twin(session):
    twins = session.execute(METRE_TWINS).all()
    assert len(twins) >= 9
    assert {(srid, generated, indexed) for _, srid, generated, indexed in twins} == {(4549, "s", True)}


def test_the_metre_crs_is_the_districts_own(make_district):
    engine = make_district(code="36", name="New York", metre_crs="EPSG:32618")
    with engine.connect() as connection:
        assert migrations.differences(connection) == []
        assert migrations.metre_srid_of(connection) == 32618
        assert {row.srid for row in connection.execute(METRE_TWINS)} == {32618}


def test_the_gazetteer_goes_back_and_comes_again_with_its_rows(make_district):
    engine = make_district(code="310112", name="试验区", metre_crs="EPSG:4549")
    door = text("""
        INSERT INTO gazetteer_entry (kind, name, name_norm, road, lane, number)
        VALUES ('door', '桃李路88弄9号', '桃李路88弄9号', '桃李路', '88', '9')
    """)
    with engine.begin() as connection:
        connection.execute(door)
        config = migrations._config()
        config.attributes.update(connection=connection, metre_srid=None)
        command.downgrade(config, "0006")
    with engine.connect() as connection:
        assert migrations.current(connection) == "0006"
    migrations.upgrade(engine)
    with engine.connect() as connection:
        assert migrations.differences(connection) == []
        assert connection.execute(text("SELECT name, house FROM gazetteer_entry")).all() == [("桃李路88弄9号", 88)]


def test_what_a_district_lies_in_and_numbers_of_a_map_go_back(make_district):
    engine = make_district(code="310112", name="试验区", metre_crs="EPSG:4549")
    with engine.begin() as connection:
        for kind in ("door", "interpolated"):
            values = {"kind": kind, "name": f"桃李路{kind}"}
            connection.execute(
                text("INSERT INTO gazetteer_entry (kind, name, name_norm) VALUES (:kind, :name, :name)"), values
            )
        config = migrations._config()
        config.attributes.update(connection=connection, metre_srid=None)
        command.downgrade(config, "0011")
        # numbers on lines of a map were unknown before
        assert connection.execute(text("SELECT kind FROM gazetteer_entry")).scalars().all() == ["door"]
    # the same district begins again on the older schema, which lacks the column
    made = init_district(engine, code="310112", name="试验区", metre_crs="EPSG:4549", within=["上海市"])
    assert made.within == []
    with engine.connect() as connection:
        assert migrations.differences(connection) == []


def test_memberships_that_overlap_become_one_when_the_schema_comes_to_refuse_them(make_district):
    engine = make_district(code="310112", name="试验区", metre_crs="EPSG:4549")
    with engine.begin() as connection:
        config = migrations._config()
        config.attributes.update(connection=connection, metre_srid=None)
        command.downgrade(config, "0012")
        connection.execute(text("INSERT INTO member_unit (code, name, kind) VALUES ('U1', '医院', 'hospital')"))
        rows = [
            ("A", "2020-01-01", "2021-01-01"),
            ("A", "2020-06-01", "2022-01-01"),
            ("A", "2022-01-01", None),
            ("A", "2023-01-01", "2024-01-01"),
            ("B", "2020-01-01", None),
            ("B", "2021-01-01", "2021-01-01"),
            ("C", "2020-01-01", "2021-01-01"),
            ("C", "2021-03-01", None),
        ]
        for area, since, until in rows:
            connection.execute(
                text("""
                    INSERT INTO membership (unit_id, level, area_code, valid_from, valid_to)
                    SELECT id, 'town', :area, :since, :until FROM member_unit
                """),
                {"area": area, "since": since, "until": until},
            )
    migrations.upgrade(engine)
    kept = text("SELECT area_code, valid_from::text, valid_to::text FROM membership ORDER BY area_code, valid_from")
    with engine.connect() as connection:
        assert migrations.differences(connection) == []
        assert connection.execute(kept).all() == [
            ("A", "2020-01-01", "2022-01-01"),
            ("A", "2022-01-01", None),
            ("B", "2020-01-01", None),
            ("C", "2020-01-01", "2021-01-01"),
            ("C", "2021-03-01", None),
        ]


def test_the_first_migration_wants_a_metre_crs(new_database, make_bare_engine):
    with pytest.raises(NotInitialised):
        migrations.upgrade(make_bare_engine(new_database()))


def test_a_database_without_our_schema_is_refused(new_database, make_bare_engine):
    with make_bare_engine(new_database()).connect() as connection, pytest.raises(SchemaBehind, match="db upgrade"):
        migrations.require_newest(connection)


def test_events_are_only_added(session):
    for statement in ("UPDATE ticket_event SET actor = 'x'", "DELETE FROM ticket_event", "TRUNCATE ticket_event"):
        with pytest.raises(DBAPIError, match="only ever added"), session.begin_nested():
            session.execute(text(statement))


def test_changes_of_a_table_are_counted(session):
    def version():
        return session.execute(text("SELECT version FROM data_version WHERE table_name = 'area'")).scalar_one()

    before = version()
    session.execute(text("UPDATE area SET name = '新名' WHERE level = 'district'"))
    assert version() == before + 1
