"""What PostgreSQL refuses in the tables of the installation itself."""

import pytest

from moments import clock
from moments.models import DemoMark, KeyFingerprint, LiveMark
from tests.harness.constraints import added, assert_refused, twice

CASES = {
    "one_demo_mark": lambda: added(DemoMark(marked_at=clock.now()), id=2),
    "one_key_fingerprint": lambda: twice(KeyFingerprint(name="x", digest="d" * 64, first_used_at=clock.now())),
    "one_live_mark": lambda: added(LiveMark(marked_at=clock.now()), id=2),
}


@pytest.mark.parametrize("name", CASES)
def test_the_database_refuses_what_breaks_a_constraint(db, name):
    assert_refused(name, CASES[name])
