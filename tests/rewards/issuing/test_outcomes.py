"""The outcomes that Python knows are those that the database answers."""

import re

from django.db import connection

from rewards.issuing.outcomes import SUCCEEDED, IssueOutcome
from rewards.issuing.refusals import REFUSALS

FUNCTION = "moments_issue_reward"
# What the function returns as an outcome or raises as the message of a cap: a literal after one of these words.
LITERAL = re.compile(r"(?:THEN|ELSE|outcome :=|MESSAGE =)\s+'([a-z_]+)'")


def answered(source: str) -> set[str]:
    return set(LITERAL.findall(source))


def test_the_enum_lists_what_the_database_answers(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", [FUNCTION])
        [(source,)] = cursor.fetchall()

    assert answered(source) == set(IssueOutcome)


def test_every_way_to_write_an_outcome_is_read():
    source = """
        IF NOT FOUND THEN outcome := 'unknown'; RETURN; END IF;
        outcome := CASE WHEN status = 'active' THEN 'reused' ELSE 'replay' END;
        RAISE EXCEPTION USING ERRCODE = 'MR001', MESSAGE = 'cap_reached';
        RAISE EXCEPTION USING ERRCODE = 'MR001', MESSAGE = CASE WHEN a THEN 'finished' ELSE 'held' END;
    """
    assert answered(source) == {"unknown", "reused", "replay", "cap_reached", "finished", "held"}


def test_every_outcome_but_success_is_a_refusal_with_a_sentence():
    assert set(IssueOutcome) - SUCCEEDED <= REFUSALS.keys()
