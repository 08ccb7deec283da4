"""The application's role reads and writes rows, and changes no table; what is append-only nobody empties."""

import pathlib

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction

from moments.db.roles import KEPT
from moments.devserver.embedded import APP, Postgres
from tests import make
from tests.harness.command_line import Typist
from tests.harness.owner import owner
from tests.stack import ROOT

TABLES = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1
"""


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        return [name for (name,) in cursor.fetchall()]


def kept() -> dict[str, bool]:
    with connection.cursor() as cursor:
        cursor.execute(KEPT)
        return dict(cursor.fetchall())


def refused(statement: str) -> DatabaseError:
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return caught.value


def test_the_tests_run_as_the_role_of_the_application(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")

        assert cursor.fetchone() == (APP, False)


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE {table} CASCADE",
        "ALTER TABLE {table} ADD COLUMN mine int",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP TABLE {table} CASCADE",
        "CREATE TRIGGER mine BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION moments_refuse_change()",
    ],
    ids=["empty", "alter", "disable triggers", "drop", "create a trigger"],
)
def test_the_application_changes_no_table(db, statement):
    assert "campaigns_budgetentry" in tables()
    for table in tables():
        assert isinstance(refused(statement.format(table=table)), ProgrammingError), table


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION moments_refuse_change() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
        "UPDATE django_migrations SET name = 'mine'",
    ],
)
def test_the_application_changes_nothing_that_keeps_its_data(db, statement):
    assert isinstance(refused(statement), ProgrammingError)


def test_what_is_append_only_is_neither_changed_nor_deleted(reward):
    """By grants already; the triggers refuse it to the owner too."""
    assert {"campaigns_budgetentry", "catalog_stockmove", "accounts_dataaccesslog", "campaigns_statementline"} <= set(
        kept()
    )
    for table, is_append_only in kept().items():
        assert isinstance(refused(f"DELETE FROM {table}"), ProgrammingError), table
        if is_append_only:
            assert isinstance(refused(f"UPDATE {table} SET id = id"), ProgrammingError), table
    with owner():
        for statement in ("UPDATE campaigns_budgetentry SET amount_cents = 0", "DELETE FROM campaigns_budgetentry"):
            assert isinstance(refused(statement), IntegrityError)


def test_nobody_empties_what_is_append_only(db):
    with owner():
        for table in kept():
            assert isinstance(refused(f"TRUNCATE {table} CASCADE"), IntegrityError), table
        assert isinstance(refused("TRUNCATE campaigns_campaign CASCADE"), IntegrityError)


def test_every_row_of_the_application_can_be_read_and_written(db):
    """A table that a migration makes is granted with it, before anybody says so."""
    with owner() as cursor:
        cursor.execute("CREATE TABLE later (id bigserial PRIMARY KEY)")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO later DEFAULT VALUES RETURNING id")
        assert cursor.fetchone() == (1,)
    lacking = {}
    for table in tables():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT right_ FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS right_ "
                "WHERE NOT has_table_privilege(current_user, %s, right_)",
                [table],
            )
            lacking[table] = {right for (right,) in cursor.fetchall()}
    meant = {table: {"UPDATE", "DELETE"} if is_append_only else {"DELETE"} for table, is_append_only in kept().items()}
    meant["django_migrations"] = {"INSERT", "UPDATE", "DELETE"}
    assert {table: rights for table, rights in lacking.items() if rights} == meant


@pytest.fixture
def cluster(tmp_path):
    """As it was made before there were two roles: everybody is trusted, and everything belongs to one."""
    tmp_path.chmod(0o755)
    for folder in tmp_path.parents[:3]:
        folder.chmod(folder.stat().st_mode | 0o055)
    postgres = Postgres(tmp_path)
    postgres._make_cluster()
    yield postgres


@pytest.mark.slow
def test_a_cluster_from_before_gets_both_roles_and_passwords(cluster):
    assert "trust" in (cluster.data / "pg_hba.conf").read_text()

    child = cluster.start()

    try:
        with psycopg.connect(cluster.owner_url) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("moments",)
        with psycopg.connect(cluster.url) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (APP,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("CREATE TABLE mine (id int)")
        for role in ("moments", APP):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(host=str(cluster.run), user=role, dbname="moments")
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(host=str(cluster.run), user=role, dbname="moments", password="guessed")
        assert (cluster.data / "passwords.json").stat().st_mode & 0o077 == 0
    finally:
        child.end()


@pytest.mark.slow
def test_one_role_migrates_and_is_warned_of_and_a_second_one_can_be_added(cluster):
    """A server of one's own, and no ``DATABASE_OWNER_URL`` at first."""
    child = cluster.start()
    one = {"DATABASE_URL": cluster.owner_url, "MOMENTS_DATA_DIR": str(cluster.data_dir), "PATH": "/usr/bin:/bin"}
    two = {**one, "DATABASE_URL": cluster.url, "DATABASE_OWNER_URL": cluster.owner_url}
    count = "from campaigns.models import BudgetEntry; print(BudgetEntry.objects.count())"
    alone, both = Typist(ROOT, one), Typist(ROOT, two)
    try:
        migrated, warned = alone.type("migrate", "-v0"), alone.type("check", "--deploy")
        before = both.type("shell", "-v0", "-c", count)
        prepared, silent = both.type("prepare"), both.type("check", "--deploy")
        after = both.type("shell", "-v0", "-c", count)
    finally:
        for typist in (alone, both):
            typist.end()
        child.end()

    assert migrated.returncode == 0, migrated.stderr
    assert "DATABASE_OWNER_URL" in warned.stderr and warned.returncode == 0
    assert "permission denied" in before.stderr
    assert prepared.returncode == 0, prepared.stderr
    assert "DATABASE_OWNER_URL" not in silent.stderr
    assert after.stdout == "0\n"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_migrating_again_grants_again():
    with owner() as cursor:
        cursor.execute(f"REVOKE SELECT ON campaigns_campaign FROM {APP}")
    with pytest.raises(ProgrammingError):
        make.campaign()

    with owner():
        call_command("migrate", verbosity=0)

    assert make.campaign().pk


def test_the_manual_names_the_sql_for_both_roles():
    manual = pathlib.Path(ROOT / "docs/settings.md").read_text()

    assert "CREATE ROLE moments_app" in manual and "DATABASE_OWNER_URL" in manual
