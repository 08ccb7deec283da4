"""A campaign's life, and what may not happen in it."""

import datetime as dt

import pytest

from accounts.models import Organization
from campaigns.approval import transitions
from campaigns.budget import spending
from campaigns.models import Campaign, CampaignChange, CampaignVersion, GroupProduct
from campaigns.setup import service as setup
from campaigns.setup.moment_costs import pairs_of
from campaigns.setup.readiness import warnings_of
from catalog.models import ExchangeRate
from catalog.pricing import prices
from moments.errors import RuleViolation
from outbox.models import Event, Mail
from tests import make

Status = Campaign.Status


def refused(act, *args, **kwargs) -> str:
    """The refusal's code; the campaign's status stays."""
    before = list(Campaign.objects.order_by("pk").values_list("status", flat=True))
    with pytest.raises(RuleViolation) as caught:
        act(*args, **kwargs)
    assert list(Campaign.objects.order_by("pk").values_list("status", flat=True)) == before
    return caught.value.code


def test_every_step_stands_in_the_history_with_who_and_when(db, now):
    campaign = make.campaign("draft")
    owner, operator = campaign.created_by, make.operator()

    transitions.submit_for_approval(campaign, by=owner, now=now)
    transitions.approve_campaign(campaign, by=operator, now=now)
    transitions.go_live(campaign, by=owner, now=now)
    transitions.take_down(campaign, by=owner, reason="A typo in the terms", now=now)
    transitions.resume(campaign, by=owner, now=now)
    transitions.finish(campaign, now=now)

    steps = CampaignChange.objects.filter(campaign=campaign).order_by("id").values_list("event", "actor", "reason")
    assert list(steps) == [
        ("created", owner.pk, ""),
        ("submitted", owner.pk, ""),
        ("approved", operator.pk, ""),
        ("went live", owner.pk, ""),
        ("taken down", owner.pk, "A typo in the terms"),
        ("resumed", owner.pk, ""),
        ("finished", None, ""),
    ]
    types = Event.objects.filter(organization=campaign.organization).order_by("id").values_list("type", flat=True)
    assert list(types) == [
        f"campaign.{name}" for name in ("pending", "approved", "live", "suspended", "live", "finished")
    ]


def test_what_was_submitted_is_frozen(db, now):
    campaign = make.campaign("pending")
    group = campaign.groups.get()

    for act, args in (
        (setup.edit_campaign, (campaign,)),
        (make.set_costs, (campaign, 1)),
        (setup.add_product, (campaign, group, make.product())),
        (setup.remove_group, (campaign, group)),
    ):
        assert refused(act, *args) == "not_editable"
    assert refused(spending.set_limits, campaign, total_budget_cents=9999, monthly_limit_cents=9999, by=None, now=now)


def test_what_is_approved_is_what_was_reviewed(db, now):
    """Prices and exchange rates that move after the submission change nothing of it."""
    product = make.product(3600, store="JP", slug="tea")
    campaign = make.campaign("pending", products=[product], store="JP", cpa_cents=2412)
    prices.set_price(product, 9999, now=now)
    ExchangeRate.objects.create(currency="JPY", usd="0.01", valid_from=now.date())

    transitions.approve_campaign(campaign, by=make.operator(), now=now)

    choice = GroupProduct.objects.get(group__campaign=campaign)
    assert choice.reward_value_cents == 3600
    assert campaign.exchange_rates["JPY"].startswith("0.0067")


def test_a_change_that_slipped_past_the_freeze_is_not_approved(db, now):
    campaign = make.campaign("pending")
    Campaign.objects.filter(pk=campaign.pk).update(redemption_message="Something else")

    assert refused(transitions.approve_campaign, campaign, by=make.operator(), now=now) == "changed_since_review"


def test_approval_needs_a_payment_method_or_the_operators_waiver(db, now):
    campaign = make.campaign("pending")
    Organization.objects.filter(pk=campaign.organization_id).update(payment_waived_at=None)

    assert refused(transitions.approve_campaign, campaign, by=make.operator(), now=now) == "no_payment_method"


def test_a_version_submitted_meanwhile_is_not_approved_unseen(db, now):
    campaign = make.campaign("pending")
    transitions.withdraw_campaign(campaign, by=campaign.created_by, now=now)
    setup.edit_campaign(campaign, redemption_message="Something else")
    transitions.submit_for_approval(campaign, by=campaign.created_by, now=now)

    assert refused(transitions.approve_campaign, campaign, by=make.operator(), number=1, now=now) == "other_version"


@pytest.mark.parametrize("year", [1, 1999, 2201, 9999])
def test_a_date_that_no_database_reads_back_is_refused(db, year):
    campaign = make.campaign("draft")

    with pytest.raises(RuleViolation) as caught:
        setup.edit_campaign(campaign, ends_at=dt.datetime(year, 6, 1, tzinfo=dt.UTC))

    assert caught.value.code == "invalid_window"


def test_a_campaign_that_never_ran_closes_no_window(db, now):
    from rewards.claims.service import close_due_windows

    campaign = make.campaign("approved")
    transitions.reopen_for_editing(campaign, by=campaign.created_by, now=now)

    assert close_due_windows(now=campaign.rewards_expire_at) == 0


def test_a_rejection_names_its_reason_and_can_be_mended(db, now):
    campaign = make.campaign("pending")
    assert refused(transitions.reject_campaign, campaign, by=make.operator(), reason=" ", now=now) == "no_reason"

    transitions.reject_campaign(campaign, by=make.operator(), reason="The banner is blurred.", now=now)
    setup.edit_campaign(campaign, redemption_message="Mended")
    transitions.submit_for_approval(campaign, by=campaign.created_by, now=now)

    decisions = CampaignVersion.objects.filter(campaign=campaign).values_list("number", "decision", "reason")
    assert list(decisions) == [(2, "pending", ""), (1, "rejected", "The banner is blurred.")]
    assert Mail.objects.filter(kind="campaign_rejected", to_email=campaign.created_by.email).count() == 1


@pytest.mark.parametrize(
    ("status", "act"),
    [
        ("draft", transitions.go_live),
        ("pending", transitions.go_live),
        ("finished", transitions.go_live),
        ("draft", transitions.take_down),
        ("finished", transitions.resume),
        ("live", transitions.reopen_for_editing),
        ("approved", transitions.finish),
        ("live", transitions.approve_campaign),
        ("live", transitions.submit_for_approval),
        ("live", transitions.withdraw_campaign),
    ],
)
def test_steps_that_the_state_does_not_allow_are_refused(db, now, status, act):
    campaign = make.campaign(status)

    assert refused(act, campaign, by=campaign.created_by, now=now)


@pytest.mark.parametrize("status", ["approved", "live"])
def test_resuming_returns_to_where_it_was(db, now, status):
    campaign = make.campaign(status)

    transitions.take_down(campaign, by=campaign.created_by, now=now)
    transitions.resume(campaign, by=campaign.created_by, now=now)

    assert campaign.status == status


def test_by_date_it_goes_live_and_finishes_by_itself(db, now):
    by_date = make.campaign("approved", goes_live="date", days=(1, 2))
    by_button = make.campaign("approved", days=(1, 2))

    assert transitions.open_due_campaigns(now=by_date.starts_at - dt.timedelta(seconds=1)) == 0
    assert transitions.open_due_campaigns(now=by_date.starts_at) == 1
    by_date.refresh_from_db()
    by_button.refresh_from_db()
    assert (by_date.status, by_button.status) == ("live", "approved")

    assert transitions.finish_due_campaigns(now=by_date.ends_at - dt.timedelta(seconds=1)) == 0
    assert transitions.finish_due_campaigns(now=by_date.ends_at) == 1
    assert Mail.objects.filter(kind="campaign_finished").count() == 1


def test_finishing_early_does_not_shorten_what_customers_were_told(campaign, now):
    before = campaign.rewards_expire_at

    transitions.finish(campaign, by=campaign.created_by, now=now)

    assert campaign.rewards_expire_at == before


@pytest.mark.slow
def test_reopened_and_approved_anew_its_expiry_only_moves_later(db, now):
    campaign = make.campaign("approved")
    before, end = campaign.rewards_expire_at, campaign.ends_at

    for days, expected in ((-5, before), (+5, None)):
        transitions.reopen_for_editing(campaign, by=campaign.created_by, now=now)
        setup.edit_campaign(campaign, ends_at=end + dt.timedelta(days=days))
        make.bring_to(campaign, "approved", campaign.created_by, now)
        assert campaign.rewards_expire_at == expected or campaign.rewards_expire_at > before


# What is lacking


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"announcement_message": ""}, "announcement"),
        ({"redemption_message": ""}, "redemption"),
        ({"support_contact": ""}, "support contact"),
        ({"banner": None}, "3000 × 600"),
        ({"banner_alt": ""}, "in words"),
        ({"ends_at": None}, "starts and ends"),
    ],
)
def test_an_incomplete_campaign_is_told_what_it_lacks(db, now, fields, words):
    campaign = make.campaign("draft", **fields)

    with pytest.raises(RuleViolation) as caught:
        transitions.submit_for_approval(campaign, by=campaign.created_by, now=now)

    assert caught.value.code == "incomplete"
    assert words in caught.value.message
    assert Campaign.objects.get(pk=campaign.pk).status == Status.DRAFT


@pytest.mark.parametrize(("cents", "words"), [(2000, "below the price"), (2600, "would have to pay $1.50")])
def test_a_cost_below_the_suggestion_says_who_would_pay(db, now, cents, words):
    campaign = make.campaign("draft", cpa_cents=cents)

    with pytest.raises(RuleViolation, match=words.replace("$", r"\$")):
        transitions.submit_for_approval(campaign, by=campaign.created_by, now=now)


def test_where_the_rest_can_be_paid_a_cost_between_price_and_suggestion_is_warned_of(db, now, settings):
    settings.STRIPE_SECRET_KEY, settings.STRIPE_PUBLISHABLE_KEY = "sk_test_x", "pk_test_x"
    short, low = make.campaign("draft", cpa_cents=2600), make.campaign("draft", cpa_cents=2499)

    (warning,) = warnings_of(short, now=now)
    assert warning.startswith("At $26.00, users of “MomentsReward” pay $1.50 of tax and shipping for “Product")
    transitions.submit_for_approval(short, by=short.created_by, now=now)
    with pytest.raises(RuleViolation, match=r"below the price.*at least \$25.00"):
        transitions.submit_for_approval(low, by=low.created_by, now=now)


def test_a_percentage_off_is_refused_where_nobody_could_pay_the_rest(db, now, settings):
    make.product(1000, slug="tea")
    campaign = make.campaign("draft", slug="tea", cpa_cents=2000)
    campaign.groups.update(percent_off=50)

    with pytest.raises(RuleViolation, match="At 50 % off"):
        transitions.submit_for_approval(campaign, by=campaign.created_by, now=now)
    settings.STRIPE_SECRET_KEY, settings.STRIPE_PUBLISHABLE_KEY = "sk_test_x", "pk_test_x"
    transitions.submit_for_approval(campaign, by=campaign.created_by, now=now)

    assert Campaign.objects.get(pk=campaign.pk).status == Status.PENDING


def test_a_duplicate_is_a_draft_without_dates(campaign, now):
    copy = setup.duplicate_campaign(campaign, by=campaign.organization.members.get(), now=now)

    assert (copy.status, copy.name, copy.starts_at) == ("draft", f"Copy of {campaign.name}", None)
    assert copy.total_spent_cents == 0
    assert copy.groups.get().choices.get().product == campaign.groups.get().choices.get().product
    assert [cents for _moment, _group, cents in pairs_of(copy)] == [2750]
