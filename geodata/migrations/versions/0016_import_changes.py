"""imports: keep what they change, so that they can be taken back"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None

# Every value is written as PostgreSQL writes it, always in the same way, whatever the session says.
ALIKE = ("TimeZone = 'UTC'", "DateStyle = 'ISO, YMD'", "extra_float_digits = 1", "bytea_output = 'hex'")
WRITERS = (
    "keep_import_change()",
    "settle_import_changes(bigint, jsonb)",
    "list_undo_rows(bigint, jsonb, text[], boolean)",
    "undo_rows(bigint, text[], jsonb)",
)

# Tables that imports write to; the codes of those with a place follow from the areas, whoever changes these.
CODES = "'town_code', 'village_code', 'cell_code'"
PLACED = (
    *("demand", "gazetteer_entry", "meeting", "member_unit", "pledge", "project", "resource"),
    *("responsibility_point", "whistle_call"),
)
OTHERS = (
    *("area", "area_contact", "basemap_feature", "calendar_day", "conference_seat", "convener_term", "duty_deputy"),
    *("duty_grid", "duty_grid_cell", "duty_rule", "filing_rule", "gazetteer_alias", "gazetteer_road", "grid_cell"),
    *("index_weight", "meeting_seat", "membership", "pilot_area", "project_partner", "region", "registration_count"),
    *("resolution", "resource_kind", "responsibility_block", "roster_turn", "service_team", "shared_service"),
    *("stated_figure", "ticket", "whistle_invitee"),
)

# Statements about a table, made from its columns in the catalogue: what a later migration adds is kept by itself.
WORDS = """
    CREATE FUNCTION row_image(tbl regclass, alias text) RETURNS text LANGUAGE sql STABLE AS $$
        SELECT format('jsonb_object(ARRAY[%s], ARRAY[%s])',
                      string_agg(quote_literal(attname), ', ' ORDER BY attnum),
                      string_agg(format('CAST(%s.%I AS text)', alias, attname), ', ' ORDER BY attnum))
          FROM pg_attribute
         WHERE attrelid = tbl AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    $$;
    CREATE FUNCTION row_key_columns(tbl regclass, OUT name text, OUT type text, OUT place integer)
        RETURNS SETOF record LANGUAGE sql STABLE AS $$
        SELECT a.attname, format_type(a.atttypid, a.atttypmod), CAST(k.place AS integer) - 1
          FROM pg_index AS i, unnest(CAST(i.indkey AS smallint[])) WITH ORDINALITY AS k (number, place), pg_attribute AS a
         WHERE i.indrelid = tbl AND i.indisprimary AND a.attrelid = tbl AND a.attnum = k.number
    $$;
    CREATE FUNCTION row_key(tbl regclass, alias text) RETURNS text LANGUAGE sql STABLE AS $$
        SELECT CASE count(*) WHEN 1 THEN format('CAST(%s.%I AS text)', alias, min(name))
               ELSE format('CAST(jsonb_build_array(%s) AS text)',
                           string_agg(format('CAST(%s.%I AS text)', alias, name), ', ' ORDER BY place)) END
          FROM row_key_columns(tbl)
    $$;
    CREATE FUNCTION row_of_key(tbl regclass, alias text, key text) RETURNS text LANGUAGE sql STABLE AS $$
        SELECT CASE count(*) WHEN 1 THEN format('%s.%I = CAST(%s AS %s)', alias, min(name), key, min(type))
               ELSE string_agg(format('%s.%I = CAST(CAST(%s AS jsonb) ->> %s AS %s)', alias, name, key, place, type),
                               ' AND ' ORDER BY place) END
          FROM row_key_columns(tbl)
    $$;
    CREATE FUNCTION row_label(image jsonb, key text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
        SELECT coalesce(image ->> 'number', image ->> 'code', image ->> 'name', image ->> 'area_code',
                        image ->> 'of_code', image ->> 'day', key)
    $$;
    CREATE FUNCTION row_mark(tbl regclass, alias text, without text[]) RETURNS text LANGUAGE sql STABLE AS $$
        SELECT format('CAST(md5(CAST(array_remove(ARRAY[%s], NULL) AS text)) AS uuid)',
                      string_agg(format('%L || CAST(%s.%I AS text)', attname || '=', alias, attname), ', '
                                 ORDER BY attnum))
          FROM pg_attribute
         WHERE attrelid = tbl AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attname <> ALL (without)
    $$;
    CREATE FUNCTION row_difference(tbl regclass, without text[], OUT differs text, OUT former text)
        LANGUAGE sql STABLE AS $$
        SELECT format('record_image_ne(ROW(%s), ROW(%s))', string_agg(format('o.%I', attname), ', ' ORDER BY attnum),
                      string_agg(format('n.%I', attname), ', ' ORDER BY attnum)),
               string_agg(format('CASE WHEN record_image_ne(ROW(o.%I), ROW(n.%I)) THEN jsonb_build_object(%L, CAST(o.%I AS text))
                                       ELSE ''{}'' END', attname, attname, attname, attname), ' || ' ORDER BY attnum)
          FROM pg_attribute
         WHERE attrelid = tbl AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attname <> ALL (without)
    $$;
    CREATE FUNCTION rows_alike(tbl regclass, one text, other text) RETURNS text LANGUAGE sql STABLE AS $$
        SELECT string_agg(format('%s.%I = %s.%I', one, name, other, name), ' AND ' ORDER BY place)
          FROM row_key_columns(tbl)
    $$;
"""

# While an import keeps its changes, each statement adds the rows it touched to the temporary table `kept_row`. Of a
# row that is touched more than once, what was first holds.
KEEP = """
    CREATE FUNCTION keep_import_change() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        of_row text := row_key(TG_RELID, 'o');
        image text := row_image(TG_RELID, 'o');
        apart record;
    BEGIN
        IF TG_OP = 'INSERT' THEN
            EXECUTE format('INSERT INTO pg_temp.kept_row (table_name, key, is_new)
                            SELECT %L, %s, true FROM coming AS o ON CONFLICT DO NOTHING', TG_TABLE_NAME, of_row);
        ELSIF TG_OP = 'DELETE' THEN
            EXECUTE format('INSERT INTO pg_temp.kept_row AS k (table_name, key, is_new, before)
                            SELECT %L, %s, false, %s FROM going AS o
                                ON CONFLICT (table_name, key) DO UPDATE SET before = excluded.before || k.before
                             WHERE NOT k.is_new', TG_TABLE_NAME, of_row, image);
        ELSE
            apart := row_difference(TG_RELID, coalesce(CAST(TG_ARGV AS text[]), '{}'));
            EXECUTE format('INSERT INTO pg_temp.kept_row AS k (table_name, key, is_new, before)
                            SELECT %L, %s, false, %s
                              FROM going AS o
                              JOIN coming AS n ON %s
                             WHERE %s
                                ON CONFLICT (table_name, key) DO UPDATE SET before = excluded.before || k.before
                             WHERE NOT k.is_new',
                           TG_TABLE_NAME, of_row, apart.former, rows_alike(TG_RELID, 'o', 'n'), apart.differs);
        END IF;
        RETURN NULL;
    END $$;
"""

WATCH = """
    CREATE TRIGGER {table}_insert_is_kept AFTER INSERT ON {table} REFERENCING NEW TABLE AS coming FOR EACH STATEMENT
      WHEN (current_setting('wangge.keeping', true) = 'on') EXECUTE FUNCTION keep_import_change();
    CREATE TRIGGER {table}_update_is_kept AFTER UPDATE ON {table} REFERENCING OLD TABLE AS going NEW TABLE AS coming
       FOR EACH STATEMENT
      WHEN (current_setting('wangge.keeping', true) = 'on') EXECUTE FUNCTION keep_import_change({derived});
    CREATE TRIGGER {table}_delete_is_kept AFTER DELETE ON {table} REFERENCING OLD TABLE AS going FOR EACH STATEMENT
      WHEN (current_setting('wangge.keeping', true) = 'on') EXECUTE FUNCTION keep_import_change();
"""

# `derived`: by table, the columns that do not count when rows are compared with how the import left them.
SETTLE = """
    CREATE FUNCTION settle_import_changes(run bigint, derived jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE
        tbl text;
        image text;
        added bigint;
        total bigint := 0;
    BEGIN
        FOR tbl IN SELECT DISTINCT table_name FROM pg_temp.kept_row ORDER BY table_name LOOP
            image := row_image(CAST(tbl AS regclass), 't');
            EXECUTE format('INSERT INTO import_change (run_id, table_name, key, before, after)
                            SELECT $1, k.table_name, k.key, k.before, CASE WHEN t.ctid IS NOT NULL THEN %s END
                              FROM pg_temp.kept_row AS k
                              LEFT JOIN %I AS t ON %s
                             WHERE k.table_name = %L
                               AND CASE WHEN k.is_new THEN t.ctid IS NOT NULL
                                        ELSE t.ctid IS NULL OR %s || k.before <> %s END',
                           row_mark(CAST(tbl AS regclass), 't',
                                    ARRAY(SELECT jsonb_array_elements_text(coalesce(derived -> tbl, '[]')))),
                           tbl, row_of_key(CAST(tbl AS regclass), 't', 'k.key'), tbl, image, image)
              USING run;
            GET DIAGNOSTICS added = ROW_COUNT;
            total := total + added;
        END LOOP;
        RETURN total;
    END $$;
"""

# Rows to take back go to the temporary table `undo_row`, each with how it stands: `same` as the import left it,
# `changed` or `gone` since. Of the tables in `following` there are no conflicts. `hold` locks the rows.
STATES = """
    CREATE FUNCTION list_undo_rows(run bigint, derived jsonb, following text[], hold boolean) RETURNS void
        LANGUAGE plpgsql AS $$
    DECLARE
        tbl text;
    BEGIN
        FOR tbl IN SELECT DISTINCT table_name FROM import_change WHERE run_id = run ORDER BY table_name LOOP
            EXECUTE format('INSERT INTO pg_temp.undo_row (table_name, key, is_new, is_removed, state, label, name)
                            SELECT c.table_name, c.key, c.before IS NULL, c.after IS NULL,
                                   CASE WHEN $2 OR (n.image IS NULL AND (c.after IS NULL OR c.before IS NULL))
                                          OR n.mark = c.after THEN ''same''
                                        WHEN n.image IS NULL THEN ''gone'' ELSE ''changed'' END,
                                   row_label(coalesce(n.image, c.before), c.key),
                                   coalesce(n.image, c.before) ->> ''name''
                              FROM import_change AS c
                              LEFT JOIN LATERAL (
                                SELECT %s AS image, %s AS mark FROM %I AS t WHERE %s %s) AS n ON true
                             WHERE c.run_id = $1 AND c.table_name = %L',
                           row_image(CAST(tbl AS regclass), 't'),
                           row_mark(CAST(tbl AS regclass), 't',
                                    ARRAY(SELECT jsonb_array_elements_text(coalesce(derived -> tbl, '[]')))),
                           tbl, row_of_key(CAST(tbl AS regclass), 't', 'c.key'),
                           CASE WHEN hold THEN 'FOR UPDATE' ELSE 'OFFSET 0' END, tbl)
              USING run, tbl = ANY (following);
        END LOOP;
    END $$;
"""

# New rows that others refer to which stay are `used`; a code is still there while another row has it. Each call looks
# once: what is used may itself refer to others.
REFERENCES = """
    CREATE FUNCTION mark_used_rows(of_table text, of_column text, by_table text, by_column text,
                                   condition text, is_code boolean) RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE
        of_oid regclass := CAST(quote_ident(of_table) AS regclass);
        by_oid regclass := CAST(quote_ident(by_table) AS regclass);
        marked bigint;
    BEGIN
        EXECUTE format('WITH used AS (
                            SELECT u.key, count(*) AS uses, min(row_label(%s, %s)) AS by_label
                              FROM pg_temp.undo_row AS u
                              JOIN %I AS t ON %s
                              JOIN %I AS r ON r.%I = t.%I AND (%s)
                             WHERE u.table_name = %L AND u.is_new AND u.state = ''same''
                               AND NOT EXISTS (SELECT FROM pg_temp.undo_row AS v
                                                WHERE v.table_name = %L AND v.key = %s AND v.state = ''same'')
                               AND NOT (%L AND EXISTS (
                                    SELECT FROM %I AS o
                                     WHERE o.%I = t.%I
                                       AND NOT EXISTS (SELECT FROM pg_temp.undo_row AS w
                                                        WHERE w.table_name = %L AND w.key = %s AND w.is_new
                                                          AND w.state = ''same'')))
                             GROUP BY u.key)
                        UPDATE pg_temp.undo_row AS u
                           SET state = ''used'', by_table = %L, by_label = used.by_label, uses = used.uses
                          FROM used WHERE u.table_name = %L AND u.key = used.key',
                       row_image(by_oid, 'r'), row_key(by_oid, 'r'), of_table, row_of_key(of_oid, 't', 'u.key'),
                       by_table, by_column, of_column, condition, of_table, by_table, row_key(by_oid, 'r'),
                       is_code, of_table, of_column, of_column, of_table, row_key(of_oid, 'o'), by_table, of_table);
        GET DIAGNOSTICS marked = ROW_COUNT;
        RETURN marked;
    END $$;
    CREATE FUNCTION mark_rows_by_foreign_keys() RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE
        one record;
        total bigint := 0;
    BEGIN
        FOR one IN
            SELECT c.relname AS of_table, a.attname AS of_column, d.relname AS by_table, b.attname AS by_column
              FROM pg_constraint AS f
              JOIN pg_class AS c ON c.oid = f.confrelid
              JOIN pg_class AS d ON d.oid = f.conrelid
              JOIN pg_attribute AS a ON a.attrelid = f.confrelid AND a.attnum = f.confkey[1]
              JOIN pg_attribute AS b ON b.attrelid = f.conrelid AND b.attnum = f.conkey[1]
             WHERE f.contype = 'f'
               AND c.relname IN (SELECT table_name FROM pg_temp.undo_row WHERE is_new AND state = 'same')
             ORDER BY d.relname, b.attname
        LOOP
            total := total + mark_used_rows(one.of_table, one.of_column, one.by_table, one.by_column, 'true', false);
        END LOOP;
        RETURN total;
    END $$;
"""

# `tables`: those that others refer to first. `parts`: by table, the columns that are put back, where not all are.
TAKE_BACK = """
    CREATE FUNCTION undo_rows(run bigint, tables text[], parts jsonb) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        tbl text;
        i integer;
        names text;
        wanted text;
        former text;
    BEGIN
        FOR i IN REVERSE cardinality(tables) .. 1 LOOP
            EXECUTE format('DELETE FROM %I AS t USING pg_temp.undo_row AS u
                             WHERE u.table_name = %L AND u.is_new AND u.state = ''same'' AND %s',
                           tables[i], tables[i], row_of_key(CAST(tables[i] AS regclass), 't', 'u.key'));
        END LOOP;
        FOREACH tbl IN ARRAY tables LOOP
            SELECT string_agg(format('%I', attname), ', ' ORDER BY attnum),
                   string_agg(format('%I = CASE WHEN c.before ? %L THEN CAST(c.before ->> %L AS %s) ELSE t.%I END',
                                     attname, attname, attname, format_type(atttypid, atttypmod), attname),
                              ', ' ORDER BY attnum)
                       FILTER (WHERE parts -> tbl IS NULL OR parts -> tbl ? CAST(attname AS text)),
                   string_agg(format('CAST(c.before ->> %L AS %s)', attname, format_type(atttypid, atttypmod)),
                              ', ' ORDER BY attnum)
              INTO names, wanted, former
              FROM pg_attribute
             WHERE attrelid = CAST(tbl AS regclass) AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
            EXECUTE format('UPDATE %I AS t SET %s
                              FROM import_change AS c JOIN pg_temp.undo_row AS u USING (table_name, key)
                             WHERE c.run_id = $1 AND c.table_name = %L AND u.state = ''same''
                               AND c.before IS NOT NULL AND c.after IS NOT NULL AND %s',
                           tbl, wanted, tbl, row_of_key(CAST(tbl AS regclass), 't', 'c.key')) USING run;
            EXECUTE format('INSERT INTO %I (%s) SELECT %s
                              FROM import_change AS c JOIN pg_temp.undo_row AS u USING (table_name, key)
                             WHERE c.run_id = $1 AND c.table_name = %L AND u.state = ''same'' AND c.after IS NULL
                             ORDER BY c.key',
                           tbl, names, former, tbl) USING run;
        END LOOP;
    END $$;
"""

FUNCTIONS = (
    "undo_rows(bigint, text[], jsonb)",
    "mark_rows_by_foreign_keys()",
    "mark_used_rows(text, text, text, text, text, boolean)",
    "list_undo_rows(bigint, jsonb, text[], boolean)",
    "settle_import_changes(bigint, jsonb)",
    "keep_import_change()",
    "rows_alike(regclass, text, text)",
    "row_difference(regclass, text[])",
    "row_mark(regclass, text, text[])",
    "row_label(jsonb, text)",
    "row_of_key(regclass, text, text)",
    "row_key(regclass, text)",
    "row_key_columns(regclass)",
    "row_image(regclass, text)",
)


def upgrade():
    op.add_column("import_run", sa.Column("kept_rows", sa.BigInteger(), nullable=True))
    op.add_column("import_run", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("import_run", sa.Column("undone_by", sa.Text(), nullable=True))
    op.create_table(
        "import_change",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["import_run.id"], name=op.f("fk_import_change_run_id_import_run")),
        sa.PrimaryKeyConstraint("run_id", "table_name", "key", name=op.f("pk_import_change")),
    )
    for functions in (WORDS, KEEP, SETTLE, STATES, REFERENCES, TAKE_BACK):
        op.execute(functions)
    for function in WRITERS:
        for setting in ALIKE:
            op.execute(f"ALTER FUNCTION {function} SET {setting}")
    for table in OTHERS:
        op.execute(WATCH.format(table=table, derived=""))
    for table in PLACED:
        op.execute(WATCH.format(table=table, derived=CODES))


def downgrade():
    for table in (*OTHERS, *PLACED):
        for what in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER {table}_{what}_is_kept ON {table}")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.drop_table("import_change")
    for column in ("undone_by", "undone_at", "kept_rows"):
        op.drop_column("import_run", column)
