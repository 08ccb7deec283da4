"""The models and every ``database.sql`` together are the migrated database, whole and in both directions."""

import functools
import re

import pytest
from django.apps import apps
from django.db import connection, migrations
from django.db.migrations.loader import MigrationLoader

from tests.harness.owner import owner
from tests.test_imports import LINE, ROOT

HERE = "current_schema()::regnamespace"
OURS = rf"relname ~ '^({'|'.join(LINE)})_'"  # the libraries' own migrations make their tables
DEFINITIONS = {
    "function": f"SELECT oid::regprocedure, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = {HERE}",
    "trigger": f"""
        SELECT tgname || ' on ' || relname, pg_get_triggerdef(t.oid, true) || tgenabled::text
        FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal AND relnamespace = {HERE}
    """,
    "table": f"""
        SELECT relname, concat_ws(' ', relkind, relpersistence, reloptions)
        FROM pg_class WHERE relnamespace = {HERE} AND relkind <> 'i' AND {OURS}
    """,
    "column": f"""
        SELECT relname || '.' || attname, concat_ws(' ', format_type(atttypid, atttypmod), attnotnull, attidentity,
            attgenerated, attcollation, pg_get_expr(adbin, adrelid))
        FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
            LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = {HERE} AND relkind = 'r' AND attnum > 0 AND NOT attisdropped AND {OURS}
    """,
    "constraint": f"""
        SELECT conname || ' on ' || relname, pg_get_constraintdef(o.oid, true)
        FROM pg_constraint o JOIN pg_class c ON c.oid = conrelid
        WHERE connamespace = {HERE} AND contype <> 'n' AND {OURS}
    """,
    "index": f"""
        SELECT i.relname, pg_get_indexdef(indexrelid, 0, true)
        FROM pg_index JOIN pg_class i ON i.oid = indexrelid JOIN pg_class c ON c.oid = indrelid
        WHERE c.relnamespace = {HERE} AND c.{OURS}
    """,
}


def described(schema: str) -> dict[str, str]:
    """Every object of a schema, and how it is defined."""
    found = {}
    with owner() as cursor:
        cursor.execute(f"SET LOCAL search_path TO {schema}")
        for kind, query in DEFINITIONS.items():
            cursor.execute(query)
            found |= {f"{kind} {name}": re.sub(rf"\b{schema}\.", "", text) for name, text in cursor.fetchall()}
        cursor.execute("SET LOCAL search_path TO public")
    return found


@functools.cache
def written() -> dict[str, str]:
    """A database of the models and of every ``database.sql``, without any migration."""
    models = [model for model in apps.get_models() if model._meta.managed and not model._meta.proxy]
    with owner() as cursor:
        cursor.execute("CREATE SCHEMA written")
        cursor.execute("SET LOCAL search_path TO written")
        with connection.schema_editor() as editor:
            for model in models:
                editor.create_model(model)
        for app in LINE:
            if (current := ROOT / app / "database.sql").exists():
                cursor.execute(current.read_text())
    return described("written")


def differing() -> set[str]:
    migrated, current = described("public"), written()
    return {name for name in migrated.keys() | current.keys() if migrated.get(name) != current.get(name)}


@pytest.mark.slow
def test_the_migrated_database_is_what_is_written(db):
    assert differing() == set()
    kinds = {name.split()[0] for name in written()}
    assert kinds == set(DEFINITIONS)


DIFFERENCES = {
    "a changed function": (
        "CREATE OR REPLACE FUNCTION redemption_stay_erased() RETURNS trigger LANGUAGE plpgsql "
        "AS 'BEGIN RETURN NEW; END'",
        "function redemption_stay_erased()",
    ),
    "a missing function": ("DROP FUNCTION moments_issue_reward", "function moments_issue_reward("),
    "a function too many": (
        "CREATE FUNCTION stranger() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "function stranger()",
    ),
    "a changed trigger": (
        "CREATE OR REPLACE TRIGGER stay_erased BEFORE UPDATE ON accounts_user FOR EACH ROW "
        "EXECUTE FUNCTION redemption_stay_erased()",
        "trigger stay_erased on accounts_user",
    ),
    "a missing trigger": (
        "DROP TRIGGER append_only ON campaigns_budgetentry",
        "trigger append_only on campaigns_budgetentry",
    ),
    "a disabled trigger": (
        "ALTER TABLE campaigns_budgetentry DISABLE TRIGGER append_only",
        "trigger append_only on campaigns_budgetentry",
    ),
    "a trigger too many": (
        "CREATE TRIGGER stranger BEFORE INSERT ON outbox_mail FOR EACH ROW EXECUTE FUNCTION moments_refuse_change()",
        "trigger stranger on outbox_mail",
    ),
    "a missing constraint": (
        "ALTER TABLE campaigns_groupproduct DROP CONSTRAINT group_product_kind_matches",
        "constraint group_product_kind_matches on campaigns_groupproduct",
    ),
    "a missing index": ("DROP INDEX moments_cache_expires", "index moments_cache_expires"),
    "an index too many": ("CREATE INDEX moments_stranger ON moments_cache (value)", "index moments_stranger"),
    "a changed table": ("ALTER TABLE rewards_dailyrewardtotals RESET (fillfactor)", "table rewards_dailyrewardtotals"),
    "a changed column": ("ALTER TABLE accounts_user ALTER name SET DEFAULT 'x'", "column accounts_user.name"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("statement", "name"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_each_kind_of_difference_is_found(db, statement, name):
    with owner() as cursor:
        cursor.execute(statement)

    found = differing()

    assert len(found) == 1 and found.pop().startswith(name)


def migrations_of_ours() -> list[migrations.Migration]:
    """From left to right."""
    found = MigrationLoader(None).disk_migrations
    return [found[key] for app in LINE for key in sorted(found) if key[0] == app]


def test_every_migration_can_be_taken_back():
    for migration in migrations_of_ours():
        assert all(operation.reversible for operation in migration.operations), migration


@pytest.mark.slow
def test_the_sql_of_migrations_goes_back_and_forth(db):
    steps = [
        (migration.app_label, operation)
        for migration in migrations_of_ours()
        for operation in migration.operations
        if isinstance(operation, migrations.RunSQL)
    ]
    with owner(), connection.schema_editor() as editor:
        for app, operation in reversed(steps):
            operation.database_backwards(app, editor, None, None)
    left = {name for name in described("public") if name.split()[0] in {"function", "trigger"}}
    with owner(), connection.schema_editor() as editor:
        for app, operation in steps:
            operation.database_forwards(app, editor, None, None)

    assert steps and left == set()
    assert differing() == set()
