"""An organization with very many rewards, written straight into the tables as the issue would have left them."""

import datetime as dt
import hashlib
import uuid

from django.db import connection

from accounts.models import Member
from campaigns.models import Campaign
from tests import make

# Rewards are spread over their campaigns and the days before now. A hundredth is voided; the users are many.
REWARDS = """
INSERT INTO rewards_reward (
    id, organization_id, app_id, campaign_id, moment_id, group_id, status, source, app_user_id, user_slot, device_type,
    locale, charge_cents, credit_cents, currency, fingerprint, token_digest, token_key_version, issued_at, voided_at)
SELECT md5('reward' || %(salt)s || n)::uuid, c.organization_id, c.app_id, c.id, m.id, g.id, 'issued',
    (ARRAY['api', 'api', 'api', 'csv'])[1 + n %% 4], 'user-' || n, 1,
    (ARRAY['Web', 'iOS', 'Android', 'FireOS'])[1 + n %% 4], '', cost.cpa_cents, cost.cpa_cents, 'USD', '',
    md5('token' || %(salt)s || n), 1, %(now)s - n * (%(days)s * interval '1 day' / %(count)s),
    CASE WHEN n %% 100 = 0 THEN %(now)s END
FROM generate_series(1, %(count)s) AS n
JOIN unnest(%(campaigns)s::uuid[]) WITH ORDINALITY AS chosen (id, number)
    ON chosen.number = 1 + n %% cardinality(%(campaigns)s::uuid[])
JOIN campaigns_campaign c ON c.id = chosen.id
JOIN campaigns_moment m ON m.campaign_id = c.id
JOIN campaigns_rewardgroup g ON g.campaign_id = c.id
JOIN campaigns_momentcost cost ON cost.moment_id = m.id AND cost.group_id = g.id
"""
ENTRIES = """
INSERT INTO campaigns_budgetentry
    (organization_id, campaign_id, moment_id, month, kind, amount_cents, reference, occurred_at)
SELECT organization_id, campaign_id, moment_id, date_trunc('month', issued_at AT TIME ZONE 'UTC')::date, 'reward',
    charge_cents, 'reward:' || id, issued_at
FROM rewards_reward WHERE campaign_id = ANY (%(campaigns)s)
"""
EVENTS = """
INSERT INTO outbox_event (event_id, organization_id, type, payload, dedupe_key, created_at, sequence)
SELECT gen_random_uuid(), organization_id, 'reward.issued', jsonb_build_object('campaign', campaign_id),
    'reward.issued:' || id, issued_at,
    1000000 + row_number() OVER (PARTITION BY organization_id ORDER BY issued_at, id)
FROM rewards_reward WHERE campaign_id = ANY (%(campaigns)s)
"""
DAYS = """
INSERT INTO rewards_dailyrewardtotals
    (organization_id, campaign_id, moment_id, group_id, device_type, day, actions, cents)
SELECT organization_id, campaign_id, moment_id, group_id, device_type, (issued_at AT TIME ZONE 'UTC')::date, count(*),
    sum(charge_cents)
FROM rewards_reward WHERE campaign_id = ANY (%(campaigns)s) GROUP BY 1, 2, 3, 4, 5, 6
"""
MONTHS = """
INSERT INTO campaigns_campaignmonth (campaign_id, month, spent_cents, limit_cents)
SELECT campaign_id, month, sum(amount_cents), 1e12 FROM campaigns_budgetentry
WHERE campaign_id = ANY (%(campaigns)s) GROUP BY 1, 2
ON CONFLICT (campaign_id, month) DO UPDATE SET spent_cents = excluded.spent_cents, limit_cents = excluded.limit_cents
"""
MONTHS_OF_ALL = """
INSERT INTO campaigns_organizationmonth (organization_id, month, spent_cents, limit_cents)
SELECT organization_id, month, sum(amount_cents), 1e12 FROM campaigns_budgetentry
WHERE campaign_id = ANY (%(campaigns)s) GROUP BY 1, 2
ON CONFLICT (organization_id, month)
DO UPDATE SET spent_cents = excluded.spent_cents, limit_cents = excluded.limit_cents
"""
TOTALS = """
UPDATE campaigns_campaign SET total_spent_cents = spent, total_budget_cents = spent * 2
FROM (SELECT campaign_id, sum(amount_cents) AS spent FROM campaigns_budgetentry GROUP BY 1) AS sums
WHERE id = campaign_id AND id = ANY (%(campaigns)s)
"""
TABLES = ["rewards_reward", "campaigns_budgetentry", "rewards_dailyrewardtotals", "campaigns_campaignmonth"]


def organization_with(count: int, *, campaigns: int, days: int, now: dt.datetime) -> tuple[Member, list[Campaign]]:
    """Its owner and its campaigns: ``count`` rewards of the last ``days``, with ledger, events, sums and counters."""
    owner = make.member()
    made = [make.campaign(of=owner, cpa_cents=2750 + number) for number in range(campaigns)]
    values = {
        "campaigns": [campaign.pk for campaign in made],
        "count": count,
        "days": days,
        "now": now,
        "salt": hashlib.sha256(uuid.uuid4().bytes).hexdigest()[:8],
    }
    for campaign in made:
        campaign.starts_at = now - dt.timedelta(days=days)
        campaign.save(update_fields=["starts_at"])
    with connection.cursor() as cursor:
        for statement in (REWARDS, ENTRIES, EVENTS, DAYS, MONTHS, MONTHS_OF_ALL, TOTALS):
            cursor.execute(statement, values)
        for table in TABLES:
            cursor.execute(f"ANALYZE {table}")
    return owner, made
