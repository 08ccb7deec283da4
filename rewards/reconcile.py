"""Do the counters say what the ledger says, and the ledger what was issued?"""

import datetime as dt
import logging
from dataclasses import dataclass

from django.db import connection

logger = logging.getLogger("moments.reconcile")

# One snapshot for all, so that an issue between two reads is no difference.
QUERY = """
WITH ledger AS (
    SELECT organization_id, campaign_id, month, sum(amount_cents)::bigint AS cents
    FROM campaigns_budgetentry GROUP BY 1, 2, 3
), charges AS (
    SELECT campaign_id, sum(charge_cents)::bigint AS cents FROM rewards_reward GROUP BY 1
), entries AS (
    SELECT campaign_id, sum(amount_cents)::bigint AS cents
    FROM campaigns_budgetentry WHERE starts_with(reference, 'reward:') GROUP BY 1
)
SELECT 'campaign total', c.id::text, c.total_spent_cents, coalesce(sum(l.cents), 0)::bigint
    FROM campaigns_campaign c LEFT JOIN ledger l ON l.campaign_id = c.id
    GROUP BY c.id HAVING c.total_spent_cents <> coalesce(sum(l.cents), 0)
UNION ALL
SELECT 'campaign month', coalesce(m.campaign_id, l.campaign_id)::text || ' ' || coalesce(m.month, l.month),
        coalesce(m.spent_cents, 0), coalesce(l.cents, 0)
    FROM campaigns_campaignmonth m FULL JOIN ledger l ON l.campaign_id = m.campaign_id AND l.month = m.month
    WHERE coalesce(m.spent_cents, 0) <> coalesce(l.cents, 0)
UNION ALL
SELECT 'organization month', coalesce(m.organization_id, l.organization_id)::text || ' ' || coalesce(m.month, l.month),
        coalesce(m.spent_cents, 0), coalesce(l.cents, 0)
    FROM campaigns_organizationmonth m
    FULL JOIN (SELECT organization_id, month, sum(cents)::bigint AS cents FROM ledger GROUP BY 1, 2) l
        ON l.organization_id = m.organization_id AND l.month = m.month
    WHERE coalesce(m.spent_cents, 0) <> coalesce(l.cents, 0)
UNION ALL
SELECT 'reward charges', coalesce(r.campaign_id, e.campaign_id)::text, coalesce(r.cents, 0), coalesce(e.cents, 0)
    FROM charges r FULL JOIN entries e ON e.campaign_id = r.campaign_id
    WHERE coalesce(r.cents, 0) <> coalesce(e.cents, 0)
UNION ALL
SELECT 'points', a.id::text, a.available - a.owed, coalesce(sum(p.amount), 0)::bigint
    FROM rewards_pointaccount a LEFT JOIN rewards_pointentry p ON p.account_id = a.id
    GROUP BY a.id HAVING a.available - a.owed <> coalesce(sum(p.amount), 0)
"""


@dataclass(frozen=True)
class Discrepancy:
    """``what`` of ``whose`` says ``counted``, the ledger adds up to ``ledger``; cents, or points."""

    what: str
    whose: str
    counted: int
    ledger: int

    def __str__(self) -> str:
        return f"{self.what} of {self.whose}: {self.counted} counted, {self.ledger} in the ledger"


def reconcile(*, now: dt.datetime) -> list[Discrepancy]:
    """Every difference, logged as an error each. Nothing is corrected: a person has to look."""
    with connection.cursor() as cursor:
        cursor.execute(QUERY)
        found = [Discrepancy(*row) for row in cursor.fetchall()]
    for discrepancy in found:
        logger.error("Books differ: %s", discrepancy)
    return found
