"""What operators allow to be spent, and whom they let do what, takes their password again after ten minutes."""

import pytest
from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from accounts.models import Member, Organization, User
from accounts.sign_in.recent_authentication import changes_account
from campaigns.models import Campaign, ClaimLimits, OrganizationMonth
from tests import make
from tests.accounts.sign_in.test_recent_authentication import asked
from tests.accounts.sign_in.test_security import aged, sign_in
from tests.moments.web.test_stale_forms import Fields

FREE_OF_OPERATORS = {"accounts.SupportRequest"}  # answering changes neither an account nor what may be spent


@pytest.fixture
def campaign(db) -> Campaign:
    return make.campaign("pending")


@pytest.fixture
def operator(db) -> Client:
    return sign_in(make.operator())


def state(campaign: Campaign) -> list:
    rows = [
        Campaign.objects.values("status", "monthly_ceiling_cents", "brake_is_on"),
        Organization.objects.values("status", "monthly_limit_cents", "payment_waived_at"),
        OrganizationMonth.objects.values("limit_cents"),
        ClaimLimits.objects.values(),
        Member.objects.values("role", "user"),
        User.objects.values("email", "is_staff", "is_superuser", "is_active"),
        Group.objects.values(),
        AccessAttempt.objects.values("username"),
    ]
    return [list(each.order_by("pk")) for each in rows]


def typed(operator: Client, page: str, **changes) -> dict:
    """The form as it is on the page, with ``changes``."""
    return {**Fields(operator.get(page).text).sent, **changes}


def acts(operator: Client, campaign: Campaign) -> dict[str, tuple[str, dict]]:
    """What each would send, as the page had it while the operator was just signed in."""
    organization, colleague = campaign.organization, make.member("editor", organization=campaign.organization)
    ceiling = reverse("admin:campaigns_campaign_ceiling", args=[campaign.pk])
    review = reverse("admin:campaigns_campaign_review", args=[campaign.pk])
    listed = reverse("admin:accounts_organization_changelist")
    one = reverse("admin:accounts_organization_change", args=[organization.pk])
    person = reverse("admin:accounts_user_change", args=[colleague.user_id])
    attempt = AccessAttempt.objects.create(username=colleague.user.email, failures_since_start=9)
    chosen = {"_selected_action": [organization.pk]}
    operator.post(person, {"access_reason": "Asked by mail"})
    operator.post(reverse("admin:axes_accessattempt_why"), {"access_reason": "Asked by mail"})
    roles = typed(operator, one)
    role = next(name for name, value in roles.items() if name.endswith("-role") and value == "editor")
    return {
        "ceiling": (ceiling, {"ceiling_cents": "90000.00", "why": "They grow"}),
        "brake": (ceiling, {"brake": "", "floor": "1000", "why": "A big day"}),
        "approve": (review, {"approve": "", "version": "1"}),
        "limit": (
            reverse("admin:campaigns_organizationmonth_add"),
            {"organization": organization.pk, "new_limit": "90000.00", "why": "They grow"},
        ),
        "claims": (reverse("admin:campaigns_claimlimits_add"), {"campaign": campaign.pk, "rewards_per_customer": "9"}),
        "waive": (listed, {**chosen, "action": "waive_payment"}),
        "suspend": (listed, {**chosen, "action": "suspend"}),
        "role": (one, {**roles, role: "owner"}),
        "rights": (person, typed(operator, person, is_staff="on", is_superuser="on")),
        "group": (reverse("admin:auth_group_add"), {"name": "Everything"}),
        "unlock": (
            reverse("admin:axes_accessattempt_changelist"),
            {"action": "delete_selected", "_selected_action": [attempt.pk], "post": "yes"},
        ),
    }


NAMES = ["ceiling", "brake", "approve", "limit", "claims", "waive", "suspend", "role", "rights", "group"]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_an_old_session_of_an_operator_is_asked_and_what_was_sent_is_done_then(operator, campaign, name):
    if name == "waive":
        Organization.objects.update(payment_waived_at=None)
    path, body = acts(operator, campaign)[name]
    before = state(campaign)

    answer = aged(operator).post(path, body)
    assert asked(answer) and state(campaign) == before

    operator.post("/accounts/reauthenticate/", {"password": make.PASSWORD, "next": path})
    assert state(campaign) != before


def test_ending_a_lock_is_asked_too(operator, campaign):
    path, body = acts(operator, campaign)["unlock"]
    before = state(campaign)

    assert asked(aged(operator).post(path, body)) and state(campaign) == before


def test_looking_and_daily_work_are_not_asked(operator, campaign):
    product = make.product(2500)
    client = aged(operator)
    page = reverse("admin:catalog_product_change", args=[product.pk])

    assert client.get(reverse("admin:campaigns_campaign_ceiling", args=[campaign.pk])).status_code == 200
    assert not asked(client.post(page, typed(client, page, title="Another title")))

    product.refresh_from_db()
    assert product.title == "Another title"


def test_every_page_of_operators_about_accounts_and_budgets_asks():
    """A new model of these apps asks until somebody says here that it need not."""
    asks, free = set(), set()
    for model in admin.site._registry:
        if model._meta.app_label in {"accounts", "auth", "account", "mfa", "axes", "usersessions", "campaigns"}:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
            (asks if changes_account(name, None) else free).add(model._meta.label)

    assert free == FREE_OF_OPERATORS
    assert {"accounts.User", "accounts.Organization", "campaigns.Campaign", "campaigns.OrganizationMonth"} <= asks
