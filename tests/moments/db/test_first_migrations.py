"""Tables that are created together are those that Django creates step by step."""

import pytest
from django.db import connection, migrations, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from moments.db.first_migrations import CreateTogether, creates_models_only
from tests.harness.owner import owner

STEPS = [
    migrations.CreateModel("Shelf", [("id", models.BigAutoField(primary_key=True)), ("name", models.CharField())]),
    migrations.CreateModel(
        "Book",
        [
            ("id", models.UUIDField(primary_key=True)),
            ("shelf", models.ForeignKey("moments.Shelf", models.CASCADE)),
            ("pages", models.PositiveIntegerField()),
        ],
    ),
    migrations.AddField("Shelf", "favorite", models.ForeignKey("moments.Book", models.SET_NULL, null=True)),
    migrations.AddIndex("Book", models.Index(fields=["pages"], name="book_pages")),
    migrations.AddConstraint("Shelf", models.UniqueConstraint(fields=["name"], name="shelf_name_once")),
    migrations.AddConstraint("Book", models.CheckConstraint(condition=models.Q(pages__gt=0), name="book_has_pages")),
]
TABLES = ("moments_shelf", "moments_book")


class RolledBack(Exception):  # noqa: N818
    """Leaves no table behind."""


def created_by(operations: list) -> dict:
    """Columns and constraints of both tables once a migration of these operations has run."""
    found = {}
    migration = migrations.Migration("9000_shelves", "moments")
    migration.operations = operations
    with owner() as cursor, pytest.raises(RolledBack), transaction.atomic():
        with connection.schema_editor(atomic=False) as editor:
            migration.apply(ProjectState(), editor)
        for table in TABLES:
            columns = connection.introspection.get_table_description(cursor, table)
            found[table] = [
                {(column.name, column.type_code, column.null_ok, column.default) for column in columns},
                connection.introspection.get_constraints(cursor, table),
            ]
        raise RolledBack
    return found


def test_tables_created_together_have_the_columns_and_constraints_of_those_created_in_steps(db):
    together = created_by([CreateTogether(STEPS)])

    assert together == created_by(STEPS)
    assert {"book_pages", "book_has_pages"} <= set(together["moments_book"][1])
    assert any(one["foreign_key"] == ("moments_book", "id") for one in together["moments_shelf"][1].values())


def test_a_step_that_is_left_out_is_a_difference(db):
    assert created_by([CreateTogether(STEPS[:-1])]) != created_by(STEPS)


def test_the_state_after_both_is_the_same():
    together, in_steps = ProjectState(), ProjectState()
    CreateTogether(STEPS).state_forwards("moments", together)
    for step in STEPS:
        step.state_forwards("moments", in_steps)

    assert together == in_steps


def test_first_migrations_of_every_app_are_created_together_and_no_others():
    found = {name for name, one in MigrationLoader(None).disk_migrations.items() if creates_models_only(one)}

    assert {(app, "0001_initial") for app in ("accounts", "campaigns", "rewards", "redemption")} <= found
    assert not {name for app, name in found if app == "rewards"} - {"0001_initial"}


@pytest.mark.parametrize(
    "other",
    [
        migrations.RunSQL("SELECT 1"),
        migrations.RunPython(migrations.RunPython.noop),
        migrations.AlterField("Book", "pages", models.IntegerField()),
        migrations.AddField("Organization", "shelf", models.IntegerField(null=True)),
    ],
)
def test_whatever_else_a_migration_does_is_done_step_by_step(other):
    migration = migrations.Migration("9000_shelves", "moments")
    migration.operations = [*STEPS, other]

    assert not creates_models_only(migration)
