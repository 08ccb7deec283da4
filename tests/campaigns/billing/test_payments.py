"""Cards and payments, against a Stripe of our own on this machine."""

import datetime as dt
import json
import threading
import urllib.request

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import Member, Organization
from campaigns.approval import transitions
from campaigns.billing import cards
from campaigns.billing.collection import begin_payment, collect, process_payment
from campaigns.billing.statements import mark_paid
from campaigns.models import Campaign, Payment, PaymentMethod, Statement
from console.home.dashboard import dashboard_of
from moments.errors import RuleViolation
from moments.integrations import stripe as stripe_api
from operations.alarms import alarms
from outbox.emails.rendering import render_mail
from outbox.models import Mail
from tests import make

GOOD, DECLINED_LATER, ASKS_FOR_OWNER, REFUSED = (
    "4242424242424242",
    "4000000000000341",
    "4000002500003155",
    "4000000000000002",
)


def call(base: str, path: str, body: dict | None = None) -> dict:
    """As the browser does it, or Stripe's own pages."""
    data = json.dumps(body).encode() if body is not None else None
    asked = urllib.request.Request(base + path, data, {"Authorization": "Bearer sk_test_moments"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return json.load(answer)


def set_up(base: str, member: Member, number: str, now) -> PaymentMethod:
    """What the browser does between our two pages."""
    setup_id, secret = cards.begin_card(member)
    card = {"number": number, "exp_month": "4", "exp_year": "2031", "cvc": "123"}
    body = {"client_secret": secret, "payment_method_data": {"type": "card", "card": card}}
    if call(base, f"/v1/setup_intents/{setup_id}/confirm", body)["status"] == "requires_action":
        call(base, f"/v1/setup_intents/{setup_id}/confirm", {"client_secret": secret})
    return cards.keep_card(member, setup_id, now=now)


def intents(base: str, method: PaymentMethod) -> list[dict]:
    """Of the customer whose card it is; others have been made in earlier tests."""
    found = call(base, "/v1/payment_intents?limit=10000")["data"]
    return [intent for intent in found if intent["customer"] == method.customer_id]


# Cards


def test_a_card_is_kept_as_its_last_digits(stripe, payer, now):
    method = set_up(stripe, payer, GOOD, now)

    assert (method.brand, method.last4, method.expires, method.owner) == ("visa", "4242", "2031-04", payer.user)
    assert cards.may_be_billed(payer.organization)
    assert "4242424242424242" not in str(PaymentMethod.objects.values())


def test_a_campaign_is_approved_with_a_card_and_not_without(stripe, payer, now):
    campaign = make.campaign("pending", of=payer)
    operator = make.operator()
    with pytest.raises(RuleViolation, match="no payment method"):
        transitions.approve_campaign(campaign, by=operator, now=now)

    set_up(stripe, payer, GOOD, now)
    transitions.approve_campaign(campaign, by=operator, now=now)

    assert Campaign.objects.get().status == "approved"


def test_a_setup_that_is_not_done_or_anothers_is_refused(stripe, payer, now):
    begun, _secret = cards.begin_card(payer)
    other = make.member()
    theirs, secret = cards.begin_card(other)
    card = {"number": GOOD, "exp_month": "4", "exp_year": "2031", "cvc": "123"}
    body = {"client_secret": secret, "payment_method_data": {"type": "card", "card": card}}
    call(stripe, f"/v1/setup_intents/{theirs}/confirm", body)

    for setup_id in (begun, theirs, "seti_nobody", ""):
        with pytest.raises(RuleViolation):
            cards.keep_card(payer, setup_id, now=now)

    assert not cards.may_be_billed(payer.organization)


def test_whoever_sets_the_first_card_owns_the_billing(stripe, payer, now):
    first = make.member(Member.Role.ADMIN, organization=payer.organization)
    set_up(stripe, first, GOOD, now)

    for act in (lambda: cards.begin_card(payer), lambda: cards.forget_card(payer)):
        with pytest.raises(RuleViolation, match="owns the billing"):
            act()
    with pytest.raises(RuleViolation, match="may not"):
        cards.hand_over(first, to=payer)

    cards.hand_over(payer, to=payer)
    assert set_up(stripe, payer, GOOD, now).owner == payer.user


@pytest.mark.parametrize("role", [Member.Role.EDITOR, Member.Role.ANALYST])
def test_others_set_no_card_and_are_handed_nothing(stripe, payer, role, now):
    other = make.member(role, organization=payer.organization)
    set_up(stripe, payer, GOOD, now)

    with pytest.raises(RuleViolation):
        cards.begin_card(other)
    with pytest.raises(RuleViolation, match="Only an owner or administrator"):
        cards.hand_over(payer, to=other)
    assert PaymentMethod.objects.get().owner == payer.user


def test_a_card_is_not_removed_while_something_runs_or_is_due(stripe, statement, payer, now):
    set_up(stripe, payer, GOOD, now)
    with pytest.raises(RuleViolation, match="runs or is paused"):
        cards.forget_card(payer)

    transitions.finish(Campaign.objects.get(), by=payer.user, now=now)
    with pytest.raises(RuleViolation, match="still due"):
        cards.forget_card(payer)

    collect(now=now)
    cards.forget_card(payer)
    assert not cards.may_be_billed(payer.organization)


def test_without_keys_of_stripe_no_card_is_asked_for(payer, console):
    with pytest.raises(RuleViolation, match="takes no cards"):
        cards.begin_card(payer)
    assert "Set up a card" not in console.get(reverse("console:billing:list")).text


def test_a_provider_that_is_gone_is_told_kindly(stripe, payer, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"

    with pytest.raises(RuleViolation, match="is not responding"):
        cards.begin_card(payer)


def test_no_key_goes_out_in_the_clear(stripe, payer, settings):
    settings.STRIPE_API_BASE = "http://stripe.example"

    with pytest.raises(RuleViolation, match="https"):
        cards.begin_card(payer)


# Payments


def test_a_statement_is_charged_once_however_often_beat_runs(stripe, statement, payer, now):
    method = set_up(stripe, payer, GOOD, now)

    for _time in range(3):
        collect(now=now)

    statement.refresh_from_db()
    assert (statement.status, statement.paid_at) == ("paid", now)
    assert [(intent["amount"], intent["status"]) for intent in intents(stripe, method)] == [(5500, "succeeded")]
    assert Payment.objects.get().status == "succeeded"


def test_nobody_with_a_waiver_is_charged(stripe, statement, payer, now):
    set_up(stripe, payer, GOOD, now)
    Organization.objects.update(payment_waived_at=now)

    collect(now=now)

    assert not Payment.objects.exists()


def test_a_key_that_is_not_taken_is_no_fault_of_the_card(stripe, statement, payer, settings, now):
    set_up(stripe, payer, GOOD, now)
    good, settings.STRIPE_SECRET_KEY = settings.STRIPE_SECRET_KEY, "revoked"

    collect(now=now)
    collect(now=now + dt.timedelta(hours=1))

    payment = Payment.objects.get()
    assert payment.status == "open" and not Mail.objects.filter(kind="payment_failed").exists()
    assert "statements_late" in {alarm.code for alarm in alarms(now=now + dt.timedelta(hours=1))}
    settings.STRIPE_SECRET_KEY = good
    collect(now=now + dt.timedelta(hours=2))
    assert Payment.objects.get().status == "succeeded"
    assert "statements_late" not in {alarm.code for alarm in alarms(now=now + dt.timedelta(hours=2))}


def test_where_the_keys_are_taken_away_a_statement_is_paid_otherwise(stripe, statement, payer, settings, now):
    set_up(stripe, payer, GOOD, now)
    settings.STRIPE_SECRET_KEY = ""

    collect(now=now)
    mark_paid(statement, by=make.operator(), now=now)

    assert Payment.objects.get().status == "failed"
    assert Statement.objects.get().status == "paid"


def test_a_card_that_is_declined_is_tried_again_after_days_and_told_each_time(stripe, statement, payer, now):
    set_up(stripe, payer, DECLINED_LATER, now)
    day = dt.timedelta(days=1)

    tried = []
    for days in (0, 1, 2.9, 3, 5, 7, 8, 30):
        collect(now=now + days * day)
        tried.append(Payment.objects.count())

    assert tried == [1, 1, 1, 2, 2, 3, 3, 3]
    payment = Payment.objects.first()
    assert payment.status == "failed" and "declined" in payment.reason
    mails = Mail.objects.filter(kind="payment_failed", to_email=payer.user.email)
    assert mails.count() == 3
    assert "$55.00" in render_mail(mails.first()).text
    statement.refresh_from_db()
    assert statement.status == "due"
    assert any("by Visa •••• 0341 failed" in need.text for need in dashboard_of(payer, now=now).needs)


def test_another_card_is_charged_at_once(stripe, statement, payer, now):
    set_up(stripe, payer, DECLINED_LATER, now)
    collect(now=now)

    set_up(stripe, payer, GOOD, now)
    collect(now=now)

    statement.refresh_from_db()
    assert statement.status == "paid"


def test_a_card_that_wants_its_owner_fails_and_says_so(stripe, statement, payer, now):
    set_up(stripe, payer, ASKS_FOR_OWNER, now)

    collect(now=now)

    assert "Set the card up again" in Payment.objects.get().reason


def test_a_card_that_is_refused_at_once_is_not_kept(stripe, payer, now):
    with pytest.raises(urllib.error.HTTPError):
        set_up(stripe, payer, REFUSED, now)

    assert not cards.may_be_billed(payer.organization)


def test_an_answer_that_is_lost_is_asked_for_and_nothing_is_charged_twice(stripe, statement, payer, now, monkeypatch):
    set_up(stripe, payer, GOOD, now)
    confirm, asked = stripe_api.confirm, []

    def lost(intent_id):
        asked.append(intent_id)
        confirm(intent_id)
        raise stripe_api.OutcomeUnknown("the line went dead")

    monkeypatch.setattr(stripe_api, "confirm", lost)
    collect(now=now)
    assert Payment.objects.get().status == "open"
    statement.refresh_from_db()
    assert statement.status == "due"
    with pytest.raises(RuleViolation, match="under way"):
        mark_paid(statement, by=make.operator(), now=now)

    collect(now=now)

    assert Payment.objects.get().status == "succeeded" and len(asked) == 1
    statement.refresh_from_db()
    assert statement.status == "paid"


def test_a_number_that_is_lost_before_it_is_kept_costs_nothing(stripe, statement, payer, now, monkeypatch):
    """The process dies between the intent and the row: the intent was never confirmed."""
    set_up(stripe, payer, GOOD, now)
    create, made = stripe_api.create_intent, []

    def dies_once(**fields):
        made.append(create(**fields))
        if len(made) == 1:
            raise stripe_api.OutcomeUnknown("killed")
        return made[-1]

    monkeypatch.setattr(stripe_api, "create_intent", dies_once)
    collect(now=now)
    collect(now=now)

    ended = [stripe_api.retrieve_intent(intent.id).status for intent in made]
    assert ended[-1] == "succeeded" and ended.count("succeeded") == 1
    statement.refresh_from_db()
    assert statement.status == "paid"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_workers_charge_once(stripe, statement, payer, now):
    set_up(stripe, payer, GOOD, now)
    payment = begin_payment(statement, now=now)
    assert begin_payment(statement, now=now) is None, "one is open"
    done, together = [], threading.Barrier(4)

    def worker():
        together.wait()
        try:
            done.append(process_payment(payment.pk, now=now))
        finally:
            connection.close()

    crowd = [threading.Thread(target=worker) for _number in range(4)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()

    assert sorted(done) == [False, False, False, True]
    assert Payment.objects.get().status == "succeeded"


def test_a_worker_that_is_gone_is_followed_by_another(stripe, statement, payer, now):
    set_up(stripe, payer, GOOD, now)
    payment = begin_payment(statement, now=now)
    Payment.objects.update(claimed_at=now)

    assert not process_payment(payment.pk, now=now + dt.timedelta(minutes=4))
    assert process_payment(payment.pk, now=now + dt.timedelta(minutes=6))


# Pages


def test_the_pages_of_a_card(stripe, payer, client, now):
    client.force_login(payer.user)
    page = client.get(reverse("console:billing:card"))
    assert stripe in page["Content-Security-Policy"] or "js.stripe.com" in page["Content-Security-Policy"]
    assert 'data-key="pk_test_moments"' in page.text

    client.post(reverse("console:billing:keep_card"), {"setup": "seti_nobody\x00" * 20})
    assert not PaymentMethod.objects.exclude(method_id="").exists()

    set_up(stripe, payer, GOOD, now)
    page = client.get(reverse("console:billing:list")).text
    assert "Visa •••• 4242" in page and "Replace the card" in page and "Hand over the billing" in page
    assert "not charged any more" in client.get(reverse("console:billing:remove_card")).text
    assert client.post(reverse("console:billing:remove_card"), follow=True).status_code == 200
    assert not cards.may_be_billed(payer.organization)


def test_the_billing_is_handed_over_on_its_page_to_ones_own_people_alone(stripe, payer, client, now):
    client.force_login(payer.user)
    set_up(stripe, payer, GOOD, now)
    page, stranger = reverse("console:billing:hand_over"), make.member()
    admin = make.member(Member.Role.ADMIN, organization=payer.organization)

    assert "not one of the available" in client.post(page, {"to": stranger.pk}).text
    assert PaymentMethod.objects.get().owner == payer.user
    client.post(page, {"to": admin.pk})
    assert PaymentMethod.objects.get().owner == admin.user


@pytest.mark.parametrize("name", ["card", "keep_card", "remove_card", "hand_over"])
def test_an_editor_has_no_page_of_cards(stripe, payer, client, name):
    client.force_login(make.member(Member.Role.EDITOR, organization=payer.organization).user)

    answer = client.post(reverse(f"console:billing:{name}"))

    assert answer.status_code == 403
