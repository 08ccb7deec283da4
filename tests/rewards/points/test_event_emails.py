"""Addresses that apps send with events: one email about an automatic exchange, and then the address is gone."""

import datetime as dt

import pytest

from campaigns.approval.transitions import resume, take_down
from moments.errors import RuleViolation
from operations.retention import forget_old_data
from outbox.emails.delivery import deliver_due
from outbox.emails.rendering import render_mail
from outbox.models import EmailSuppression, Mail
from rewards.issuing.service import reward_link
from rewards.ledger.reconciliation import find_discrepancies
from rewards.models import PointEvent, PointEventEmail, PointExchange, Reward, StuckExchange
from rewards.points.adjustments import adjust_points
from rewards.points.automatic import dismiss_stuck_exchange, retry_stuck_exchange
from rewards.points.event_emails import address_in
from rewards.points.events import EventRequest, record_event
from rewards.points.exchanges import exchange_points
from rewards.points.reversals import reverse_event
from rewards.points.settlement import settle_due
from rewards.points.setup.rule_editor import add_rule
from rewards.points.setup.tiers import add_tier, retire_tier

DAY = dt.timedelta(days=1)
KIM = "kim@example.com"


@pytest.fixture
def tier(program, campaign, now):
    """Automatic, at 100 points. A level earns 60, a walk 130 that are pending for a day."""
    add_rule(program, action="level", points_per_event=60, now=now)
    add_rule(program, action="buy", points_per_quantity=1, now=now)
    add_rule(program, action="walk", points_per_event=130, pending_days=1, now=now)
    return add_tier(program, points=100, group=campaign.groups.get(), is_automatic=True, now=now)


@pytest.fixture
def tell(app, now):
    def act(event_id: str, action: str = "level", *, email: str = KIM, at: dt.datetime = now, **more):
        fields = {name: more.pop(name) for name in ("is_live",) if name in more}
        return record_event(app, EventRequest(event_id, "ada", action, email=email, **more), now=at, **fields)

    return act


def mailed() -> list[str]:
    return list(Mail.objects.filter(kind="points_exchanged").order_by("pk").values_list("to_email", flat=True))


def kept() -> list[str]:
    return list(PointEventEmail.objects.order_by("pk").values_list("event__event_id", flat=True))


def test_the_exchange_that_an_event_causes_is_emailed_once_with_the_reward_url(app, tier, tell):
    tell("e1", email="")
    assert len(tell("e2", email="Kim@Example.com").exchanged) == 1
    tell("e2")

    mail = Mail.objects.get(kind="points_exchanged")
    exchange = PointExchange.objects.get()
    assert (mail.to_email, mail.user, mail.context) == (KIM, None, {"exchange": exchange.pk})
    assert mail.dedupe_key == f"points_exchanged:{exchange.pk}"
    rendered, url = render_mail(mail), reward_link(exchange.reward)
    assert url in rendered.text and url in rendered.html and "Points exchanged: 100" in rendered.text
    assert rendered.subject == f"{app.name}: a reward for your points"
    assert not PointEventEmail.objects.exists()


def test_each_of_several_exchanges_has_its_email(tier, tell):
    tell("e1", "buy", quantity=320)

    assert mailed() == [KIM] * 3 and kept() == []


def test_what_is_exchanged_on_request_or_for_an_event_without_address_is_not_emailed(app, campaign, tier, tell, now):
    tell("e1", "walk")
    tell("e2", email="")
    exchange_points(app, app_user_id="ada", tier=on_request(campaign, tier, now), idempotency_key="x", now=now)
    tell("e3", email="")
    tell("e4", email="")

    assert PointExchange.objects.count() == 2 and mailed() == [] and kept() == ["e1"]


def on_request(campaign, tier, now):
    return add_tier(tier.program, points=10, group=campaign.groups.get(), now=now)


def test_points_that_were_pending_are_emailed_by_the_event_that_earned_them(tier, tell, now):
    tell("e1", "walk")
    tell("e2", "buy", email="other@example.com", quantity=1)
    assert kept() == ["e1"]

    settle_due(now=now + DAY / 100)
    assert kept() == ["e1"] and mailed() == []
    settle_due(now=now + 2 * DAY)

    assert PointExchange.objects.get().event.event_id == "e1"
    assert mailed() == [KIM] and kept() == []


@pytest.mark.parametrize("ending", ["exchanged", "dismissed"])
def test_an_address_is_kept_while_its_exchange_is_stuck(campaign, member, tier, tell, now, ending):
    take_down(campaign, by=None, now=now)
    tell("e1"), tell("e2")
    resume(campaign, by=None, now=now)
    settle_due(now=now)
    assert kept() == ["e2"] and mailed() == []

    finish = retry_stuck_exchange if ending == "exchanged" else dismiss_stuck_exchange
    for _time in range(2):
        finish(StuckExchange.objects.get(), by=member, now=now)

    assert kept() == [] and mailed() == [KIM] * (ending == "exchanged")


def test_a_refused_retry_keeps_the_address_and_emails_nobody(campaign, member, tier, tell, now):
    take_down(campaign, by=None, now=now)
    tell("e1"), tell("e2")

    with pytest.raises(RuleViolation):
        retry_stuck_exchange(StuckExchange.objects.get(), by=member, now=now)

    assert kept() == ["e2"] and mailed() == [] and not Reward.objects.exists()


def test_only_what_can_still_cause_an_exchange_is_kept(program, tier, tell, now):
    tell("available", "level")
    tell("nothing", "buy", quantity=0)
    tell("test", "walk", is_live=False)
    settle_due(now=now + 2 * DAY)
    retire_tier(tier, now=now)
    tell("no tier", "walk")

    assert kept() == [] and mailed() == []


def test_a_test_key_emails_nobody(tier, tell):
    assert len(tell("e1", "buy", quantity=150, is_live=False).exchanged) == 1

    assert PointExchange.objects.get().reward is None and mailed() == [] and kept() == []


def test_a_reversal_of_all_points_forgets_the_address_and_one_of_a_part_does_not(app, tier, tell, now):
    tell("e1", "walk", quantity=2)

    reverse_event(app, "e1", quantity=1, idempotency_key="k", now=now)
    assert kept() == ["e1"]
    reverse_event(app, "e1", quantity=1, idempotency_key="l", now=now)

    assert kept() == []


def test_the_address_is_no_part_of_what_an_event_is(tier, tell, now):
    tell("e1", "walk")

    assert tell("e1", "walk", email="other@example.com").is_replay and tell("e1", "walk", email="").is_replay

    settle_due(now=now + 2 * DAY)
    assert mailed() == [KIM]


@pytest.mark.parametrize("email", ["kim", "kim@", "kim@example.com\n", "k im@example.com", f"{'k' * 300}@example.com"])
def test_an_address_that_is_none_is_refused_and_the_event_is_not_counted(tier, tell, email):
    with pytest.raises(RuleViolation) as caught:
        tell("e1", email=email)

    assert (caught.value.code, caught.value.field) == ("invalid_request", "email")
    assert not PointEvent.objects.exists()
    with pytest.raises(RuleViolation):
        address_in(email)


def test_an_address_is_forgotten_after_a_fixed_time_whatever_waits_for_it(program, tier, tell, now):
    add_rule(program, action="wait", points_per_event=130, pending_days=365, now=now)
    tell("e1", "wait")

    assert forget_old_data(now=now + 89 * DAY)["emails of point events"] == 0 and kept() == ["e1"]
    assert forget_old_data(now=now + 91 * DAY)["emails of point events"] == 1 and kept() == []

    settle_due(now=now + 400 * DAY)
    assert PointExchange.objects.count() == 1 and mailed() == []


def test_what_settles_matured_points_leaves_their_exchange_to_the_sweep(app, program, tier, tell, now):
    tell("e1", "walk")
    later = now + 2 * DAY

    for points in (5, -5):
        key = f"k{points}"
        adjust_points(program, app_user_id="ada", points=points, reason="x", idempotency_key=key, now=later)
    tell("e2", "buy", at=later, email="other@example.com", quantity=0)
    assert (PointExchange.objects.count(), kept()) == (0, ["e1"])

    assert [settle_due(now=later), settle_due(now=later)] == [1, 0]
    assert PointExchange.objects.get().event.event_id == "e1" and (mailed(), kept()) == ([KIM], [])
    assert find_discrepancies() == []


def test_an_event_that_comes_before_the_sweep_exchanges_matured_points(tier, tell, now):
    tell("e1", "walk")
    later = now + 2 * DAY

    assert len(tell("e2", "buy", at=later, email="other@example.com", quantity=1).exchanged) == 1

    assert [settle_due(now=later), PointExchange.objects.count()] == [0, 1]
    assert (mailed(), kept()) == (["other@example.com"], [])


def test_nothing_is_left_to_the_sweep_without_automatic_tiers(program, tier, tell, now):
    retire_tier(tier, now=now)
    tell("e1", "walk")

    tell("e2", "buy", at=now + 2 * DAY)

    assert settle_due(now=now + 2 * DAY) == 0


def test_a_suppressed_address_is_held_as_of_every_email(tier, tell, now, settings):
    settings.DEMO = True
    EmailSuppression.objects.create(email=KIM, occurred_at=now, method="returned")
    tell("e1", "buy", quantity=100)
    tell("e2", "buy", email="other@example.com", quantity=100)

    deliver_due(now=now)

    statuses = Mail.objects.filter(kind="points_exchanged").order_by("pk").values_list("to_email", "status")
    assert list(statuses) == [(KIM, "held"), ("other@example.com", "sent")]
