"""What PostgreSQL refuses in the tables of campaigns and of what they cost."""

import datetime as dt

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F

from campaigns.models import (
    Campaign,
    CampaignMonth,
    CampaignVersion,
    ClaimLimits,
    GroupProduct,
    Moment,
    OrganizationMonth,
    Payment,
    RewardGroup,
    Statement,
    StatementLine,
)
from catalog.models import Marketplace
from moments import clock
from moments.errors import violated_constraint
from tests import make
from tests.harness.constraints import Write, added, assert_refused, changed, twice
from tests.harness.owner import owner

MONTH = dt.date(2026, 10, 1)


def draft() -> Campaign:
    return make.campaign(Campaign.Status.DRAFT)


def version(status: str) -> CampaignVersion:
    return make.campaign(status).versions.get()


def moment() -> Moment:
    return draft().moments.get()


def group(**of_campaign) -> RewardGroup:
    return make.campaign(Campaign.Status.DRAFT, **of_campaign).groups.get()


def choice() -> GroupProduct:
    return group().choices.get()


def campaign_month() -> CampaignMonth:
    return CampaignMonth.objects.create(campaign=draft(), month=MONTH, limit_cents=100)


def organization_month() -> OrganizationMonth:
    return OrganizationMonth.objects.create(organization=make.member().organization, month=MONTH, limit_cents=100)


def statement(**fields) -> Statement:
    of = fields.pop("organization", None) or make.member().organization
    values = {"number": f"M-{of.pk}", "month": MONTH, "total_cents": 5000, "issued_at": clock.now(), **fields}
    return Statement.objects.create(organization=of, **values)


def payment(status: str) -> Payment:
    return Payment(statement=statement(), status=status, card="Visa", begun_at=clock.now())


def line() -> StatementLine:
    campaign = draft()
    values = {"campaign_name": campaign.name, "moment_key": "Level10", "actions": 2, "each_cents": 50, "cents": 100}
    return StatementLine(statement=statement(organization=campaign.organization), campaign=campaign, **values)


def carried_while_due() -> Write:
    first = statement()
    later = statement(organization=first.organization, month=dt.date(2026, 11, 1), number="later")
    return changed(first, carried_to=later)


def same_id_without_the_primary_key() -> Write:
    """The primary key refuses a second row with the same id first, so this takes it away."""
    row = group()
    with owner() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE campaigns_rewardgroup DROP CONSTRAINT campaigns_rewardgroup_pkey CASCADE")
    return added(row, pk=row.pk, key="other", marketplace=Marketplace.objects.exclude(pk=row.marketplace_id)[0])


CASES = {
    "campaign_ends_after_start": lambda: changed(draft(), ends_at=F("starts_at")),
    "campaign_held_for_a_reason": lambda: changed(draft(), held_at=clock.now()),
    "campaign_month_once": lambda: twice(campaign_month()),
    "campaign_month_within_limit": lambda: changed(campaign_month(), spent_cents=101),
    "campaign_monthly_limit_within_ceiling": lambda: changed(draft(), monthly_ceiling_cents=0),
    "campaign_name_once": lambda: twice(draft()),
    "campaign_per_user_limit_positive": lambda: changed(draft(), per_user_limit=0),
    "campaign_spent_within_budget": lambda: changed(draft(), total_spent_cents=5_000_001),
    "campaign_version_once": lambda: twice(version(Campaign.Status.APPROVED)),
    "campaign_version_pending_once": lambda: twice(version(Campaign.Status.PENDING), number=2),
    "claim_limits_of_one": lambda: twice(ClaimLimits.objects.get_or_create(campaign=None)[0]),
    "group_at_most_five": lambda: changed(choice(), position=6),
    "group_position_once": lambda: added(choice(), product=make.product()),
    "group_product_of_products": lambda: changed(choice(), group_kind="category"),
    "group_product_once": lambda: added(choice(), position=2),
    "moment_cost_once": lambda: twice(moment().costs.get()),
    "moment_cost_positive": lambda: changed(moment().costs.get(), cpa_cents=0),
    "moment_key_not_empty": lambda: changed(moment(), key=""),
    "moment_key_once": lambda: twice(moment()),
    "moment_share_at_most_all": lambda: changed(moment(), share_percent=101),
    "organization_month_once": lambda: twice(organization_month()),
    "organization_month_within_limit": lambda: changed(organization_month(), spent_cents=101),
    "payment_open_once": lambda: twice(payment(Payment.Status.OPEN)),
    "payment_paid_once": lambda: twice(payment(Payment.Status.SUCCEEDED)),
    "reward_group_key_not_empty": lambda: changed(group(), key=""),
    "reward_group_key_once": lambda: added(group(), marketplace=Marketplace.objects.exclude(code="US")[0]),
    "reward_group_kind": same_id_without_the_primary_key,
    "reward_group_once": lambda: added(group(), key="other"),
    "reward_group_percent_sane": lambda: changed(group(slug="books"), percent_off=101),
    "reward_group_products_or_category": lambda: changed(group(), percent_off=10),
    "statement_carried_to_another": carried_while_due,
    "statement_line_adds_up": lambda: added(line(), cents=99),
    "statement_once_a_month": lambda: twice(statement()),
    "statement_paid_at_some_time": lambda: changed(statement(), status=Statement.Status.PAID),
}


@pytest.mark.parametrize("name", CASES)
def test_the_database_refuses_what_breaks_a_constraint(db, name):
    assert_refused(name, CASES[name])


def test_no_category_group_has_a_product(db):
    """By ``group_product_kind_matches``, which ``database.sql`` declares: checked at the end of the transaction."""
    row = GroupProduct(group=group(slug="books"), product=make.product(), position=1)

    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
        row.save()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    assert violated_constraint(error.value) == "group_product_kind_matches"
    assert not GroupProduct.objects.filter(group=row.group).exists()


@pytest.mark.parametrize("values", [{"total_cents": 1}, {"number": "other"}, {"month": dt.date(2026, 9, 1)}])
def test_a_statement_keeps_what_was_issued(db, values):
    """By the trigger ``keep_statement``."""
    issued = statement()
    kept = Statement.objects.filter(pk=issued.pk).values()
    before = kept.get()

    with pytest.raises(DatabaseError, match="a statement that was issued stays as it is"), transaction.atomic():
        changed(issued, **values)()

    assert kept.all().get() == before
