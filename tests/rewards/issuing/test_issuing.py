"""The one way a reward comes to be."""

import dataclasses
import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import AuditEntry
from accounts.organizations.service import suspend_organization
from campaigns.approval.transitions import take_down
from campaigns.budget.limits import set_organization_limit
from campaigns.budget.spending import month_of
from campaigns.models import BudgetEntry, Campaign, CampaignMonth, OrganizationMonth
from campaigns.setup import service as setup
from moments.errors import RuleViolation
from outbox.models import Event, Mail
from rewards.issuing.service import IssueResult, issue_reward, send_reward
from rewards.issuing.tokens import reward_of_token, token_digest
from rewards.ledger.reconciliation import reconcile
from rewards.models import Reward
from tests import make
from tests.harness.owner import owner


def refused(ask) -> str:
    """The refusal's code; nothing may have changed."""
    before = (Reward.objects.count(), BudgetEntry.objects.count(), Event.objects.count())
    spent = list(Campaign.objects.values_list("total_spent_cents", flat=True))
    with pytest.raises(RuleViolation) as caught, transaction.atomic():
        issue_reward(ask)
    assert (Reward.objects.count(), BudgetEntry.objects.count(), Event.objects.count()) == before
    assert list(Campaign.objects.values_list("total_spent_cents", flat=True)) == spent
    return caught.value.code


def test_an_issue_charges_the_cost_per_action_everywhere_at_once(campaign, now):
    issued = issue_reward(make.ask(campaign, app_user_id="ada"))

    reward = Reward.objects.get(pk=issued.reward_id)
    assert (reward.charge_cents, reward.credit_cents, reward.currency) == (2750, 2750, "USD")
    assert BudgetEntry.objects.get(reference=f"reward:{reward.pk}").amount_cents == 2750
    assert Event.objects.get(dedupe_key=f"reward.issued:{reward.pk}").payload["charge"] == "27.50"
    assert Campaign.objects.get(pk=campaign.pk).total_spent_cents == 2750
    assert CampaignMonth.objects.get(campaign=campaign, month=month_of(now)).spent_cents == 2750
    assert OrganizationMonth.objects.get(organization=campaign.organization, month=month_of(now)).spent_cents == 2750
    assert issued.remaining_count == 180  # $5,000 less one reward
    assert reconcile(now=now) == []


def test_the_url_opens_the_reward_and_its_token_is_not_stored(campaign):
    issued = issue_reward(make.ask(campaign))

    token = issued.url.rstrip("/").rpartition("/")[2]
    assert len(token) == 32
    assert reward_of_token(token).pk == issued.reward_id
    assert Reward.objects.get(pk=issued.reward_id).token_digest == token_digest(token)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM rewards_reward r WHERE r::text LIKE %s", [f"%{token}%"])
        assert cursor.fetchone() == (0,)


def test_without_user_and_key_each_call_is_a_new_reward(campaign):
    assert issue_reward(make.ask(campaign)).url != issue_reward(make.ask(campaign)).url


def test_a_repeat_with_the_same_key_gets_the_same_url_and_charges_nothing(campaign):
    ask = make.ask(campaign, idempotency_key="k-1", fingerprint="f")

    first, second = issue_reward(ask), issue_reward(ask)

    assert (first.outcome, second.outcome) == ("issued", "replay")
    assert first.url == second.url
    assert Reward.objects.count() == 1


def test_a_repeat_is_answered_after_the_campaign_was_taken_down(campaign, now):
    ask = make.ask(campaign, idempotency_key="k-1")
    first = issue_reward(ask)

    take_down(campaign, by=None, now=now)

    assert issue_reward(ask).url == first.url


def test_the_same_key_for_something_else_is_refused(campaign):
    issue_reward(make.ask(campaign, idempotency_key="k-1", fingerprint="one"))

    assert refused(make.ask(campaign, idempotency_key="k-1", fingerprint="two")) == "idempotency_key_reused"


def test_a_user_alone_gets_the_first_reward_again_where_the_limit_is_one(campaign):
    first, second = (issue_reward(make.ask(campaign, app_user_id="ada")) for _time in range(2))

    assert (second.outcome, second.url) == ("replay", first.url)


def test_a_higher_limit_issues_until_it_is_reached(db):
    campaign = make.campaign(per_user_limit=2)
    ask = make.ask(campaign, app_user_id="ada")

    urls = {issue_reward(ask).url for _time in range(2)}

    assert len(urls) == 2
    assert refused(ask) == "user_limit_reached"


def test_the_limit_counts_for_each_moment(campaign):
    campaign_of_two = make.campaign()
    second = campaign_of_two.moments.create(key="second", description="Again", position=2)
    second.costs.create(group=campaign_of_two.groups.get(), cpa_cents=2750)

    issue_reward(make.ask(campaign_of_two, app_user_id="ada"))
    again = issue_reward(make.ask(campaign_of_two, app_user_id="ada", moment="second"))

    assert again.outcome == "issued"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"moment": "nothing"}, "unknown_moment"),
        ({"group": "JP"}, "unknown_reward_group"),
    ],
)
def test_what_the_campaign_does_not_have_is_unknown(campaign, fields, code):
    assert refused(make.ask(campaign, **fields)) == code


def test_a_strangers_campaign_is_unknown(campaign):
    import dataclasses

    stranger = make.app()

    assert refused(dataclasses.replace(make.ask(campaign), app_id=stranger.pk)) == "unknown_campaign"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("draft", "campaign_not_approved"),
        ("pending", "campaign_not_approved"),
        ("rejected", "campaign_not_approved"),
        ("suspended", "campaign_suspended"),
        ("finished", "campaign_finished"),
    ],
)
def test_no_state_but_live_issues(db, status, code):
    assert refused(make.ask(make.campaign(status))) == code


def test_an_approved_campaign_answers_every_call_with_the_same_preview(db):
    campaign = make.campaign("approved")

    first, second = issue_reward(make.ask(campaign)), issue_reward(make.ask(campaign, app_user_id="ada"))

    assert first.is_preview and first.url == second.url
    assert Reward.objects.count() == 0


def test_a_test_key_previews_a_live_campaign(campaign):
    assert issue_reward(make.ask(campaign, is_live=False)).is_preview
    assert Reward.objects.count() == 0


def test_before_the_start_and_after_the_end_nothing_is_issued(db):
    early = make.campaign(days=(1, 30))
    late = make.campaign(days=(-10, 30))
    Campaign.objects.filter(pk=late.pk).update(ends_at=make.clock.now() - dt.timedelta(seconds=1))

    assert refused(make.ask(early)) == "campaign_not_started"
    assert refused(make.ask(late)) == "campaign_finished"


def test_a_suspended_organization_issues_nothing(campaign):
    suspend_organization(campaign.organization)

    assert refused(make.ask(campaign)) == "organization_suspended"


@pytest.mark.slow
def test_each_cap_refuses_what_would_exceed_it_by_a_cent(db, now):
    total = make.campaign(total_budget_cents=5499)
    month = make.campaign(monthly_limit_cents=5499)
    organization = make.campaign()
    set_organization_limit(organization.organization, limit_cents=5499, why="a test", by=None, now=now)
    for campaign in (total, month, organization):
        issue_reward(make.ask(campaign))

    assert refused(make.ask(total)) == "campaign_budget_exhausted"
    assert refused(make.ask(month)) == "campaign_month_cap_reached"
    assert refused(make.ask(organization)) == "organization_month_cap_reached"
    assert reconcile(now=now) == []


def test_the_month_is_utc(db):
    """A reward issued with the clock a month back counts in that month."""
    campaign = make.campaign(days=(-60, 30))

    issue_reward(make.ask(campaign), shift=-dt.timedelta(days=40))
    issue_reward(make.ask(campaign))

    months = list(CampaignMonth.objects.filter(campaign=campaign, spent_cents__gt=0).values_list("month", flat=True))
    assert len(set(months)) == 2


def test_sql_by_hand_cannot_exceed_a_cap_or_rewrite_the_ledger(campaign):
    issue_reward(make.ask(campaign))

    for statement in (
        "UPDATE campaigns_campaign SET total_spent_cents = total_budget_cents + 1",
        "UPDATE campaigns_campaignmonth SET spent_cents = limit_cents + 1",
        "UPDATE campaigns_organizationmonth SET spent_cents = limit_cents + 1",
        "UPDATE campaigns_budgetentry SET amount_cents = 1",
        "DELETE FROM campaigns_budgetentry",
    ):
        with owner() as cursor, pytest.raises(IntegrityError), transaction.atomic():
            cursor.execute(statement)


def test_a_falsified_counter_is_found(campaign, now):
    issue_reward(make.ask(campaign))

    Campaign.objects.filter(pk=campaign.pk).update(total_spent_cents=1)

    assert [(found.what, found.counted, found.ledger) for found in reconcile(now=now)] == [("campaign total", 1, 2750)]


def test_a_repeat_for_another_store_answers_what_was_issued(db):
    campaign = make.campaign()
    issue_reward(make.ask(campaign, app_user_id="ada"))
    tea = make.product(3600, store="JP", slug="tea")
    group = campaign.groups.create(marketplace_id="JP", key="JP", retail_value_cents=3600, credit_per_cent="1.49")
    group.choices.create(product=tea, position=1, reward_value_cents=3600)

    again = issue_reward(make.ask(campaign, app_user_id="ada", group="JP"))

    assert (again.outcome, again.currency, again.retail_value_cents) == ("replay", "USD", 2500)


def test_credit_is_in_the_stores_currency_at_the_rate_of_the_approval(db):
    tea = make.product(3600, store="JP", slug="tea")
    campaign = make.campaign(products=[tea], store="JP", cpa_cents=2412)

    issued = issue_reward(make.ask(campaign, group="JP"))

    assert (issued.credit_cents, issued.currency, issued.charge_cents) == (3600, "JPY", 2412)


@pytest.mark.parametrize("empty", [{"app_user_id": ""}, {"app_user_id": " "}, {"idempotency_key": ""}])
def test_an_empty_id_or_key_is_refused_by_the_service_and_by_the_database(campaign, empty):
    with pytest.raises(RuleViolation) as caught:
        issue_reward(make.ask(campaign, **empty))

    assert caught.value.code == "invalid_request"
    assert Reward.objects.count() == 0
    reward = make.reward(campaign, app_user_id="ada", idempotency_key="k")
    (name,) = empty
    with pytest.raises(IntegrityError, match="reward_ids_not_empty"), transaction.atomic():
        Reward.objects.filter(pk=reward.pk).update(**{name: ""})


def test_a_moment_has_no_empty_key(db):
    draft = make.campaign("draft")

    with pytest.raises(RuleViolation) as caught:
        setup.save_moment(draft, key=" ", description="Again")

    assert caught.value.field == "key" and draft.moments.count() == 1
    with pytest.raises(IntegrityError, match="moment_key_not_empty"), transaction.atomic():
        draft.moments.update(key="")


def test_who_sent_a_reward_is_written_down_once(campaign, member, now):
    ask = make.ask(campaign, idempotency_key="console:1")

    for outcome in ("issued", "replay"):
        sent = send_reward(ask, campaign=campaign, to_email="kim@example.com", by=member.user, now=now)
        assert sent.outcome == outcome

    assert list(AuditEntry.objects.filter(event="reward_sent").values_list("about", "actor")) == [
        (f"{campaign.name}: {sent.reward_id}", member.user.pk)
    ]
    assert Mail.objects.filter(kind="reward_issued").count() == 1


def test_the_function_answers_with_the_fields_of_the_result_by_name(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM pg_proc, unnest(proargnames, proargmodes) AS arguments(name, mode) "
            "WHERE proname = 'moments_issue_reward' AND mode = 'o'"
        )
        columns = {name for (name,) in cursor.fetchall()}

    assert columns | {"url"} == {field.name for field in dataclasses.fields(IssueResult)}
