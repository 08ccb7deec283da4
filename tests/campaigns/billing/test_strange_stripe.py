"""A Stripe that answers nonsense, that knows none of our ids any more, or that is asked at the wrong moment."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import Organization
from campaigns.billing import collection
from campaigns.billing.collection import begin_payment, collect, process_payment
from campaigns.billing.statements import close_months
from campaigns.models import Payment, PaymentMethod, Statement
from moments.integrations import stripe as stripe_api
from moments.integrations.decline_messages import words_for
from outbox.emails.rendering import render_mail
from outbox.models import Mail
from tests import make
from tests.campaigns.billing.test_payments import GOOD, set_up
from tests.campaigns.billing.test_statements import issue_last_month
from tests.harness.strange_server import NONSENSE, strange_server


def calls() -> list:
    """Every call to Stripe that there is."""
    return [
        lambda: stripe_api.create_customer(organization_id=1, name="Spoke", email="a@example.com"),
        lambda: stripe_api.begin_setup("cus_1"),
        lambda: stripe_api.card_of_setup("seti_1", "cus_1"),
        lambda: stripe_api.create_intent(customer_id="cus_1", method_id="pm_1", amount_cents=500, reference="r"),
        lambda: stripe_api.begin_intent(amount_cents=500, currency="USD", reference="r"),
        lambda: stripe_api.cancel("pi_1"),
        lambda: stripe_api.retrieve_intent("pi_1"),
        lambda: stripe_api.confirm("pi_1"),
        lambda: stripe_api.refund("pi_1", reference="r"),
    ]


@pytest.mark.parametrize("mode", NONSENSE)
def test_an_answer_that_nothing_can_be_read_from_is_no_answer(settings, stripe, db, mode):
    with strange_server(mode) as strange:
        settings.STRIPE_API_BASE = strange.url
        for call in calls():
            with pytest.raises((stripe_api.OutcomeUnknown, stripe_api.Declined)) as caught:
                call()
            is_refused = mode in {"empty", "wrong types"} and "not set up" in str(caught.value)
            assert isinstance(caught.value, stripe_api.OutcomeUnknown) or is_refused
        assert strange.calls >= len(calls())


def test_an_answer_about_another_payment_is_no_answer(stripe, db):
    made = stripe_api.begin_intent(amount_cents=500, currency="USD", reference="one")

    with pytest.raises(ValueError, match="another"):
        stripe_api._reader("pi_another")(
            stripe_api._client("sk_test_moments", stripe).v1.payment_intents.retrieve(made.id)
        )


@pytest.mark.parametrize("mode", ["empty", "html", "broken"])
def test_no_page_of_cards_breaks_by_nonsense(settings, stripe, payer, client, now, mode):
    set_up(stripe, payer, GOOD, now)
    client.force_login(payer.user)
    with strange_server(mode) as strange:
        settings.STRIPE_API_BASE = strange.url

        page = client.get(reverse("console:billing:card"))
        kept = client.post(reverse("console:billing:keep_card"), {"setup": "seti_1"})

    assert (page.status_code, page["Retry-After"]) == (503, "60")
    assert "is not responding" in page.text and "Nothing is lost" in page.text
    assert kept.status_code in {302, 503}
    assert PaymentMethod.objects.get().last4 == "4242"


def test_a_payment_that_fails_unforeseen_holds_up_no_other_statement(stripe, statement, payer, now, monkeypatch):
    set_up(stripe, payer, GOOD, now)
    other = another_statement(stripe, now)
    charge = collection._charge

    def breaks_once(payment):
        return 1 / 0 if payment.statement_id == statement.pk else charge(payment)

    monkeypatch.setattr(collection, "_charge", breaks_once)

    collect(now=now)

    other.refresh_from_db()
    statement.refresh_from_db()
    assert (other.status, statement.status) == ("paid", "due")


def another_statement(stripe: str, now: dt.datetime) -> Statement:
    member = make.member()
    Organization.objects.filter(pk=member.organization_id).update(payment_waived_at=now)
    issue_last_month(make.campaign(of=member, days=(-90, 30)), now, times=1)
    Organization.objects.filter(pk=member.organization_id).update(payment_waived_at=None)
    set_up(stripe, member, GOOD, now)
    close_months(now=now)
    return Statement.objects.get(organization=member.organization)


# Ids that it no longer knows


def forget_customer(method: PaymentMethod) -> None:
    """As when the keys are of another account: nothing of ours is known there."""
    PaymentMethod.objects.filter(pk=method.pk).update(customer_id="cus_of_before", method_id="pm_of_before")


def test_after_a_change_of_keys_another_card_can_be_set_up_and_is_charged(stripe, statement, payer, now):
    forget_customer(set_up(stripe, payer, GOOD, now))

    method = set_up(stripe, payer, GOOD, now)
    collect(now=now)

    assert method.customer_id != "cus_of_before" and method.method_id != "pm_of_before"
    statement.refresh_from_db()
    assert statement.status == "paid"


def test_a_card_that_stripe_no_longer_knows_fails_in_our_words_and_leads_on(stripe, statement, payer, client, now):
    forget_customer(set_up(stripe, payer, GOOD, now))

    collect(now=now)

    payment = Payment.objects.get()
    assert (payment.status, payment.reason) == (
        "failed",
        "Our payment provider no longer knows this card. Set up a card again.",
    )
    mail = render_mail(Mail.objects.get(kind="payment_failed")).text
    assert "Set up a card again" in mail
    for raw in ("No such", "Not Found", "cus_of_before", "pm_of_before"):
        assert raw not in mail and raw not in payment.reason
    client.force_login(payer.user)
    assert client.get(reverse("console:billing:card")).status_code == 200


def test_a_charge_that_stripe_does_not_know_ends_and_operators_hear_of_it(stripe, statement, payer, now):
    set_up(stripe, payer, GOOD, now)
    payment = begin_payment(statement, now=now)
    Payment.objects.update(intent_id="pi_of_before")

    process_payment(payment.pk, now=now)

    assert Payment.objects.get().status == "failed"
    assert "pi_of_before" in Mail.objects.get(kind="plain", subject__contains="payment").text
    collect(now=now + dt.timedelta(days=3))
    statement.refresh_from_db()
    assert statement.status == "paid", "it is tried again under the keys of now"


def test_what_stripe_says_to_programmers_is_mailed_to_nobody(stripe, statement, payer, now, monkeypatch):
    set_up(stripe, payer, GOOD, now)

    def refused(_id):
        raise stripe_api.RequestRejected("InvalidRequestError parameter_unknown off_session")

    monkeypatch.setattr(stripe_api, "confirm", refused)
    collect(now=now)

    assert Payment.objects.get().reason == "Our payment provider did not take this payment."


def test_every_reason_of_a_bank_has_words_of_ours():
    for code in ("insufficient_funds", "expired_card", "incorrect_cvc", "authentication_required", "try_again_later"):
        assert words_for("card_declined", code) != words_for("card_declined")
    assert words_for("unheard_of", "<b>") == "The card was declined by its bank."


# Waived meanwhile


def test_a_payment_that_was_begun_is_not_charged_once_it_is_waived(stripe, statement, payer, now):
    set_up(stripe, payer, GOOD, now)
    payment = begin_payment(statement, now=now)
    Organization.objects.update(payment_waived_at=now)

    collect(now=now)

    payment.refresh_from_db()
    assert (payment.status, payment.intent_id) == ("failed", "")
    assert "settled otherwise" in payment.reason
    assert not Mail.objects.filter(kind="payment_failed").exists()
    assert begin_payment(statement, now=now) is None


def test_a_charge_that_was_prepared_is_called_off_once_it_is_waived(stripe, statement, payer, now, monkeypatch):
    set_up(stripe, payer, GOOD, now)
    confirm, create = stripe_api.confirm, stripe_api.create_intent

    def waived_meanwhile(**fields):
        made = create(**fields)
        Organization.objects.update(payment_waived_at=now)
        return made

    monkeypatch.setattr(stripe_api, "create_intent", waived_meanwhile)
    collect(now=now)

    assert Payment.objects.get().status == "failed"
    assert stripe_api.retrieve_intent(Payment.objects.get().intent_id).status == "canceled"
    statement.refresh_from_db()
    assert statement.status == "due"
    assert confirm is stripe_api.confirm


def test_what_went_through_before_it_was_waived_is_paid(stripe, statement, payer, now):
    set_up(stripe, payer, GOOD, now)
    payment = begin_payment(statement, now=now)
    made = stripe_api.create_intent(
        customer_id=payment.customer_id, method_id=payment.method_id, amount_cents=5500, reference="lost"
    )
    stripe_api.confirm(made.id)
    Payment.objects.update(intent_id=made.id)
    Organization.objects.update(payment_waived_at=now)

    collect(now=now)

    statement.refresh_from_db()
    assert (statement.status, Payment.objects.get().status) == ("paid", "succeeded")
