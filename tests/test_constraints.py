"""Every constraint that a model declares has a case in its app's ``test_constraints.py``."""

import importlib

import pytest

from tests.catalog.test_constraints import CASES
from tests.harness.constraints import assert_refused, models_of_ours, owners_of
from tests.harness.owner import owner
from tests.test_imports import LINE, ROOT


def cases() -> dict[str, str]:
    """Constraint → the app whose tests break it."""
    found = {}
    for app in LINE:
        if (ROOT / "tests" / app / "test_constraints.py").exists():
            found |= dict.fromkeys(importlib.import_module(f"tests.{app}.test_constraints").CASES, app)
    return found


def differences(covered: dict[str, str]) -> set[str]:
    """Constraints without a case, cases without a constraint, and cases among another app's."""
    declared = {name: model._meta.app_label for name, model in owners_of(models_of_ours()).items()}
    return {name for name, _app in declared.items() ^ covered.items()}


def test_every_constraint_has_a_case():
    assert differences(cases()) == set()


def test_a_missing_case_and_one_too_many_are_found():
    covered = {**cases(), "stranger": "catalog", "member_once": "catalog"}
    del covered["tax_rate_sane"]

    assert differences(covered) == {"tax_rate_sane", "stranger", "member_once"}


def test_a_constraint_that_the_database_lacks_is_found(db):
    with owner() as cursor:
        cursor.execute("ALTER TABLE catalog_exchangerate DROP CONSTRAINT exchange_rate_positive")

    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        assert_refused("exchange_rate_positive", CASES["exchange_rate_positive"])
