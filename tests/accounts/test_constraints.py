"""What PostgreSQL refuses in the tables of people and organizations."""

import pytest

from tests import make
from tests.harness.constraints import assert_refused, changed, twice

CASES = {
    "app_color_is_hexadecimal": lambda: changed(make.app(), color="red"),
    "app_name_once": lambda: twice(make.app()),
    "invitation_open_once": lambda: twice(make.invitation(email="kim@example.com"), email="Kim@example.com"),
    "member_once": lambda: twice(make.member()),
    "organization_limit_not_negative": lambda: changed(make.member().organization, monthly_limit_cents=-1),
    "user_email_lower_case": lambda: changed(make.user(), email="Kim@example.com"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_database_refuses_what_breaks_a_constraint(db, name):
    assert_refused(name, CASES[name])
