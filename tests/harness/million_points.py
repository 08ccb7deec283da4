"""A points program with very many users, written straight into the tables as the services would have left them."""

import datetime as dt

from django.db import connection

from rewards.models import PointCategory, PointRule, PointRuleVersion, PointsProgram
from tests.harness.owner import owner

USERS = """
INSERT INTO rewards_pointaccount (program_id, app_user_id, test_ledger, available, pending, owed, settled_at)
SELECT %(program)s, 'user-' || n, 0, 100, 0, 0, %(now)s FROM generate_series(1, %(count)s) AS n
"""
BATCHES = """
INSERT INTO rewards_pointbatch (account_id, vintage, original, remaining, expired, lapsed)
SELECT id, 0, 100, 100, 0, 0 FROM rewards_pointaccount WHERE program_id = %(program)s
"""
SEEN = """
INSERT INTO rewards_pointappuser (account_id, app_id, first_seen_at)
SELECT id, %(app)s, %(now)s FROM rewards_pointaccount WHERE program_id = %(program)s
"""
ENTRIES = """
INSERT INTO rewards_pointentry (account_id, kind, amount, reference, batch_id, action, reason, occurred_at, recorded_at)
SELECT account_id, 'credit', 100, 'made:' || id, id, 'made', '', %(now)s, %(now)s FROM rewards_pointbatch
WHERE account_id IN (SELECT id FROM rewards_pointaccount WHERE program_id = %(program)s)
"""
# A long history of one user: credits that share the batches of their days, each of them spent but those of last year.
HISTORY = """
WITH days AS (
    INSERT INTO rewards_pointbatch (account_id, vintage, expires_at, original, remaining, expired, lapsed)
    SELECT %(account)s, 0, day, number, CASE WHEN day > %(now)s THEN number ELSE 0 END, 0, 0 FROM (
        SELECT date_trunc('day', %(now)s::timestamptz) + (200 - n %% 300) * interval '1 day' AS day, count(*) AS number
        FROM generate_series(1, %(count)s) AS n GROUP BY 1) AS made
    RETURNING id, original
)
INSERT INTO rewards_pointentry (account_id, kind, amount, reference, batch_id, action, reason, occurred_at, recorded_at)
SELECT %(account)s, 'credit', 1, 'history:' || id || ':' || n, id, 'made', '', %(now)s, %(now)s
FROM days, generate_series(1, original) AS n
"""
SETTLE = """
UPDATE rewards_pointaccount SET available = (
    SELECT sum(remaining) FROM rewards_pointbatch WHERE account_id = %(account)s)
WHERE id = %(account)s
"""
TABLES = ("rewards_pointaccount", "rewards_pointbatch", "rewards_pointentry", "rewards_pointappuser")


def add_users(program: PointsProgram, app, count: int, *, now: dt.datetime) -> None:
    values = {"program": program.pk, "app": app.pk, "count": count, "now": now}
    with connection.cursor() as cursor:
        for statement in (USERS, BATCHES, SEEN, ENTRIES):
            cursor.execute(statement, values)
    analyze()


def add_rules(program: PointsProgram, count: int) -> None:
    """A rule for each category of one action, and the rest for other actions."""
    categories = [PointCategory(program=program, key=f"category-{number}") for number in range(count // 2)]
    PointCategory.objects.bulk_create(categories)
    rules = [PointRule(program=program, action="buy", category=one) for one in categories]
    rules += [PointRule(program=program, action=f"action-{number}") for number in range(count - len(categories))]
    PointRule.objects.bulk_create(rules)
    PointRuleVersion.objects.bulk_create(
        PointRuleVersion(rule=rule, points_per_event=10, points_per_quantity=1, daily_cap=1000, weekly_cap=5000)
        for rule in rules
    )


def add_history(account_id: int, count: int, *, now: dt.datetime) -> None:
    """So many credits of one user, over 300 days of expiry."""
    values = {"account": account_id, "count": count, "now": now}
    with connection.cursor() as cursor:
        for statement in (HISTORY, SETTLE):
            cursor.execute(statement, values)


def analyze() -> None:
    """By the owner: PostgreSQL skips the tables of others."""
    with owner() as cursor:
        for table in TABLES:
            cursor.execute(f"ANALYZE {table}")
