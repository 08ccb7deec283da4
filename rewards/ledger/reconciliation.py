"""Reconciliation of counters, ledger and issued rewards. Campaigns with differences are put on hold."""

import datetime as dt
import hashlib
import logging
import time
import uuid
from dataclasses import asdict, dataclass

from django.db import connection
from django.utils.translation import gettext as _

from campaigns.budget.holds import Held, hold_campaign
from campaigns.models import Campaign
from moments.money import display
from moments.registry import absolute
from outbox.service import notify_operators
from rewards.models import ReconciliationRun

logger = logging.getLogger("moments.reconcile")

MONEY = {"campaign total", "campaign month", "organization month", "reward charges", "report charges", "statement"}
MONEY |= {"reward", "unknown kind"}
KEPT_FOR = dt.timedelta(days=30)  # runs without differences; the others are kept forever

# A single snapshot, so that rewards issued meanwhile cause no differences.
QUERY = """
WITH ledger AS (
    SELECT organization_id, campaign_id, month, sum(amount_cents)::bigint AS cents
    FROM campaigns_budgetentry GROUP BY 1, 2, 3
), charges AS (
    SELECT campaign_id, sum(charge_cents)::bigint AS cents, count(*) AS number FROM rewards_reward GROUP BY 1
), days AS (
    SELECT campaign_id, day, sum(cents)::bigint AS cents, sum(actions)::bigint AS number
    FROM rewards_dailyrewardtotals GROUP BY 1, 2
), charged_days AS (
    SELECT campaign_id, (occurred_at AT TIME ZONE 'UTC')::date AS day,
           sum(amount_cents)::bigint AS cents, count(*) AS number
    FROM campaigns_budgetentry WHERE kind = 'reward' GROUP BY 1, 2
), entries AS (
    SELECT campaign_id, sum(cents)::bigint AS cents, sum(number)::bigint AS number FROM charged_days GROUP BY 1
), events AS (
    SELECT (payload->>'campaign')::uuid AS campaign_id, count(*) AS number
    FROM outbox_event WHERE type = 'reward.issued' GROUP BY 1
)
SELECT 'campaign total', c.id, NULL::bigint, c.name, c.total_spent_cents, coalesce(sum(l.cents), 0)::bigint
    FROM campaigns_campaign c LEFT JOIN ledger l ON l.campaign_id = c.id
    GROUP BY c.id HAVING c.total_spent_cents <> coalesce(sum(l.cents), 0)
UNION ALL
SELECT 'campaign month', c.id, NULL, c.name || ' ' || to_char(coalesce(m.month, l.month), 'YYYY-MM'),
        coalesce(m.spent_cents, 0), coalesce(l.cents, 0)
    FROM campaigns_campaignmonth m FULL JOIN ledger l ON l.campaign_id = m.campaign_id AND l.month = m.month
    JOIN campaigns_campaign c ON c.id = coalesce(m.campaign_id, l.campaign_id)
    WHERE coalesce(m.spent_cents, 0) <> coalesce(l.cents, 0)
UNION ALL
SELECT 'organization month', NULL, o.id, o.name || ' ' || to_char(coalesce(m.month, l.month), 'YYYY-MM'),
        coalesce(m.spent_cents, 0), coalesce(l.cents, 0)
    FROM campaigns_organizationmonth m
    FULL JOIN (SELECT organization_id, month, sum(cents)::bigint AS cents FROM ledger GROUP BY 1, 2) l
        ON l.organization_id = m.organization_id AND l.month = m.month
    JOIN accounts_organization o ON o.id = coalesce(m.organization_id, l.organization_id)
    WHERE coalesce(m.spent_cents, 0) <> coalesce(l.cents, 0)
UNION ALL
SELECT 'reward charges', c.id, NULL, c.name, coalesce(r.cents, 0), coalesce(e.cents, 0)
    FROM charges r FULL JOIN entries e ON e.campaign_id = r.campaign_id
    JOIN campaigns_campaign c ON c.id = coalesce(r.campaign_id, e.campaign_id)
    WHERE coalesce(r.cents, 0) <> coalesce(e.cents, 0)
UNION ALL
SELECT 'rewards', c.id, NULL, c.name, coalesce(r.number, 0), coalesce(e.number, 0)
    FROM charges r FULL JOIN entries e ON e.campaign_id = r.campaign_id
    JOIN campaigns_campaign c ON c.id = coalesce(r.campaign_id, e.campaign_id)
    WHERE coalesce(r.number, 0) <> coalesce(e.number, 0)
UNION ALL
(SELECT 'reward', c.id, NULL, coalesce(e.reference, 'reward:' || r.id),
        coalesce(r.charge_cents, 0), coalesce(e.amount_cents, 0)
    FROM rewards_reward r
    FULL JOIN (SELECT * FROM campaigns_budgetentry WHERE kind = 'reward') e
        ON e.reference = 'reward:' || r.id AND e.campaign_id = r.campaign_id AND e.moment_id = r.moment_id
        AND e.organization_id = r.organization_id
    JOIN campaigns_campaign c ON c.id = coalesce(r.campaign_id, e.campaign_id)
    WHERE r.charge_cents IS DISTINCT FROM e.amount_cents ORDER BY 4 LIMIT 100)
UNION ALL
SELECT 'unknown kind', e.campaign_id, NULL, e.reference, 0, e.amount_cents
    FROM campaigns_budgetentry e WHERE e.kind <> 'reward'
UNION ALL
SELECT 'events', c.id, NULL, c.name, coalesce(v.number, 0), coalesce(e.number, 0)
    FROM events v FULL JOIN entries e ON e.campaign_id = v.campaign_id
    JOIN campaigns_campaign c ON c.id = coalesce(v.campaign_id, e.campaign_id)
    WHERE coalesce(v.number, 0) <> coalesce(e.number, 0)
UNION ALL
SELECT 'statement', NULL, NULL, s.number, s.total_cents - s.carried_cents, coalesce(sum(l.cents), 0)::bigint
    FROM campaigns_statement s LEFT JOIN ledger l ON l.organization_id = s.organization_id AND l.month = s.month
    GROUP BY s.id HAVING s.total_cents - s.carried_cents <> coalesce(sum(l.cents), 0)
UNION ALL
SELECT 'report charges', NULL, NULL, c.name || ' ' || to_char(coalesce(d.day, e.day), 'YYYY-MM-DD'),
        coalesce(d.cents, 0), coalesce(e.cents, 0)
    FROM days d FULL JOIN charged_days e ON e.campaign_id = d.campaign_id AND e.day = d.day
    JOIN campaigns_campaign c ON c.id = coalesce(d.campaign_id, e.campaign_id)
    WHERE coalesce(d.cents, 0) <> coalesce(e.cents, 0)
UNION ALL
SELECT 'report actions', NULL, NULL, c.name || ' ' || to_char(coalesce(d.day, e.day), 'YYYY-MM-DD'),
        coalesce(d.number, 0), coalesce(e.number, 0)
    FROM days d FULL JOIN charged_days e ON e.campaign_id = d.campaign_id AND e.day = d.day
    JOIN campaigns_campaign c ON c.id = coalesce(d.campaign_id, e.campaign_id)
    WHERE coalesce(d.number, 0) <> coalesce(e.number, 0)
UNION ALL
SELECT 'points', NULL, NULL, a.app_user_id, a.available + a.pending, coalesce(b.points, 0)
    FROM rewards_pointaccount a LEFT JOIN (
        SELECT account_id, sum(remaining)::bigint AS points FROM rewards_pointbatch GROUP BY 1
    ) b ON b.account_id = a.id WHERE a.available + a.pending <> coalesce(b.points, 0)
UNION ALL
SELECT 'points in the ledger', NULL, NULL, a.app_user_id, a.available + a.pending - a.owed, coalesce(e.points, 0)
    FROM rewards_pointaccount a LEFT JOIN (
        SELECT account_id, sum(amount)::bigint AS points FROM rewards_pointentry GROUP BY 1
    ) e ON e.account_id = a.id WHERE a.available + a.pending - a.owed <> coalesce(e.points, 0)
UNION ALL
SELECT 'points of a batch', NULL, NULL, a.app_user_id || ' ' || b.id, b.remaining,
        coalesce(e.points, 0) - coalesce(s.points, 0)
    FROM rewards_pointbatch b JOIN rewards_pointaccount a ON a.id = b.account_id
    LEFT JOIN (SELECT batch_id, sum(amount)::bigint AS points FROM rewards_pointentry GROUP BY 1)
        e ON e.batch_id = b.id
    LEFT JOIN (SELECT batch_id, sum(amount)::bigint AS points FROM rewards_pointallocation GROUP BY 1)
        s ON s.batch_id = b.id
    WHERE b.remaining <> coalesce(e.points, 0) - coalesce(s.points, 0)
UNION ALL
SELECT 'stock', NULL, NULL, p.sku, p.stock, coalesce(sum(s.units), 0)::bigint
    FROM catalog_product p LEFT JOIN catalog_stockmove s ON s.product_id = p.id
    GROUP BY p.id HAVING p.stock <> coalesce(sum(s.units), 0)
UNION ALL
SELECT 'stock of a size', NULL, NULL, p.sku || ' ' || z.label, z.stock, coalesce(sum(s.units), 0)::bigint
    FROM catalog_productsize z JOIN catalog_product p ON p.id = z.product_id
    LEFT JOIN catalog_stockmove s ON s.size_id = z.id
    GROUP BY p.id, z.id HAVING z.stock <> coalesce(sum(s.units), 0)
UNION ALL
SELECT 'stock in sizes', NULL, NULL, p.sku, p.stock, sum(z.stock)::bigint
    FROM catalog_product p JOIN catalog_productsize z ON z.product_id = p.id
    GROUP BY p.id HAVING p.stock <> sum(z.stock)
"""


@dataclass(frozen=True)
class Discrepancy:
    """A difference: ``what`` of ``whose`` is ``counted``, but the ledger has ``ledger``; cents, rewards, points or
    units.

    Has the id of the campaign or organization whose money is affected; neither for points, stock, statements and report
    totals.
    """

    what: str
    campaign_id: uuid.UUID | None
    organization_id: int | None
    whose: str
    counted: int
    ledger: int

    def shown(self, amount: int) -> str:
        """Format money with its currency, other amounts as a number."""
        return display(amount) if self.what in MONEY else str(amount)

    def __str__(self) -> str:
        values = {"what": self.what, "whose": self.whose}
        values |= {"counted": self.shown(self.counted), "ledger": self.shown(self.ledger)}
        return _("%(what)s of %(whose)s: %(counted)s counted, %(ledger)s in the ledger") % values


def find_discrepancies() -> list[Discrepancy]:
    with connection.cursor() as cursor:
        cursor.execute(QUERY)
        return [Discrepancy(*row) for row in cursor.fetchall()]


def reconcile(*, now: dt.datetime) -> list[Discrepancy]:
    """Return all differences, put the affected campaigns on hold and notify operators. Nothing is corrected."""
    began = time.monotonic()
    found = find_discrepancies()
    took_ms = round((time.monotonic() - began) * 1000)
    ReconciliationRun.objects.create(checked_at=now, took_ms=took_ms, discrepancies=[as_json(row) for row in found])
    ReconciliationRun.objects.filter(checked_at__lt=now - KEPT_FOR, discrepancies=[]).delete()
    for discrepancy in found:
        logger.error("Books differ: %s", discrepancy)
        for campaign in campaigns_of(discrepancy):
            hold_campaign(campaign, because=Held.BOOKS, why=str(discrepancy), now=now)
    if found:
        _tell(found, now)
    return found


def as_json(row: Discrepancy) -> dict:
    """Return the form that ``ReconciliationRun`` stores, with a sentence for operators."""
    return {**asdict(row), "campaign_id": str(row.campaign_id) if row.campaign_id else None, "summary": str(row)}


def campaigns_of(discrepancy: Discrepancy) -> list[Campaign]:
    """Return the campaigns to put on hold. A difference of an organization affects all of its campaigns that can
    issue.
    """
    campaigns = Campaign.objects.select_related("organization").exclude(held_because=Held.BOOKS)
    if discrepancy.campaign_id:
        return list(campaigns.filter(pk=discrepancy.campaign_id))
    if discrepancy.organization_id is None:
        return []
    may_issue = campaigns.exclude(status__in=[*Campaign.EDITABLE, Campaign.Status.PENDING, Campaign.Status.FINISHED])
    return list(may_issue.filter(organization=discrepancy.organization_id))


def _tell(found: list[Discrepancy], now: dt.datetime) -> None:
    """Notify operators, once a day for the same differences."""
    lines = "\n".join(str(discrepancy) for discrepancy in found)
    digest = hashlib.sha256(lines.encode()).hexdigest()[:16]
    text = f"{lines[:5000]}\n\n{absolute('admin:rewards_reconciliationrun_changelist')}"
    notify_operators(_("The books differ"), text, dedupe_key=f"books:{now.date()}:{digest}", now=now)
