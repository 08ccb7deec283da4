"""An organization that pays by card, and what it owes."""

import pytest

from accounts.models import Organization
from campaigns.billing.statements import close_months
from campaigns.models import Statement
from tests import make
from tests.campaigns.billing.test_statements import issue_last_month


@pytest.fixture
def payer(member):
    """An owner whose organization has no waiver."""
    Organization.objects.filter(pk=member.organization_id).update(payment_waived_at=None)
    member.organization.refresh_from_db()
    return member


@pytest.fixture
def statement(payer, now):
    Organization.objects.update(payment_waived_at=now)
    campaign = make.campaign(of=payer, days=(-90, 30))
    Organization.objects.update(payment_waived_at=None)
    issue_last_month(campaign, now, times=2)
    close_months(now=now)
    return Statement.objects.get()
