"""Rows that break a constraint, written past the services, so that PostgreSQL alone refuses them.

Each app has ``CASES`` in its ``test_constraints.py``: the name of a constraint → a function that makes a valid row and
returns the write that breaks it.
"""

import copy
import uuid
from collections.abc import Callable, Iterable

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from moments.errors import violated_constraint
from tests.test_imports import LINE

Write = Callable[[], object]
Case = Callable[[], Write]


def models_of_ours() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in LINE]


def owners_of(found: Iterable[type[models.Model]]) -> dict[str, type[models.Model]]:
    """Constraint → the model that declares it."""
    return {constraint.name: model for model in found for constraint in model._meta.constraints}


def changed(row: models.Model, **values) -> Write:
    """Changes columns of a row."""
    return lambda: type(row)._base_manager.filter(pk=row.pk).update(**values)


def added(row: models.Model, **values) -> Write:
    """Adds a copy of a row that differs in ``values`` and, so that only a named constraint refuses it, in its primary
    key and in every column that is unique alone."""
    twin = copy.copy(row)
    twin.pk = None
    for field in twin._meta.concrete_fields:
        if field.unique and not field.primary_key and not field.is_relation:
            setattr(twin, field.attname, None if field.null else _another(field))
    for name, value in values.items():
        setattr(twin, name, value)
    return lambda: type(row)._base_manager.bulk_create([twin])


def twice(row: models.Model, **values) -> Write:
    """Adds a row that is in the table already; saves it first if it is new."""
    if row._state.adding:
        row.save()
    return added(row, **values)


def _another(field: models.Field) -> object:
    return uuid.uuid4() if isinstance(field, models.UUIDField) else uuid.uuid4().hex[: field.max_length]


def assert_refused(name: str, case: Case) -> None:
    """PostgreSQL refuses the write because of this constraint and no other, and nothing changes."""
    table = owners_of(models_of_ours())[name]._base_manager.order_by("pk").values()
    write = case()
    before = list(table.all())

    with pytest.raises(IntegrityError) as error, transaction.atomic():
        write()

    assert violated_constraint(error.value) == name
    assert list(table.all()) == before
